/*
 * Comments asked for issue by issue and pull request by pull request
 * (lib/gitlab/github_import/importer/single_endpoint_{issue,merge_request}_notes_importer.rb): what the older
 * notes stage does when its import asks for it, and where GitHub refuses to list more of a repository's
 * comments.
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

/* Gitlab::GithubImport::Importer::SingleEndpointIssueNotesImporter. */
extern const ObjectCollection issue_notes_collection;
extern const ParentCollection issue_notes_parents;
/* Gitlab::GithubImport::Importer::SingleEndpointMergeRequestNotesImporter. */
extern const ObjectCollection merge_request_notes_collection;
extern const ParentCollection merge_request_notes_parents;
