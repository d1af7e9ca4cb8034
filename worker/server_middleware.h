/*
 * What GitLab's Sidekiq server middleware does around perform, in its order
 * (lib/gitlab/sidekiq_middleware.rb): the duplicate-job cookie before perform, or after it for until_executed
 * classes. (The status key is deleted with the acknowledgement, see worker/status_keys.h.)
 *
 * These steps must not be left out, or later jobs with equal arguments are dropped. So while Redis is away
 * they are tried again until it is back, and each failure is logged. In the executor's thread.
 */
#pragma once

#include "importers/gitlab/session.h"

/* Before jobs of the session's class that are performed together, or before one. FALSE: Redis is away and the
 * process is to stop; they must not be started. */
gboolean server_middleware_before(Session *session, const Job *const *jobs, guint n_jobs);
/* After the session's job. */
void server_middleware_after(Session *session, gboolean succeeded);
