#include "importers/gitlab/session.h"

#include "importers/git/reader.h"
#include "importers/gitlab/import_context.h"
#include "importers/gitlab/import_watch.h"
#include "protocol/log.h"

Session *session_new(const Configuration *configuration, const WorkerRegistry *registry, const Schema *schema,
                     const gint *stopping)
{
    Session *session = g_new0(Session, 1);
    session->configuration = configuration;
    session->registry = registry;
    session->schema = schema;
    session->stopping = stopping;
    return session;
}

/* The store before `store` that is the same server and database, or `store` itself. */
static RedisStore first_store_like(const Configuration *configuration, RedisStore store)
{
    for (RedisStore other = 0; other < store; other++)
        if (redis_settings_equal(configuration->redis[other], configuration->redis[store]))
            return other;
    return store;
}

void session_free(Session *session)
{
    g_clear_pointer(&session->git_reader, git_reader_free);
    g_clear_pointer(&session->import_context, import_context_free);
    g_clear_pointer(&session->database, database_free);
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        g_clear_pointer(&session->redis[store], redis_free);
    g_clear_pointer(&session->curl, curl_easy_cleanup);
    g_free(session);
}

Database *session_database(Session *session)
{
    const Configuration *configuration = session->configuration;
    if (!session->database)
        session->database = database_new((const char *const *)configuration->database_keywords,
                                         (const char *const *)configuration->database_values,
                                         configuration->prepared_statements);
    return session->database;
}

Redis *session_redis(Session *session, RedisStore store)
{
    RedisStore shared = first_store_like(session->configuration, store);
    if (!session->redis[shared])
        session->redis[shared] = redis_new(session->configuration->redis[shared]);
    return session->redis[shared];
}

CURL *session_curl(Session *session)
{
    if (session->curl)
        curl_easy_reset(session->curl);
    else
        session->curl = curl_easy_init();
    return session->curl;
}

static gboolean process_stopping(const Session *session)
{
    return session->stopping && g_atomic_int_get(session->stopping);
}

static gboolean import_ended(const Session *session)
{
    return session->import_watch && import_watch_ended(session->import_watch);
}

gboolean session_stopping(const Session *session)
{
    return process_stopping(session) || import_ended(session);
}

gboolean session_check_stopping(const Session *session, GError **error)
{
    if (process_stopping(session)) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_INTERRUPTED, "the process is stopping");
        return FALSE;
    }
    if (import_ended(session)) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_OBSOLETE, "the import is no longer running");
        return FALSE;
    }
    return TRUE;
}

static json_t *batch_log_context(gconstpointer data)
{
    const Job *job = data;
    json_t *context = json_object();
    json_object_set_new(context, "class", json_string(job->class_name));
    json_object_set_new(context, "queue", json_string(job->queue));
    json_t *project_id = json_array_get(job->args, 0);
    if (json_is_integer(project_id))
        json_object_set(context, "project_id", project_id);
    return context;
}

static json_t *job_log_context(gconstpointer data)
{
    const Job *job = data;
    json_t *context = batch_log_context(job);
    json_object_set_new(context, "jid", json_string(job->jid));
    json_t *correlation_id = json_object_get(job->payload, "correlation_id");
    if (correlation_id)
        json_object_set(context, "correlation_id", correlation_id);
    return context;
}

void session_begin_job(Session *session, const Job *job)
{
    session->job = job;
    log_set_context_source(job_log_context, job);
}

void session_begin_batch(Session *session, const Job *any)
{
    session->job = NULL;
    log_set_context_source(batch_log_context, any);
}

void session_end_job(Session *session)
{
    session->job = NULL;
    session->worker = NULL;
    log_set_context(NULL);
}

static Client client_of(Session *session)
{
    return (Client){
        .queues = session_redis(session, REDIS_QUEUES),
        .queues_metadata = session_redis(session, REDIS_QUEUES_METADATA),
        .router = session->configuration->router,
        .registry = session->registry,
        .parent = session->job,
    };
}

static const WorkerClass *find_class(Session *session, const char *class_name, GError **error)
{
    const WorkerClass *worker = worker_registry_find(session->registry, class_name);
    if (!worker)
        g_set_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER, "the worker class %s is not known here",
                    class_name);
    return worker;
}

static gboolean push_job(Session *session, const char *class_name, Push push, json_t *args, GError **error)
{
    g_autoptr(json_t) owned_args = args;
    Client client = client_of(session);
    push.args = owned_args;
    push.worker = find_class(session, class_name, error);
    return push.worker && client_push(&client, &push, NULL, error);
}

gboolean session_push(Session *session, const char *class_name, json_t *args, GError **error)
{
    return push_job(session, class_name, (Push){0}, args, error);
}

gboolean session_push_once(Session *session, const char *class_name, json_t *args, gboolean with_status,
                           GError **error)
{
    return push_job(session, class_name, (Push){.once = TRUE, .with_status = with_status}, args, error);
}

gboolean session_push_in(Session *session, const char *class_name, double seconds, json_t *args,
                         gboolean once, GError **error)
{
    return push_job(session, class_name, (Push){.at = job_now() + seconds, .once = once}, args, error);
}

gboolean session_push_again_in(Session *session, double seconds, GError **error)
{
    const Job *job = session->job;
    return push_job(session, session->worker->name, (Push){.at = job_now() + seconds, .jid = job->jid},
                    json_incref(job->args), error);
}

gboolean session_push_bulk(Session *session, const char *class_name, const json_t *args_list,
                           const char *const *jids, const double *at, GError **error)
{
    Client client = client_of(session);
    const WorkerClass *worker = find_class(session, class_name, error);
    return worker && client_push_bulk(&client, worker, args_list, jids, at, error);
}

gboolean session_pushed(Session *session, const char *class_name, const json_t *args, gboolean *pushed,
                        GError **error)
{
    Client client = client_of(session);
    const WorkerClass *worker = find_class(session, class_name, error);
    return worker && client_pushed(&client, worker, args, pushed, error);
}
