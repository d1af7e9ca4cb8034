#include "protocol/heartbeat.h"

#include "protocol/job.h"
#include "protocol/json.h"
#include "protocol/keys.h"

#include <string.h>
#include <unistd.h>

#define PROCESS_TTL         "60"        /* seconds */
#define STATS_TTL           "157680000" /* five years */
#define PROCESS_CLEANUP_TTL "60"

void running_job_free(RunningJob *job)
{
    if (!job)
        return;
    g_free(job->tid);
    g_free(job->queue);
    g_free(job->raw);
    g_free(job);
}

static void add(GPtrArray *commands, RedisCommand *command)
{
    g_ptr_array_add(commands, command);
}

static void add_counter(GPtrArray *commands, const char *name, const char *day, guint64 count)
{
    g_autofree char *total = g_strconcat("stat:", name, NULL);
    g_autofree char *of_day = g_strconcat(total, ":", day, NULL);
    g_autofree char *increment = g_strdup_printf("%" G_GUINT64_FORMAT, count);
    add(commands, redis_command_new("INCRBY", total, increment, NULL));
    add(commands, redis_command_new("INCRBY", of_day, increment, NULL));
    add(commands, redis_command_new("EXPIRE", of_day, STATS_TTL, NULL));
}

/* In one transaction, so that after an error nothing has been counted, or only the answer was lost. */
static gboolean flush_stats(Redis *redis, guint64 processed, guint64 failed, GError **error)
{
    if (processed + failed == 0)
        return TRUE;
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *day = g_date_time_format(now, "%Y-%m-%d");
    GPtrArray *commands = redis_commands_new();
    add_counter(commands, "processed", day, processed);
    add_counter(commands, "failed", day, failed);
    g_autoptr(GPtrArray) replies = redis_multi(redis, commands, error);
    return replies != NULL;
}

/* The payload is JSON inside JSON. */
static char *running_job_text(const RunningJob *job)
{
    g_autofree char *raw = g_utf8_make_valid(job->raw, -1);
    g_autoptr(json_t) entry =
        json_pack("{s:s, s:s, s:I}", "queue", job->queue, "payload", raw, "run_at", (json_int_t)job->run_at);
    return json_dump(entry);
}

static RedisCommand *running_jobs_command(const char *key, const GPtrArray *running)
{
    RedisCommand *command = redis_command_new("HSET", key, NULL);
    for (guint i = 0; i < running->len; i++) {
        const RunningJob *job = running->pdata[i];
        g_autofree char *text = running_job_text(job);
        redis_command_add(command, job->tid);
        redis_command_add(command, text);
    }
    return command;
}

static gboolean write_running_jobs(Redis *redis, const char *identity, const GPtrArray *running,
                                   GError **error)
{
    g_autofree char *work = key_work(identity), *workers = key_workers(identity);
    GPtrArray *commands = redis_commands_new();
    add(commands, redis_command_new("UNLINK", work, workers, NULL));
    for (const char *const *key = (const char *const[]){work, workers, NULL}; *key && running->len > 0;
         key++) {
        add(commands, running_jobs_command(*key, running));
        add(commands, redis_command_new("EXPIRE", *key, PROCESS_TTL, NULL));
    }
    g_autoptr(GPtrArray) replies = redis_multi(redis, commands, error);
    return replies != NULL;
}

static gboolean measure_round_trip(Redis *redis, gint64 *microseconds, GError **error)
{
    gint64 begin = g_get_monotonic_time();
    g_autoptr(redisReply) reply = redis_call(redis, error, "PING", NULL);
    *microseconds = g_get_monotonic_time() - begin;
    return reply != NULL;
}

/* Resident memory in KB, VmRSS of /proc/self/status; 0 where there is none. */
static gint64 resident_memory(void)
{
    g_autofree char *status = NULL;
    if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL))
        return 0;
    const char *line = strstr(status, "VmRSS:");
    return line ? g_ascii_strtoll(line + strlen("VmRSS:"), NULL, 10) : 0;
}

static json_t *strings(const char *const *texts)
{
    json_t *array = json_array();
    for (; texts && *texts; texts++)
        json_array_append_new(array, json_string(*texts));
    return array;
}

static json_t *queue_weights(const ProcessInfo *info)
{
    json_t *weights = json_object();
    for (guint i = 0; info->queues[i]; i++)
        json_object_set_new(weights, info->queues[i], json_integer(info->weights[i]));
    return weights;
}

/* lib/sidekiq/capsule.rb */
static const char *fetch_mode(const ProcessInfo *info)
{
    gboolean strict = TRUE, random = TRUE;
    for (guint i = 0; info->queues[i]; i++) {
        strict = strict && info->weights[i] == 0;
        random = random && info->weights[i] == 1;
    }
    return strict ? "strict" : random ? "random" : "weighted";
}

/* `queues`, `weights` and `concurrency` are what Sidekiq 6 and 7 read, `capsules` is for 8. */
static char *info_text(const ProcessInfo *info)
{
    g_autofree char *tag = g_utf8_make_valid(info->tag ? info->tag : "", -1);
    g_autoptr(json_t) weights = queue_weights(info);
    g_autoptr(json_t) fields =
        json_pack("{s:s, s:f, s:i, s:s, s:i, s:o, s:[O], s:o, s:s, s:s, s:b, s:{s:{s:i, s:s, s:O}}}",
                  "hostname", info->hostname, "started_at", info->started_at, "pid", (int)getpid(), "tag",
                  tag, "concurrency", (int)info->concurrency, "queues", strings(info->queues), "weights",
                  weights, "labels", strings(info->labels), "identity", info->identity, "version",
                  info->version, "embedded", 0, "capsules", "default", "concurrency", (int)info->concurrency,
                  "mode", fetch_mode(info), "weights", weights);
    return json_dump(fields);
}

