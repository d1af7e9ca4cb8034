/*
 * Gitlab::GithubImport::JobDelayCalculator (lib/gitlab/github_import/job_delay_calculator.rb): how object
 * jobs are spread over time, `concurrent_github_import_jobs_limit` of them (an application setting, in
 * application_settings.rate_limits, 1,000 by default) a minute. Times are in seconds.
 */
#pragma once

#include "importers/gitlab/session.h"

/* The setting. One query. */
gboolean job_delay_jobs_per_minute(Session *session, guint *jobs_per_minute, GError **error);
/* Seconds from the start of a stage's run until its n-th job (from 0) is due. */
double job_delay(guint64 n, guint jobs_per_minute);
/* Seconds until what has failed may go on, because GitHub's rate limit is reached or somebody else holds a
 * lease; 0: it failed for another reason. */
double job_delay_reset_in(const GError *error);
/* For a job that is to be repeated in `reset_in` seconds at the earliest: spreads the jobs of its type that
 * wait for the same thing (app/workers/concerns/gitlab/github_import/rescheduling_methods.rb). With PACE_AUTO
 * by a thousandth of a second each, as executors are the limit then. */
gboolean job_delay_reschedule(Session *session, gint64 project_id, const char *object_type, double reset_in,
                              double *delay, GError **error);
