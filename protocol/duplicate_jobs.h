/*
 * The server's side of GitLab's job deduplication (lib/gitlab/sidekiq_middleware/duplicate_jobs/): the cookie
 * that a push has set is deleted at the moment the class's strategy says, or later pushes with equal
 * arguments are dropped. In the queues-metadata Redis.
 */
#pragma once

#include "protocol/job.h"
#include "protocol/redis.h"

/* resque:gitlab:duplicate:QUEUE:SHA256 of "CLASS:" + JSON of the arguments. (transfer full) */
char *duplicate_jobs_idempotency_key(const char *class_name, const json_t *args, const char *queue);
/* (transfer full) */
char *duplicate_jobs_cookie_key(const char *idempotency_key);

/* Before and after perform; `worker` NULL: the default strategy. *reschedule is set when an until_executed
 * class asks for one more run. */
gboolean duplicate_jobs_before_perform(Redis *queues_metadata, const Job *job, const WorkerClass *worker,
                                       GError **error);
gboolean duplicate_jobs_after_perform(Redis *queues_metadata, const Job *job, const WorkerClass *worker,
                                      gboolean succeeded, gboolean *reschedule, GError **error);
/* Client's side: sets the cookie; *duplicate_of (transfer full) is the jid of an earlier equal job, or NULL.
 */
gboolean duplicate_jobs_check(Redis *queues_metadata, const char *idempotency_key, const char *jid, guint ttl,
                              char **duplicate_of, GError **error);
