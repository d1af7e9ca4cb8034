/*
 * The jobs of one working list as this process knows them: delivered, and their settlement not yet answered.
 * A multiset of exact bytes, because equal jobs may be in the list more than once. Not thread-safe.
 */
#pragma once

#include <glib.h>

typedef struct WorkingJobs WorkingJobs;

WorkingJobs *working_jobs_new(void);
void working_jobs_free(WorkingJobs *jobs);

/* How often the job is in the set now. */
guint working_jobs_add(WorkingJobs *jobs, const char *raw, gsize length);
void working_jobs_remove(WorkingJobs *jobs, const char *raw, gsize length);
guint working_jobs_count(const WorkingJobs *jobs, const char *raw, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WorkingJobs, working_jobs_free)
