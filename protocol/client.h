/*
 * Sidekiq::Client with GitLab's client middleware: builds payloads and pushes them (lib/sidekiq/client.rb,
 * lib/sidekiq/job_util.rb; for GitLab's additions lib/gitlab/sidekiq_middleware.rb): class options, jid,
 * created_at, correlation id and `meta.*` of the parent job (with `meta.caller_id` = the parent's class),
 * deduplication of idempotent classes, status key.
 *
 * Errors are those of Redis. Not thread-safe.
 */
#pragma once

#include "protocol/job.h"
#include "protocol/redis.h"
#include "protocol/worker_router.h"

/* What a push needs; all borrowed. */
typedef struct Client {
    Redis *queues;
    Redis *queues_metadata; /* status keys, duplicate-job cookies */
    const WorkerRouter *router;
    const WorkerRegistry *registry;
    const Job *parent; /* the job being executed, whose context the new jobs carry; or NULL */
} Client;

typedef struct Push {
    const WorkerClass *worker;
    const json_t *args;        /* an array */
    double at;                 /* seconds since the epoch; 0: now */
    gboolean with_status;      /* set the status key though the class declares none (GitLab's with_status) */
    gboolean once;             /* push only once for this parent jid, however often the parent is executed */
    const char *queue;         /* instead of the router's answer; or NULL */
    const char *jid;           /* known beforehand; NULL: a new one */
    gboolean rescheduled_once; /* the payload says so: an until_executed job's one more run */
} Push;

/* `jid` (may be NULL) receives the new jid, or NULL when the push was dropped as a duplicate, or had been
 * done before (`once`). */
gboolean client_push(Client *client, const Push *push, char **jid, GError **error);
/* Whether an earlier execution of the parent has pushed that job with `once`. */
gboolean client_pushed(Client *client, const WorkerClass *worker, const json_t *args, gboolean *pushed,
                       GError **error);
/* Many jobs of one class in slices of 1,000 per round trip; `args_list` is an array of argument arrays,
 * `jids` and `at` (each may be NULL) have one jid and one time for each. */
gboolean client_push_bulk(Client *client, const WorkerClass *worker, const json_t *args_list,
                          const char *const *jids, const double *at, GError **error);

/* An existing payload pushed again, as the pollers and the unknown-class hand-over do: `enqueued_at` := now,
 * `queue` := `queue` unless NULL, Sidekiq's defaults for `queue` and `retry` where absent, everything else
 * kept. The JSON text. (transfer full) */
char *client_requeue_text(const json_t *payload, const char *queue);
