#include "protocol/job.h"

#include "protocol/compression.h"
#include "protocol/error_class.h"
#include "protocol/json.h"
#include "protocol/random_hex.h"

#include <string.h>

#define JID_BYTES 12
/* Integers below this are seconds of foreign clients, those above are Sidekiq 8's milliseconds. */
#define MILLISECONDS_FROM 1e11

static const char *job_error_class(int code)
{
    switch (code) {
    case JOB_ERROR_MALFORMED:
        return "JSON::ParserError";
    case JOB_ERROR_COMPRESSION:
        return "Gitlab::SidekiqMiddleware::SizeLimiter::Compressor::PayloadDecompressionError";
    case JOB_ERROR_ARGUMENTS:
        return "ArgumentError";
    case JOB_ERROR_INTERRUPTED:
        return "Sidekiq::Shutdown";
    default:
        return "StandardError";
    }
}

DEFINE_ERROR_DOMAIN(job_error, job_error_class)

gboolean job_error_is_no_failure(const GError *error)
{
    return g_error_matches(error, JOB_ERROR, JOB_ERROR_INTERRUPTED) ||
           g_error_matches(error, JOB_ERROR, JOB_ERROR_HAND_OVER) ||
           g_error_matches(error, JOB_ERROR, JOB_ERROR_OBSOLETE);
}

static gboolean parse_payload(Job *job, GError **error)
{
    g_autoptr(GError) failure = NULL;
    job->payload = json_parse(job->raw, job->raw_length, &failure);
    if (job->payload)
        return TRUE;
    gboolean ours = g_error_matches(failure, JSON_ERROR, JSON_ERROR_UNREPRESENTABLE);
    g_set_error_literal(error, JOB_ERROR, ours ? JOB_ERROR_UNREPRESENTABLE : JOB_ERROR_MALFORMED,
                        failure->message);
    return FALSE;
}

static gboolean take_fields(Job *job, GError **error)
{
    json_t *args = json_object_get(job->payload, "args");
    job->class_name = json_string_field(job->payload, "class");
    if (!job->class_name || !*job->class_name || !json_is_array(args)) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_MALFORMED,
                            "not a job: an object with `class` and an array `args`");
        return FALSE;
    }
    const char *jid = json_string_field(job->payload, "jid");
    job->jid = jid ? jid : "";
    job->args = json_incref(args);
    return TRUE;
}

Job *job_parse_payload(const char *raw, gsize length, const char *queue, GError **error)
{
    g_autoptr(Job) job = g_new0(Job, 1);
    job->raw = g_malloc(length + 1);
    memcpy(job->raw, raw, length);
    job->raw[length] = '\0';
    job->raw_length = length;
    job->queue = g_strdup(queue);
    return parse_payload(job, error) && take_fields(job, error) ? g_steal_pointer(&job) : NULL;
}

static gboolean decompress_args(Job *job, GError **error)
{
    g_autoptr(GError) failure = NULL;
    json_t *args = compression_decompress(job->args, &failure);
    if (!args) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_COMPRESSION, failure->message);
        return FALSE;
    }
    json_decref(job->args);
    job->args = args;
    return TRUE;
}

Job *job_parse(const char *raw, gsize length, const char *queue, GError **error)
{
    g_autoptr(Job) job = job_parse_payload(raw, length, queue, error);
    if (job && json_object_get(job->payload, "compressed") && !decompress_args(job, error))
        return NULL;
    return g_steal_pointer(&job);
}

void job_free(Job *job)
{
    if (!job)
        return;
    json_decref(job->args);
    json_decref(job->payload);
    g_free(job->queue);
    g_free(job->raw);
    g_free(job);
}

static gboolean fail_argument(const Job *job, guint index, const char *expected, GError **error)
{
    g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "%s: argument %u is not %s", job->class_name,
                index + 1, expected);
    return FALSE;
}

gboolean job_arg_integer(const Job *job, guint index, gint64 *value, GError **error)
{
    const json_t *argument = json_array_get(job->args, index);
    if (!json_is_integer(argument))
        return fail_argument(job, index, "an integer", error);
    *value = json_integer_value(argument);
    return TRUE;
}

gboolean job_arg_string(const Job *job, guint index, const char **value, GError **error)
{
    const json_t *argument = json_array_get(job->args, index);
    if (!json_is_string(argument))
        return fail_argument(job, index, "a string", error);
    *value = json_string_value(argument);
    return TRUE;
}

gboolean job_arg_object(const Job *job, guint index, json_t **value, GError **error)
{
    json_t *argument = json_array_get(job->args, index);
    if (!json_is_object(argument))
        return fail_argument(job, index, "an object", error);
    *value = argument;
    return TRUE;
}

gboolean job_check_arity(const Job *job, guint min, guint max, GError **error)
{
    gsize given = json_array_size(job->args);
    if (given >= min && given <= max)
        return TRUE;
    g_autofree char *expected = min == max ? g_strdup_printf("%u", min) : g_strdup_printf("%u..%u", min, max);
    g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS,
                "wrong number of arguments (given %" G_GSIZE_FORMAT ", expected %s)", given, expected);
    return FALSE;
}

double job_time(const json_t *payload, const char *field)
{
    const json_t *value = json_object_get(payload, field);
    double number = json_number_value(value);
    return json_is_integer(value) && number >= MILLISECONDS_FROM ? number / 1000 : number;
}

double job_now(void)
{
    return (double)g_get_real_time() / G_USEC_PER_SEC;
}

char *job_new_jid(void)
{
    return random_hex(JID_BYTES);
}
