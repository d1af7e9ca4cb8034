/*
 * What becomes of a job (lib/sidekiq/processor.rb, job_retry.rb; base_reliable_fetch.rb of GitLab's fetcher):
 *
 *   malformed payload                        dead set, not counted
 *   payload that only Ruby can read,
 *   class that only Ruby performs            to the fallback queue, not counted
 *   class that nobody here knows             WorkOptions.unknown
 *   not started because the process stops    back to its queue as it was, not counted
 *   success                                  acknowledged
 *   JOB_ERROR_HAND_OVER                      to the fallback queue
 *   JOB_ERROR_INTERRUPTED                    back to its queue, interrupted_count + 1
 *   any other error                          retry set, or, when the retries are exhausted, the dead set
 *
 * A job is handed over only to a queue that this process does not listen to; otherwise it fails, because it
 * would come back at once. Each function writes the job's log line. (transfer full) of each Outcome.
 *
 * Used by one executor, in its thread.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "worker/job_logger.h"
#include "worker/manager.h"

#define PROCESSOR_ERROR (processor_error_quark())
GQuark processor_error_quark(void);
typedef enum { PROCESSOR_ERROR_UNKNOWN_CLASS /* NameError */ } ProcessorError;

/* What the outcomes depend on; borrowed. */
typedef struct Outcomes {
    Session *session; /* for the hook of classes whose retries are exhausted */
    const WorkOptions *work;
    const char *fallback_queue; /* NULL: nothing is handed over */
} Outcomes;

void outcomes_init(Outcomes *outcomes, Session *session, const WorkOptions *work);

Outcome outcomes_not_started(const Delivery *delivery);
/* `error` is that of job_parse(). */
Outcome outcomes_unreadable(const Outcomes *outcomes, const Delivery *delivery, const GError *error);
/* `worker` NULL: nobody here knows the class; otherwise only Ruby performs it, and whatever the policy for
 * unknown classes, Ruby gets it. */
Outcome outcomes_foreign(const Outcomes *outcomes, const JobLogger *logger, const WorkerClass *worker);
Outcome outcomes_done(const JobLogger *logger);
/* `worker` NULL: its class is not known. */
Outcome outcomes_failed(const Outcomes *outcomes, const JobLogger *logger, const WorkerClass *worker,
                        const GError *error);
