#include "worker/server_middleware.h"

#include "protocol/duplicate_jobs.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define FIRST_PAUSE   0.1 /* seconds */
#define LONGEST_PAUSE 5.0

typedef gboolean (*Step)(Session *session, gpointer data, GError **error);

/* One attempt after the other until the step succeeds; FALSE when `while_running` and the process is to stop.
 */
static gboolean persist(Session *session, Step step, gpointer data, gboolean while_running)
{
    for (double pause = FIRST_PAUSE;; pause = MIN(pause * 2, LONGEST_PAUSE)) {
        g_autoptr(GError) error = NULL;
        if (step(session, data, &error))
            return TRUE;
        if (while_running && session_stopping(session))
            return FALSE;
        log_error("Redis failed around a job; trying again", error, "{s:f}", "retry_in_s", pause);
        g_usleep((gulong)(pause * G_USEC_PER_SEC));
    }
}

/* Ruby sets a cookie for every application worker's job, and the payload then has its key. */
static gboolean has_cookie(const Session *session)
{
    return json_string_field(session->job->payload, "idempotency_key") != NULL;
}

typedef struct Jobs {
    const Job *const *jobs;
    guint n;
} Jobs;

static gboolean delete_cookies_before(Session *session, gpointer data, GError **error)
{
    const Jobs *jobs = data;
    return duplicate_jobs_before_perform(session_redis(session, REDIS_QUEUES_METADATA), jobs->jobs, jobs->n,
                                         session->worker, error);
}

gboolean server_middleware_before(Session *session, const Job *const *jobs, guint n_jobs)
{
    Jobs together = {jobs, n_jobs};
    return persist(session, delete_cookies_before, &together, TRUE);
}

/* The job's arguments as they are, to be run once more because an equal job was dropped while this one ran.
 */
static gboolean push_again(Session *session, gpointer data G_GNUC_UNUSED, GError **error)
{
    Client client = {
        .queues = session_redis(session, REDIS_QUEUES),
        .queues_metadata = session_redis(session, REDIS_QUEUES_METADATA),
        .router = session->configuration->router,
        .registry = session->registry,
        .parent = session->job,
    };
    const Push push = {.worker = session->worker, .args = session->job->args, .rescheduled_once = TRUE};
    return client_push(&client, &push, NULL, error);
}

typedef struct Deduplication {
    gboolean succeeded, reschedule;
} Deduplication;

static gboolean finish_deduplication(Session *session, gpointer data, GError **error)
{
    Deduplication *deduplication = data;
    return duplicate_jobs_after_perform(session_redis(session, REDIS_QUEUES_METADATA), session->job,
                                        session->worker, deduplication->succeeded, &deduplication->reschedule,
                                        error);
}

void server_middleware_after(Session *session, gboolean succeeded)
{
    Deduplication deduplication = {.succeeded = succeeded};
    if (has_cookie(session) && session->worker->deduplicate == DEDUPLICATE_UNTIL_EXECUTED)
        persist(session, finish_deduplication, &deduplication, FALSE);
    if (deduplication.reschedule)
        persist(session, push_again, NULL, FALSE);
}
