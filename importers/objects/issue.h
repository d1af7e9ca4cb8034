/*
 * Issues, with their assignees, label links and search data.
 *
 * The collection is Gitlab::GithubImport::Importer::IssuesImporter
 * (lib/gitlab/github_import/importer/issues_importer.rb, representation/issue.rb). GitHub lists pull requests
 * among the issues; they are scheduled for the sake of their labels, and not counted.
 *
 * The object is IssueAndLabelLinksImporter (issue_and_label_links_importer.rb, issue_importer.rb,
 * app/models/issue.rb). Ruby leaves an issue that was imported before to a unique violation. Here it is as
 * good as imported when an import wrote it, and gets the labels that it lacks; when a user has taken its
 * number, the unique violation stays.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectCollection issues_collection;
extern const ObjectImporter issue_importer;

extern const TableColumns issue_columns, issue_assignee_columns;
