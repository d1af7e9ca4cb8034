/*
 * GitLab's job deduplication (lib/gitlab/sidekiq_middleware/duplicate_jobs/). A push of a class leaves a
 * cookie under its idempotency key; while the cookie exists, pushes of an idempotent class with equal
 * arguments are dropped. The server deletes the cookie at the moment the class's strategy says, or such
 * pushes would be dropped until it expires.
 *
 * All keys are in the queues-metadata Redis. Errors are those of Redis.
 */
#pragma once

#include "protocol/job.h"
#include "protocol/redis.h"

#define DUPLICATE_JOBS_DEFAULT_TTL 600 /* seconds */

/* resque:gitlab:duplicate:QUEUE:SHA256 of "CLASS:" + JSON of the arguments. (transfer full) */
char *duplicate_jobs_idempotency_key(const char *class_name, const json_t *args, const char *queue);
/* (transfer full) */
char *duplicate_jobs_cookie_key(const char *idempotency_key);

/* The server's side, before and after perform; `worker` NULL: the default strategy. A payload without an
 * idempotency key has left no cookie. Jobs of one class that are performed together are one round trip
 * before. *reschedule is set to TRUE when an until_executed class asks for one more run. */
gboolean duplicate_jobs_before_perform(Redis *queues_metadata, const Job *const *jobs, guint n_jobs,
                                       const WorkerClass *worker, GError **error);
gboolean duplicate_jobs_after_perform(Redis *queues_metadata, const Job *job, const WorkerClass *worker,
                                      gboolean succeeded, gboolean *reschedule, GError **error);

/* The client's side: sets the cookie; *duplicate_of (transfer full) is the jid of an earlier equal job, or
 * NULL. */
gboolean duplicate_jobs_check(Redis *queues_metadata, const char *idempotency_key, const char *jid, guint ttl,
                              char **duplicate_of, GError **error);
/* The wish for one more run, of classes with reschedule_once: set before the check, deleted when the job is
 * pushed. */
gboolean duplicate_jobs_set_signal(Redis *queues_metadata, const char *idempotency_key, guint ttl,
                                   GError **error);
gboolean duplicate_jobs_delete_signal(Redis *queues_metadata, const char *idempotency_key, GError **error);
