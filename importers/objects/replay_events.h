/*
 * Who is still asked to review a merge request: its review requests are kept while the timeline is read, and
 * replayed once it is complete (lib/gitlab/github_import/importer/replay_events_importer.rb,
 * importer/pull_requests/review_request_importer.rb,
 * app/workers/gitlab/github_import/replay_events_worker.rb).
 *
 * A `parent` here is a ParentCollection's: {"iid":.., "issuable_type": "Issue" or "MergeRequest", ..}.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

/* Keeps a review request: `event` is its representation before the member `issue` is replaced. May be
 * repeated. */
gboolean replay_events_cache(Stage *stage, const json_t *event, const json_t *parent, GError **error);
/* ParentCollection.parent_done: enqueues the replay when there is something to replay. */
gboolean replay_events_parent_done(Scheduling *scheduling, const json_t *parent, GError **error);

/* Gitlab::GithubImport::ReplayEventsWorker. */
extern const ObjectImporter replay_event_importer;
