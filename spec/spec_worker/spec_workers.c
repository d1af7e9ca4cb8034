#include "spec/spec_worker/spec_workers.h"

#include "importers/gitlab/session.h"
#include "protocol/error_class.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define SPEC_ERROR (spec_error_quark())
GQuark spec_error_quark(void);

static const char *spec_error_class(int code G_GNUC_UNUSED)
{
    return "RuntimeError";
}

DEFINE_ERROR_DOMAIN(spec_error, spec_error_class)

static gboolean increment(Session *session, const char *key, GError **error)
{
    g_autoptr(redisReply) reply = redis_call(session_redis(session, REDIS_QUEUES), error, "INCR", key, NULL);
    return reply != NULL;
}

static gboolean append(Session *session, const char *key, const char *value, GError **error)
{
    g_autoptr(redisReply) reply =
        redis_call(session_redis(session, REDIS_QUEUES), error, "RPUSH", key, value, NULL);
    return reply != NULL;
}

static gboolean perform_noop(Session *session G_GNUC_UNUSED, const Job *job G_GNUC_UNUSED,
                             GError **error G_GNUC_UNUSED)
{
    return TRUE;
}

static gboolean perform_counter(Session *session, const Job *job, GError **error)
{
    const char *key;
    return job_arg_string(job, 0, &key, error) && increment(session, key, error);
}

/* Arguments: project, key, "fail" or nothing. */
static gboolean perform_project_counter(Session *session, const Job *job, GError **error)
{
    const char *key;
    if (json_array_size(job->args) > 2) {
        g_set_error_literal(error, SPEC_ERROR, 0, "failed on purpose");
        return FALSE;
    }
    return job_arg_string(job, 1, &key, error) && increment(session, key, error);
}

/* How many there were. */
static void record_batch(Session *session, guint n_jobs)
{
    char text[16];
    g_autoptr(GError) error = NULL;
    g_snprintf(text, sizeof text, "%u", n_jobs);
    if (!append(session, "spec:batches", text, &error))
        log_error("a batch was not recorded", error, NULL);
}

static void perform_project_counter_batch(Session *session, BatchJob *jobs, guint n_jobs)
{
    record_batch(session, n_jobs);
    for (guint i = 0; i < n_jobs; i++) {
        session_begin_job(session, jobs[i].job);
        perform_project_counter(session, jobs[i].job, &jobs[i].error);
    }
}

/* A second argument: ends when the process is to stop, as a stage that resumes does. */
static gboolean perform_sleep(Session *session, const Job *job, GError **error)
{
    double seconds = json_number_value(json_array_get(job->args, 0));
    gboolean interruptible = json_array_size(job->args) > 1;
    gint64 until = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    while (g_get_monotonic_time() < until) {
        if (interruptible && !session_check_stopping(session, error))
            return FALSE;
        g_usleep(2000);
    }
    return TRUE;
}

static gboolean perform_fail(Session *session G_GNUC_UNUSED, const Job *job, GError **error)
{
    const char *message = json_string_value(json_array_get(job->args, 0));
    g_set_error_literal(error, SPEC_ERROR, 0, message ? message : "failed on purpose");
    return FALSE;
}

static void append_exhausted(Session *session, const Job *job, const GError *last_error G_GNUC_UNUSED)
{
    append(session, "spec:exhausted", job->jid, NULL);
}

static gboolean perform_self_kill(Session *session, const Job *job, GError **error)
{
    if (!perform_counter(session, job, error))
        return FALSE;
    kill(getpid(), SIGKILL);
    return TRUE;
}

static gboolean perform_self_term(Session *session, const Job *job, GError **error)
{
    if (!perform_counter(session, job, error))
        return FALSE;
    kill(getpid(), SIGTERM);
    sleep(60);
    return TRUE;
}

static gboolean perform_timestamp(Session *session, const Job *job, GError **error)
{
    char now[24];
    g_snprintf(now, sizeof now, "%" G_GINT64_FORMAT, g_get_real_time());
    const char *key;
    return job_arg_string(job, 0, &key, error) && append(session, key, now, error);
}

static gboolean perform_push(Session *session, const Job *job, GError **error)
{
    const char *class_name, *queue;
    if (!job_arg_string(job, 0, &class_name, error) || !job_arg_string(job, 2, &queue, error))
        return FALSE;
    Client client = {
        .queues = session_redis(session, REDIS_QUEUES),
        .queues_metadata = session_redis(session, REDIS_QUEUES_METADATA),
        .router = session->configuration->router,
        .registry = session->registry,
        .parent = job,
    };
    const Push push = {
        .worker = worker_registry_find(session->registry, class_name),
        .args = json_array_get(job->args, 1),
        .queue = queue,
    };
    return client_push(&client, &push, NULL, error);
}

/* As spec/ruby/recording_workers.rb. */
static gboolean perform_recording(Session *session, const Job *job, GError **error)
{
    g_autofree char *key = g_strconcat("spec:performed:", job->class_name, NULL);
    g_autofree char *args = json_dump(job->args);
    return append(session, key, args, error);
}

static gboolean perform_hand_over(Session *session G_GNUC_UNUSED, const Job *job G_GNUC_UNUSED,
                                  GError **error)
{
    g_set_error_literal(error, JOB_ERROR, JOB_ERROR_HAND_OVER, "this one is for Ruby");
    return FALSE;
}

#define CLASS(class_name, function)                                                                          \
    {                                                                                                        \
        .name = "Spec::" class_name, .retry = WORKER_RETRY_DEFAULT, .dead = TRUE, .perform = (function)      \
    }

const WorkerClass spec_workers[] = {
    CLASS("NoopWorker", perform_noop),
    CLASS("CounterWorker", perform_counter),
    {.name = "Spec::ProjectCounterWorker",
     .retry = WORKER_RETRY_DEFAULT,
     .dead = TRUE,
     .perform = perform_project_counter,
     .perform_batch = perform_project_counter_batch},
    CLASS("SleepWorker", perform_sleep),
    {.name = "Spec::FailWorker",
     .retry = WORKER_RETRY_DEFAULT,
     .dead = TRUE,
     .perform = perform_fail,
     .retries_exhausted = append_exhausted},
    CLASS("SelfKillWorker", perform_self_kill),
    CLASS("SelfTermWorker", perform_self_term),
    CLASS("TimestampWorker", perform_timestamp),
    CLASS("PushWorker", perform_push),
    CLASS("HandOverWorker", perform_hand_over),
    CLASS("OnlyHubferryWorker", perform_recording),
    {.name = NULL},
};
