/*
 * What of a collection is scheduled (lib/gitlab/github_import/parallel_scheduling.rb): the set
 * already-imported, the waiter of the collection's jobs and how many jobs it has to wait for, the counters
 * `fetched`. All in the shared-state Redis, in Ruby's keys, 24 hours after they were last written.
 *
 * Jobs are pushed first and recorded afterwards. A stage that is killed in between pushes them again: with
 * the same jid, which its waiter counts once.
 *
 * Not thread-safe.
 */
#pragma once

#include "importers/gitlab/session.h"

typedef struct ScheduledJobs ScheduledJobs;

/* Finds or makes the waiter. (transfer full) */
ScheduledJobs *scheduled_jobs_load(Session *session, gint64 project_id, const char *collection,
                                   GError **error);
void scheduled_jobs_free(ScheduledJobs *jobs);

/* Borrowed. */
const char *scheduled_jobs_waiter(const ScheduledJobs *jobs);
/* How many jobs the waiter has to wait for. */
gint64 scheduled_jobs_count(const ScheduledJobs *jobs);
/* How many of these have not told it yet that they are done. */
gboolean scheduled_jobs_unfinished(ScheduledJobs *jobs, gint64 *count, GError **error);
/* The jid of the object's job: always the same for this waiter. (transfer full) */
char *scheduled_jobs_jid(const ScheduledJobs *jobs, const char *id);

/* One gboolean for each of `ids` (of char *). (transfer full) */
gboolean *scheduled_jobs_contain(ScheduledJobs *jobs, const GPtrArray *ids, GError **error);
/* Records objects whose jobs were pushed; `types` is what `fetched` counts each of them as, NULL: not at all.
 */
gboolean scheduled_jobs_record(ScheduledJobs *jobs, const GPtrArray *ids, const GPtrArray *types,
                               GError **error);
/* The collection is scheduled: the set is kept for 15 minutes more. */
gboolean scheduled_jobs_end(ScheduledJobs *jobs, GError **error);
/* Whether an earlier run, Ruby's or ours, has come to that end longer ago: there are jobs, but the set is
 * gone already. Its last page must not be scheduled again. */
gboolean scheduled_jobs_ended(ScheduledJobs *jobs, gboolean *ended, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScheduledJobs, scheduled_jobs_free)
