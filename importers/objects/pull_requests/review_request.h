/*
 * Gitlab::GithubImport::Importer::PullRequests::ReviewRequestImporter and ReviewRequestsImporter
 * (lib/gitlab/github_import/importer/pull_requests/): who was asked for a review, as reviewers of the merge
 * request. For GitLabs up to 17.x; the newest learns it from the timeline.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter review_request_importer;
/* Schedules one job per merge request; adds its waiter and count. */
gboolean review_requests_schedule(Stage *stage, json_t *waiters, GError **error);
