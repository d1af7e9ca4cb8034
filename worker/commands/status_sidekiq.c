#include "protocol/job.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "worker/commands/status_report.h"

/* Seconds that the oldest job has waited. */
static double queue_latency(const redisReply *oldest)
{
    g_autoptr(json_t) job = oldest->str ? json_parse(oldest->str, oldest->len, NULL) : NULL;
    double enqueued_at = job ? job_time(job, "enqueued_at") : 0;
    return enqueued_at > 0 ? MAX(job_now() - enqueued_at, 0) : 0;
}

static json_t *queue_status(Redis *redis, const char *name, GError **error)
{
    g_autofree char *key = key_queue(name);
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, redis_command_new("LLEN", key, NULL));
    g_ptr_array_add(commands, redis_command_new("LINDEX", key, "-1", NULL));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    if (!replies)
        return NULL;
    const redisReply *length = replies->pdata[0];
    return json_pack("{s:s, s:I, s:f}", "name", name, "size", (json_int_t)length->integer, "latency_s",
                     queue_latency(replies->pdata[1]));
}

static int by_name(const void *a, const void *b)
{
    return g_strcmp0((*(redisReply *const *)a)->str, (*(redisReply *const *)b)->str);
}

json_t *status_queues(Redis *redis, GError **error)
{
    g_autoptr(redisReply) names = redis_call(redis, error, "SMEMBERS", KEY_QUEUES, NULL);
    if (!names)
        return NULL;
    if (names->elements > 0)
        qsort(names->element, names->elements, sizeof *names->element, by_name);
    g_autoptr(json_t) queues = json_array();
    for (gsize i = 0; i < names->elements; i++) {
        json_t *queue = queue_status(redis, names->element[i]->str, error);
        if (!queue)
            return NULL;
        json_array_append_new(queues, queue);
    }
    return g_steal_pointer(&queues);
}

json_t *status_sets(Redis *redis, GError **error)
{
    static const char *const sets[] = {KEY_RETRY, KEY_SCHEDULE, KEY_DEAD, KEY_INTERRUPTED};
    GPtrArray *commands = redis_commands_new();
    for (guint i = 0; i < G_N_ELEMENTS(sets); i++)
        g_ptr_array_add(commands, redis_command_new("ZCARD", sets[i], NULL));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    if (!replies)
        return NULL;
    json_t *sizes = json_object();
    for (guint i = 0; i < G_N_ELEMENTS(sets); i++)
        json_object_set_new(sizes, sets[i], json_integer(((const redisReply *)replies->pdata[i])->integer));
    return sizes;
}

/* One of the fields that HMGET was asked for, "" when it is missing. */
static const char *field(const redisReply *fields, guint index)
{
    const char *text = fields->element[index]->str;
    return text ? text : "";
}

static json_t *process_status(const char *identity, const redisReply *fields)
{
    g_autoptr(json_t) info = json_parse(field(fields, 0), fields->element[0]->len, NULL);
    json_t *queues = json_object_get(info, "queues");
    return json_pack(
        "{s:s, s:s, s:I, s:I, s:b, s:f, s:I, s:O}", "identity", identity, "tag",
        json_string_field(info, "tag") ? json_string_field(info, "tag") : "", "concurrency",
        (json_int_t)json_integer_field(info, "concurrency", g_ascii_strtoll(field(fields, 5), NULL, 10)),
        "busy", (json_int_t)g_ascii_strtoll(field(fields, 1), NULL, 10), "quiet",
        g_str_equal(field(fields, 3), "true"), "beat_age_s",
        MAX(job_now() - g_ascii_strtod(field(fields, 2), NULL), 0), "rss_kb",
        (json_int_t)g_ascii_strtoll(field(fields, 4), NULL, 10), "queues", queues ? queues : json_null());
}

json_t *status_processes(Redis *redis, GError **error)
{
    g_autoptr(redisReply) identities = redis_call(redis, error, "SMEMBERS", KEY_PROCESSES, NULL);
    if (!identities)
        return NULL;
    g_autoptr(json_t) processes = json_array();
    for (gsize i = 0; i < identities->elements; i++) {
        const char *identity = identities->element[i]->str;
        g_autoptr(redisReply) fields = redis_call(redis, error, "HMGET", identity, "info", "busy", "beat",
                                                  "quiet", "rss", "concurrency", NULL);
        if (!fields)
            return NULL;
        /* Without `info` the process is gone and only not cleaned up yet. */
        if (fields->element[0]->str)
            json_array_append_new(processes, process_status(identity, fields));
    }
    return g_steal_pointer(&processes);
}
