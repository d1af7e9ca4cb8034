/*
 * Sidekiq::JobRetry (lib/sidekiq/job_retry.rb, 7.3): what a failure does to the payload and when the job runs
 * again. Works on the original payload; the payload's `retry` wins over the class's.
 *
 * C has no backtraces. A payload that asks for one (`backtrace`) gets one line, "hubferry:DOMAIN:CODE", which
 * says where the error comes from. Thread-safe.
 */
#pragma once

#include "protocol/settlement.h"

typedef enum {
    JOB_RETRY_LATER,
    JOB_RETRY_EXHAUSTED,
    JOB_RETRY_NONE, /* retry: false; the payload is left as it was */
} JobRetryFate;

/* Sets error_message, error_class, failed_at/retried_at, retry_count, queue and (if the payload asks)
 * error_backtrace in a copy of the payload, and decides. *payload (transfer full) is that copy; *at, set for
 * JOB_RETRY_LATER, is when to run again, in seconds since the epoch, like `now`. `worker` NULL: a class that
 * is not known. */
JobRetryFate job_retry_decide(const Job *job, const WorkerClass *worker, const GError *error, double now,
                              json_t **payload, double *at);
/* Delay in seconds for a retry count: count^4 + 15 + random(0..9) * (count + 1). */
double job_retry_delay(gint64 retry_count);
