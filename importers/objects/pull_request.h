/*
 * Gitlab::GithubImport::Importer::PullRequestImporter (lib/gitlab/github_import/importer/
 * pull_request_importer.rb, lib/gitlab/import/merge_request_helpers.rb): a pull request becomes a merge
 * request with its assignee and its diff; the source branch of an open one is made where it is missing.
 *
 * One that exists already keeps its columns and gets its diff anew, as in Ruby. Unlike in Ruby, all rows of a
 * merge request are written in one transaction, and one that no import has written is left alone.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter pull_request_importer;

/* Gitlab::GithubImport::Importer::PullRequestsImporter: which refetches the repository for pull requests that
 * are newer than the mirror (pull_requests_importer.rb). pull_request_collection.c */
extern const ObjectCollection pull_requests_collection;

extern const TableColumns merge_request_assignee_columns;
