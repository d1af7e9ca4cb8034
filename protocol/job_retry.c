#include "protocol/job_retry.h"

#include "protocol/error_class.h"
#include "protocol/json.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#define MESSAGE_MAX_CHARACTERS 10000

/* The limit of retries; WORKER_RETRY_OFF where nothing is retried. As in Ruby, 0 is a limit and null is no
 * answer. */
static gint64 retry_limit(const json_t *payload, const WorkerClass *worker)
{
    const json_t *retry = json_object_get(payload, "retry");

    if (json_is_integer(retry))
        return MAX(json_integer_value(retry), 0);
    if (json_is_false(retry))
        return WORKER_RETRY_OFF;
    if (retry && !json_is_null(retry))
        return WORKER_RETRY_DEFAULT;
    return worker ? worker->retry : WORKER_RETRY_DEFAULT;
}

/* The first 10,000 characters, as valid UTF-8. */
static json_t *message_value(const char *message)
{
    g_autofree char *valid = g_utf8_make_valid(message ? message : "", -1);
    const char *end = g_utf8_strlen(valid, -1) > MESSAGE_MAX_CHARACTERS
                          ? g_utf8_offset_to_pointer(valid, MESSAGE_MAX_CHARACTERS)
                          : valid + strlen(valid);
    return json_stringn(valid, (size_t)(end - valid));
}

/* Base64 of the deflated JSON array of lines. */
static json_t *compressed_backtrace(const json_t *lines)
{
    g_autofree char *text = json_dump(lines);
    uLongf size = compressBound(strlen(text));
    g_autofree guchar *deflated = g_malloc(size);
    if (compress(deflated, &size, (const Bytef *)text, strlen(text)) != Z_OK)
        g_error("deflating a backtrace ran out of memory");

    g_autofree char *base64 = g_base64_encode(deflated, size);
    return json_string(base64);
}

static void set_backtrace(json_t *payload, const GError *error)
{
    const json_t *wanted = json_object_get(payload, "backtrace");
    if (!wanted || json_is_null(wanted) || json_is_false(wanted))
        return;

    g_autoptr(json_t) lines = json_array();
    if (!json_is_integer(wanted) || json_integer_value(wanted) != 0) {
        g_autofree char *line =
            g_strdup_printf("hubferry:%s:%d", g_quark_to_string(error->domain), error->code);
        json_array_append_new(lines, json_string(line));
    }
    json_object_set_new(payload, "error_backtrace", compressed_backtrace(lines));
}

/* The number of retries so far: 0 after the first failure. */
static gint64 count_failure(json_t *payload, double now)
{
    const json_t *count = json_object_get(payload, "retry_count");
    gboolean first = !count || json_is_null(count);
    gint64 retries = first ? 0 : MIN(json_integer_field(payload, "retry_count", 0), G_MAXINT64 - 1) + 1;

    json_object_set_new(payload, first ? "failed_at" : "retried_at", json_real(now));
    json_object_set_new(payload, "retry_count", json_integer(retries));
    return retries;
}

static void set_queue(json_t *payload, const Job *job)
{
    const char *retry_queue = json_string_field(payload, "retry_queue");
    json_object_set_new(payload, "queue", json_string(retry_queue ? retry_queue : job->queue));
}

/* `retry_for` seconds have passed since the first failure. */
static gboolean too_late(const json_t *payload, double now)
{
    const json_t *retry_for = json_object_get(payload, "retry_for");
    return json_is_number(retry_for) && job_time(payload, "failed_at") + json_number_value(retry_for) < now;
}

JobRetryFate job_retry_decide(const Job *job, const WorkerClass *worker, const GError *error, double now,
                              json_t **payload, double *at)
{
    json_t *failed = *payload = json_copy(job->payload);
    gint64 limit = retry_limit(failed, worker);
    if (limit == WORKER_RETRY_OFF)
        return JOB_RETRY_NONE;

    set_queue(failed, job);
    json_object_set_new(failed, "error_message", message_value(error->message));
    json_object_set_new(failed, "error_class", json_string(error_class(error)));
    gint64 retries = count_failure(failed, now);
    set_backtrace(failed, error);

    if (retries >= limit || too_late(failed, now))
        return JOB_RETRY_EXHAUSTED;
    *at = now + job_retry_delay(retries);
    return JOB_RETRY_LATER;
}

double job_retry_delay(gint64 retry_count)
{
    double count = (double)retry_count;
    return pow(count, 4) + 15 + g_random_int_range(0, 10) * (count + 1);
}
