/*
 * The payload of a new job (lib/sidekiq/job_util.rb) with what GitLab's client middleware adds: class
 * options, the context (`meta.*`) and the correlation id of the parent job. Times are reals in seconds, which
 * every Sidekiq version reads as such. Thread-safe.
 */
#pragma once

#include "protocol/job.h"

typedef struct NewJob {
    const WorkerClass *worker;
    const Job *parent; /* or NULL */
    const json_t *args;
    const char *queue, *jid;
    guint status_expiration; /* seconds; 0: no status key */
    double created_at;
} NewJob;

/* Neither `enqueued_at` nor `scheduled_at`, which the push sets. (transfer full) */
json_t *job_payload_new(const NewJob *job);
