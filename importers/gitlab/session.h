/*
 * What one executor thread owns: its connections, made at the first use, kept, and replaced when broken; and
 * the job being executed. Handlers (WorkerPerform) get everything through it. Not thread-safe: one session
 * belongs to one thread.
 */
#pragma once

#include "importers/configuration.h"
#include "importers/gitlab/database.h"
#include "importers/gitlab/schema_check.h"
#include "protocol/client.h"

#include <curl/curl.h>

struct Session {
    const Configuration *configuration;
    const WorkerRegistry *registry;
    const Schema *schema;      /* NULL in programs that never touch the database */
    const gint *stopping;      /* atomic; set once the process is to stop */
    const Job *job;            /* being executed, or NULL */
    const WorkerClass *worker; /* its class */

    Database *database;                   /* use session_database() */
    Redis *redis[REDIS_STORES];           /* use session_redis() */
    CURL *curl;                           /* use session_curl() */
    struct ImportContext *import_context; /* use import_context_find() */
    struct GitReader *git_reader;         /* use git_reader_repository() */
    struct ImportWatch *import_watch;     /* of the job being executed, or NULL; see import_watch.h */
};

Session *session_new(const Configuration *configuration, const WorkerRegistry *registry, const Schema *schema,
                     const gint *stopping);
void session_free(Session *session);

Database *session_database(Session *session);
/* Stores with equal settings share one connection. */
Redis *session_redis(Session *session, RedisStore store);
/* Reset to its defaults at each call; connections stay open. */
CURL *session_curl(Session *session);

/* TRUE once the process is to stop, or the import that is worked for has ended (import_watch.h): long work
 * ends at its next safe point with JOB_ERROR_INTERRUPTED or JOB_ERROR_OBSOLETE. What may take seconds asks
 * often; to ask costs next to nothing. */
gboolean session_stopping(const Session *session);
gboolean session_check_stopping(const Session *session, GError **error);

/* From here on `job` is the executing one (session->job) for pushes, failures and the log: jid, class, queue,
 * correlation_id and project_id (the first argument, if it is an integer) go on every line that this thread
 * writes. A batch's handler says so before it does something on behalf of one job. `job` is borrowed. */
void session_begin_job(Session *session, const Job *job);
/* From here on no single job is executing but a batch, `any` being one of its jobs: log lines carry what they
 * share. */
void session_begin_batch(Session *session, const Job *any);
/* Nothing is executing. */
void session_end_job(Session *session);

/* Pushes a job of the named class (it must be in the registry) as a child of the executing job. `args` is
 * consumed. */
gboolean session_push(Session *session, const char *class_name, json_t *args, GError **error);
/* Only once for the executing job's jid, however often that job is executed. *jid may be NULL. */
gboolean session_push_once(Session *session, const char *class_name, json_t *args, gboolean with_status,
                           GError **error);
gboolean session_push_in(Session *session, const char *class_name, double seconds, json_t *args,
                         gboolean once, GError **error);

/* Pushes the executing job again, for later, under its own jid: to its waiter the two are one. */
gboolean session_push_again_in(Session *session, double seconds, GError **error);
/* Many jobs of one class, see client_push_bulk(). */
gboolean session_push_bulk(Session *session, const char *class_name, const json_t *args_list,
                           const char *const *jids, const double *at, GError **error);

/* Whether an earlier execution of this very job has pushed that job with `once`. `args` is borrowed. */
gboolean session_pushed(Session *session, const char *class_name, const json_t *args, gboolean *pushed,
                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)
