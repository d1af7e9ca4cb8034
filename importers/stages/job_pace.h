/*
 * How fast a run enqueues the jobs of a collection (Configuration.pace).
 *
 * PACE_GITLAB: through the schedule, job after job at its delay (job_delay.h) less the time that the run has
 * taken already, at least a second (lib/gitlab/github_import/parallel_scheduling.rb). PACE_AUTO: at once, but
 * a page waits up to a second while more than Configuration.backlog of the collection's jobs are unfinished.
 */
#pragma once

#include "importers/stages/scheduled_jobs.h"

typedef struct JobPace JobPace;

/* The run begins now. With PACE_GITLAB `jobs_per_minute` jobs are due in a minute; 0: as many as the
 * application setting says. The session is borrowed. (transfer full) */
JobPace *job_pace_new(Session *session, guint jobs_per_minute, GError **error);
void job_pace_free(JobPace *pace);

/* Waits for its turn to push a page; FALSE with what session_check_stopping() says when it would have to. */
gboolean job_pace_wait(JobPace *pace, ScheduledJobs *jobs, GError **error);
/* When the next `n` jobs are due, in seconds since the epoch; NULL: now. (transfer full) */
double *job_pace_times(JobPace *pace, guint n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(JobPace, job_pace_free)
