/*
 * Events of a timeline become what GitLab keeps of an issue's or merge request's history: events and resource
 * events, system notes, comments. None changes the issue itself.
 *
 * Gitlab::GithubImport::Importer::IssueEventImporter
 * (lib/gitlab/github_import/importer/issue_event_importer.rb), which leaves each kind of event to an importer
 * of its own (importer/events/; here events/). Unlike Ruby's, an event whose issue is not there writes
 * nothing at all, and a job executed twice writes its rows once.
 */
#pragma once

#include "importers/objects/object_importer.h"

extern const ObjectImporter issue_event_importer;
