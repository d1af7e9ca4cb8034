#include "worker/job_logger.h"

#include "protocol/error_class.h"
#include "protocol/job_waiter.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const TIME_FIELDS[] = {"created_at", "enqueued_at", "retried_at", "failed_at", NULL};
static const char *const LEFT_OUT[] = {"args", "error_message", "error_class", "error_backtrace", "jobstr",
                                       NULL};

static gint64 thread_cpu_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

double job_logger_seconds(const JobLogger *logger)
{
    return (double)(g_get_monotonic_time() - logger->started) / G_USEC_PER_SEC;
}

double job_logger_cpu_seconds(const JobLogger *logger)
{
    if (!logger->measures_cpu)
        return 0;
    return (double)(thread_cpu_time() - logger->started_cpu) / G_USEC_PER_SEC / logger->n_together;
}

double job_logger_queue_seconds(const JobLogger *logger)
{
    double enqueued_at = job_time(logger->job->payload, "enqueued_at");
    return enqueued_at > 0 ? MAX(logger->started_at - enqueued_at, 0) : 0;
}

static json_t *iso_time(double seconds)
{
    gint64 milliseconds = llround(seconds * 1000);
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(milliseconds / 1000);
    if (!time)
        return json_null();
    g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    return json_sprintf("%s.%03dZ", text, (int)(milliseconds % 1000));
}

static json_t *rounded(double seconds)
{
    return json_real(round(seconds * 1e6) / 1e6);
}

/* false and null: 0, true: 25, anything else that is no number: -1. */
static json_t *retry_number(const json_t *retry)
{
    if (json_is_integer(retry))
        return json_integer(json_integer_value(retry));
    if (json_is_true(retry))
        return json_integer(WORKER_RETRY_DEFAULT);
    return json_integer(json_is_false(retry) || json_is_null(retry) ? 0 : -1);
}

/* GitLab logs numbers, and of the importers' other arguments only the job waiter's key (loggable_arguments).
 */
static json_t *loggable_argument(const json_t *argument)
{
    if (json_is_integer(argument))
        return json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(argument));
    if (json_is_string(argument) && job_waiter_key_valid(json_string_value(argument)))
        return json_string(json_string_value(argument));
    return json_string("[FILTERED]");
}

static json_t *loggable_arguments(const Job *job)
{
    if (json_object_get(job->payload, "compressed"))
        return json_pack("[s]", "[COMPRESSED]");
    json_t *loggable = json_array();
    size_t index;
    json_t *argument;
    json_array_foreach (job->args, index, argument)
        json_array_append_new(loggable, loggable_argument(argument));
    return loggable;
}

static void add_payload(json_t *line, const json_t *payload)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)payload, key, value) {
        if (g_strv_contains(LEFT_OUT, key) || g_str_has_prefix(key, "exception."))
            continue;
        if (g_strv_contains(TIME_FIELDS, key))
            json_object_set_new(line, key, iso_time(job_time(payload, key)));
        else if (strcmp(key, "retry") == 0)
            json_object_set_new(line, key, retry_number(value));
        else
            json_object_set(line, key, value);
    }
}

static json_t *new_line(const JobLogger *logger, const char *status)
{
    const Job *job = logger->job;
    json_t *line = json_object();
    add_payload(line, job->payload);
    json_object_set_new(line, "queue", json_string(job->queue));
    if (logger->work->log_arguments)
        json_object_set_new(line, "args", loggable_arguments(job));
    g_autofree char *args = json_dump(json_object_get(job->payload, "args"));
    json_object_set_new(line, "job_size_bytes", json_integer((json_int_t)strlen(args)));
    json_object_set_new(line, "pid", json_integer(getpid()));
    json_object_set_new(line, "job_status", json_string(status));
    json_object_set_new(line, "started_at", iso_time(logger->started_at));
    json_object_set_new(line, "scheduling_latency_s", rounded(job_logger_queue_seconds(logger)));
    return line;
}

static void write_end(const JobLogger *logger, LogLevel level, const char *status, const GError *error)
{
    if (!log_enabled(level))
        return;
    double seconds = job_logger_seconds(logger);
    json_t *line = new_line(logger, status);
    json_object_set_new(line, "duration_s", rounded(seconds));
    json_object_set_new(line, "cpu_s", rounded(job_logger_cpu_seconds(logger)));
    json_object_set_new(line, "completed_at", iso_time(job_now()));
    if (error) {
        g_autofree char *text = g_utf8_make_valid(error->message, -1);
        json_object_set_new(line, "exception.class", json_string(error_class(error)));
        json_object_set_new(line, "exception.message", json_string(text));
    }
    g_autofree char *message = g_strdup_printf("%s JID-%s: %s: %.6f sec", logger->job->class_name,
                                               logger->job->jid, status, seconds);
    log_write(level, message, line);
}

void job_logger_start(JobLogger *logger, const Job *job, guint n_together, const WorkOptions *work)
{
    gboolean logged = log_enabled(LOG_INFO);
    gboolean measures_cpu = logged || work->metrics_address;
    *logger = (JobLogger){
        .job = job,
        .work = work,
        .n_together = n_together,
        .started = g_get_monotonic_time(),
        .started_at = job_now(),
        .measures_cpu = measures_cpu,
        .started_cpu = measures_cpu ? thread_cpu_time() : 0,
    };
    if (!logged)
        return;
    g_autofree char *message = g_strdup_printf("%s JID-%s: start", job->class_name, job->jid);
    log_write(LOG_INFO, message, new_line(logger, "start"));
}

void job_logger_done(const JobLogger *logger)
{
    write_end(logger, LOG_INFO, "done", NULL);
}

void job_logger_fail(const JobLogger *logger, const GError *error)
{
    write_end(logger, LOG_WARN, "fail", error);
}

void job_logger_dead(const JobLogger *logger, const GError *error)
{
    write_end(logger, LOG_WARN, "dead", error);
}

void job_logger_ended(const JobLogger *logger, const char *status)
{
    write_end(logger, LOG_INFO, status, NULL);
}
