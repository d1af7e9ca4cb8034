/*
 * A job: the unit of work as fetched (its exact bytes, which the acknowledgement needs) and its parsed
 * payload (lib/sidekiq/job_util.rb; facts of each field in Sidekiq's wiki "Job Format"). Unknown fields are
 * kept as they are. Compressed arguments (lib/gitlab/sidekiq_middleware/size_limiter/compressor.rb) are
 * decompressed into `args` only: the payload keeps its compressed form for retries and requeues.
 *
 * Immutable after parsing; may be handed from thread to thread.
 */
#pragma once

#include "protocol/autoptr_jansson.h"
#include "protocol/worker_class.h"

#define JOB_ERROR (job_error_quark())
GQuark job_error_quark(void);
typedef enum {
    JOB_ERROR_MALFORMED,       /* not a JSON object with class and args */
    JOB_ERROR_UNREPRESENTABLE, /* Ruby can read it, we cannot: belongs to Ruby */
    JOB_ERROR_COMPRESSION,     /* `compressed` is set but args do not inflate */
    JOB_ERROR_ARGUMENTS,       /* perform was given arguments of another shape: ArgumentError */
    JOB_ERROR_HAND_OVER,       /* perform asks that Ruby executes this job */
    JOB_ERROR_INTERRUPTED,     /* the process stops: back to the queue, interrupted_count + 1 */
    JOB_ERROR_OBSOLETE,        /* nobody waits for the work any more; within perform, which ends as done */
} JobError;

/* The job was not executed to its end here, but it has not failed either: it is interrupted, handed over or
 * obsolete. */
gboolean job_error_is_no_failure(const GError *error);

struct Job {
    char *raw; /* the exact bytes of the working list's member */
    gsize raw_length;
    char *queue; /* fetched from, without "queue:" */
    json_t *payload;
    json_t *args;           /* decompressed */
    const char *class_name; /* `class`; borrowed from payload */
    const char *jid;        /* "" when the payload has none */
};

/* Takes a copy of `raw`. (transfer full) */
Job *job_parse(const char *raw, gsize length, const char *queue, GError **error);
/* The same without decompressing: a job whose args do not inflate (JOB_ERROR_COMPRESSION) still has a payload
 * to be retried with. (transfer full) */
Job *job_parse_payload(const char *raw, gsize length, const char *queue, GError **error);
void job_free(Job *job);

/* Arguments by position; FALSE with JOB_ERROR_ARGUMENTS when absent or of another type. Strings and objects
 * are borrowed. */
gboolean job_arg_integer(const Job *job, guint index, gint64 *value, GError **error);
gboolean job_arg_string(const Job *job, guint index, const char **value, GError **error);
gboolean job_arg_object(const Job *job, guint index, json_t **value, GError **error);
/* FALSE with JOB_ERROR_ARGUMENTS unless there are between min and max arguments. */
gboolean job_check_arity(const Job *job, guint min, guint max, GError **error);

/* A time field (`created_at`, `enqueued_at`, `failed_at`): seconds, whatever of Sidekiq 6, 7 (real seconds)
 * or 8 (integer ms) wrote it; 0 if absent. */
double job_time(const json_t *payload, const char *field);
/* Now, in seconds since the epoch with microseconds. */
double job_now(void);
/* 24 lowercase hex digits. (transfer full) */
char *job_new_jid(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Job, job_free)