static RedisCommand *process_command(const ProcessInfo *info, const ProcessState *state, gint64 round_trip)
{
    g_autofree char *text = info_text(info);
    RedisCommand *command = redis_command_new("HSET", info->identity, "info", text, "busy", NULL);
    redis_command_add_int(command, state->running->len);
    redis_command_add(command, "beat");
    redis_command_add_double(command, job_now());
    redis_command_add(command, "rtt_us");
    redis_command_add_int(command, round_trip);
    redis_command_add(command, "quiet");
    redis_command_add(command, state->quiet ? "true" : "false");
    redis_command_add(command, "rss");
    redis_command_add_int(command, resident_memory());
    redis_command_add(command, "concurrency");
    redis_command_add_int(command, info->concurrency);
    return command;
}

static gboolean write_process(Redis *redis, const ProcessInfo *info, const ProcessState *state,
                              gint64 round_trip, char **signal, GError **error)
{
    g_autofree char *signals = key_signals(info->identity);
    GPtrArray *commands = redis_commands_new();
    add(commands, redis_command_new("SADD", KEY_PROCESSES, info->identity, NULL));
    add(commands, process_command(info, state, round_trip));
    add(commands, redis_command_new("EXPIRE", info->identity, PROCESS_TTL, NULL));
    add(commands, redis_command_new("RPOP", signals, NULL));
    g_autoptr(GPtrArray) replies = redis_multi(redis, commands, error);
    if (!replies)
        return FALSE;
    const redisReply *popped = replies->pdata[replies->len - 1];
    *signal = popped->type == REDIS_REPLY_STRING ? g_strdup(popped->str) : NULL;
    return TRUE;
}

gboolean heartbeat_beat(Redis *redis, const ProcessInfo *info, const ProcessState *state,
                        gboolean *stats_flushed, char **signal, GError **error)
{
    *signal = NULL;
    *stats_flushed = flush_stats(redis, state->processed, state->failed, error);
    gint64 round_trip;
    return *stats_flushed && write_running_jobs(redis, info->identity, state->running, error) &&
           measure_round_trip(redis, &round_trip, error) &&
           write_process(redis, info, state, round_trip, signal, error);
}

gboolean heartbeat_clear(Redis *redis, const ProcessInfo *info, guint64 processed, guint64 failed,
                         GError **error)
{
    if (!flush_stats(redis, processed, failed, error))
        return FALSE;
    g_autofree char *work = key_work(info->identity), *workers = key_workers(info->identity);
    GPtrArray *commands = redis_commands_new();
    add(commands, redis_command_new("SREM", KEY_PROCESSES, info->identity, NULL));
    add(commands, redis_command_new("UNLINK", work, workers, NULL));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    return replies != NULL;
}

gboolean heartbeat_fetcher(Redis *redis, const char *identity, GError **error)
{
    g_autofree char *key = key_fetcher_heartbeat(identity);
    g_autoptr(redisReply) reply =
        redis_call(redis, error, "SET", key, "1", "EX", G_STRINGIFY(FETCHER_HEARTBEAT_LIFESPAN), NULL);
    return reply != NULL;
}

/* The `info` of each of `processes`, in the same order. (transfer full) */
static GPtrArray *read_infos(Redis *redis, const redisReply *processes, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    for (gsize i = 0; i < processes->elements; i++)
        add(commands, redis_command_new("HGET", processes->element[i]->str, "info", NULL));
    return redis_pipeline(redis, commands, error);
}

static gboolean remove_dead(Redis *redis, const redisReply *processes, const GPtrArray *infos, GError **error)
{
    RedisCommand *remove = redis_command_new("SREM", KEY_PROCESSES, NULL);
    for (gsize i = 0; i < processes->elements; i++)
        if (((redisReply *)infos->pdata[i])->type == REDIS_REPLY_NIL)
            redis_command_add_bytes(remove, processes->element[i]->str, processes->element[i]->len);
    if (redis_command_argc(remove) == 2) {
        redis_command_free(remove);
        return TRUE;
    }
    g_autoptr(redisReply) reply = redis_run(redis, remove, error);
    return reply != NULL;
}

gboolean heartbeat_cleanup_processes(Redis *redis, GError **error)
{
    g_autoptr(redisReply) turn =
        redis_call(redis, error, "SET", KEY_PROCESS_CLEANUP, "1", "NX", "EX", PROCESS_CLEANUP_TTL, NULL);
    if (!turn)
        return FALSE;
    if (turn->type == REDIS_REPLY_NIL)
        return TRUE;

    g_autoptr(redisReply) processes = redis_call(redis, error, "SMEMBERS", KEY_PROCESSES, NULL);
    if (!processes)
        return FALSE;
    if (processes->elements == 0)
        return TRUE;
    g_autoptr(GPtrArray) infos = read_infos(redis, processes, error);
    return infos && remove_dead(redis, processes, infos, error);
}
