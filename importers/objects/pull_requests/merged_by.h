/*
 * Gitlab::GithubImport::Importer::PullRequests::MergedByImporter and AllMergedByImporter
 * (lib/gitlab/github_import/importer/pull_requests/): who merged a merge request, in merge_request_metrics.
 * For GitLabs up to 17.x; the newest learns it from the timeline (events/merged.c).
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter merged_by_importer;
/* Schedules one job per merged merge request; adds its waiter and count. */
gboolean merged_by_schedule(Stage *stage, json_t *waiters, GError **error);
