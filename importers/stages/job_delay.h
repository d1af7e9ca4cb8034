/*
 * Gitlab::GithubImport::JobDelayCalculator (lib/gitlab/github_import/job_delay_calculator.rb): how object jobs are spread
 * over time, `concurrent_github_import_jobs_limit` of them (an application setting, 1,000 by default) a minute.
 */
#pragma once

#include "importers/gitlab/session.h"

/* Seconds from the start of a stage's run until its n-th job (from 0) is due. */
double job_delay(guint64 n, guint jobs_per_minute);
/* For a job that is to be repeated in `reset_in` seconds at the earliest: spreads the jobs that wait for the same thing
 * (rescheduling_methods.rb). With PACE_AUTO by a fraction of a second each, as executors are the limit then. */
gboolean job_delay_reschedule(Session *session, gint64 project_id, const char *object_type, double reset_in,
                              double *delay, GError **error);
