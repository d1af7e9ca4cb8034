/*
 * The jobs of imports wherever they are now: running, in a queue, in the schedule or the retry set. For each
 * project: what stands for its stage, and how many jobs of objects wait. At most JOBS_SEEN_PER_LIST jobs of
 * each list are looked at, so that a huge queue costs little.
 */
#pragma once

#include "protocol/autoptr_jansson.h"
#include "protocol/redis.h"

#define JOBS_SEEN_PER_LIST 10000

typedef struct ImportJobs ImportJobs;

/* Stage jobs and AdvanceStageWorker of the GitHub importer are understood. (transfer full) */
ImportJobs *import_jobs_read(Redis *queues, GError **error);
void import_jobs_free(ImportJobs *jobs);

/* {"stage", "next_stage", "waiters", "where", "at", "object_jobs"} of one project; members that are not known
 * are missing. (transfer full) */
json_t *import_jobs_of(const ImportJobs *jobs, gint64 project_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportJobs, import_jobs_free)
