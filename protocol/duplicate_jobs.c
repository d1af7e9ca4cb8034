#include "protocol/duplicate_jobs.h"

#include "protocol/json.h"
#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"

#include <string.h>

static RedisScript duplicate_check = REDIS_SCRIPT(lua_duplicate_check);

char *duplicate_jobs_idempotency_key(const char *class_name, const json_t *args, const char *queue)
{
    g_autofree char *json = json_dump(args);
    g_autofree char *text = g_strconcat(class_name, ":", json, NULL);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    return g_strconcat("resque:gitlab:duplicate:", queue, ":", hash, NULL);
}

char *duplicate_jobs_cookie_key(const char *idempotency_key)
{
    return g_strconcat("resque:gitlab:", idempotency_key, ":cookie:v2", NULL);
}

static char *signal_key(const char *idempotency_key)
{
    return g_strconcat(idempotency_key, ":checking_duplicate", NULL);
}

static const char *idempotency_key_of(const Job *job)
{
    return json_string_field(job->payload, "idempotency_key");
}

static gboolean delete_key(Redis *redis, const char *key, gboolean *existed, GError **error)
{
    g_autoptr(redisReply) reply = redis_call(redis, error, "DEL", key, NULL);
    if (!reply)
        return FALSE;
    *existed = reply->integer == 1;
    return TRUE;
}

static gboolean delete_cookie(Redis *queues_metadata, const char *idempotency_key, GError **error)
{
    g_autofree char *cookie = duplicate_jobs_cookie_key(idempotency_key);
    gboolean existed;
    return delete_key(queues_metadata, cookie, &existed, error);
}

/* NULL: none of them has left a cookie. (transfer full) */
static RedisCommand *delete_cookies(const Job *const *jobs, guint n_jobs)
{
    RedisCommand *command = NULL;
    for (guint i = 0; i < n_jobs; i++) {
        const char *key = idempotency_key_of(jobs[i]);
        if (!key)
            continue;
        g_autofree char *cookie = duplicate_jobs_cookie_key(key);
        if (!command)
            command = redis_command_new("DEL", NULL);
        redis_command_add(command, cookie);
    }
    return command;
}

gboolean duplicate_jobs_before_perform(Redis *queues_metadata, const Job *const *jobs, guint n_jobs,
                                       const WorkerClass *worker, GError **error)
{
    DeduplicateStrategy strategy = worker ? worker->deduplicate : DEDUPLICATE_UNTIL_EXECUTING;
    if (strategy != DEDUPLICATE_UNTIL_EXECUTING)
        return TRUE;
    RedisCommand *command = delete_cookies(jobs, n_jobs);
    if (!command)
        return TRUE;
    g_autoptr(redisReply) reply = redis_run(queues_metadata, command, error);
    return reply != NULL;
}

gboolean duplicate_jobs_after_perform(Redis *queues_metadata, const Job *job, const WorkerClass *worker,
                                      gboolean succeeded, gboolean *reschedule, GError **error)
{
    const char *key = idempotency_key_of(job);
    *reschedule = FALSE;
    if (!key || !worker || worker->deduplicate != DEDUPLICATE_UNTIL_EXECUTED)
        return TRUE;
    if (!delete_cookie(queues_metadata, key, error))
        return FALSE;
    if (!succeeded || !worker->reschedule_once)
        return TRUE;
    g_autofree char *signal = signal_key(key);
    return delete_key(queues_metadata, signal, reschedule, error);
}

static void append_text(GByteArray *out, const char *text)
{
    guint length = (guint)strlen(text);
    if (length < 32)
        g_byte_array_append(out, (guint8[]){(guint8)(0xa0 | length)}, 1);
    else
        g_byte_array_append(out, (guint8[]){0xd9, (guint8)length}, 2);
    g_byte_array_append(out, (const guint8 *)text, length);
}

/* The MessagePack map of cookie.rb: the jid and three empty maps, which hold replica positions that hubferry
 * has none of. */
static GByteArray *cookie_value(const char *jid)
{
    static const guint8 map_of_four = 0x84, empty_map = 0x80;
    static const char *const maps[] = {"existing_wal_locations", "offsets", "wal_locations"};
    GByteArray *cookie = g_byte_array_new();
    g_byte_array_append(cookie, &map_of_four, 1);
    append_text(cookie, "jid");
    append_text(cookie, jid);
    for (guint i = 0; i < G_N_ELEMENTS(maps); i++) {
        append_text(cookie, maps[i]);
        g_byte_array_append(cookie, &empty_map, 1);
    }
    return cookie;
}

gboolean duplicate_jobs_check(Redis *queues_metadata, const char *idempotency_key, const char *jid, guint ttl,
                              char **duplicate_of, GError **error)
{
    g_autofree char *key = duplicate_jobs_cookie_key(idempotency_key);
    g_autoptr(GByteArray) cookie = cookie_value(jid);
    RedisCommand *args = redis_command_new(NULL, NULL);
    redis_command_add_bytes(args, cookie->data, cookie->len);
    redis_command_add_int(args, ttl);
    g_autoptr(redisReply) holder =
        redis_script_run(&duplicate_check, queues_metadata, redis_command_new(key, NULL), args, error);
    if (!holder)
        return FALSE;
    *duplicate_of = g_strcmp0(holder->str, jid) == 0 ? NULL : g_strdup(holder->str);
    return TRUE;
}

gboolean duplicate_jobs_set_signal(Redis *queues_metadata, const char *idempotency_key, guint ttl,
                                   GError **error)
{
    g_autofree char *signal = signal_key(idempotency_key);
    RedisCommand *set = redis_command_new("SET", signal, "1", "EX", NULL);
    redis_command_add_int(set, ttl);
    g_autoptr(redisReply) reply = redis_run(queues_metadata, set, error);
    return reply != NULL;
}

gboolean duplicate_jobs_delete_signal(Redis *queues_metadata, const char *idempotency_key, GError **error)
{
    g_autofree char *signal = signal_key(idempotency_key);
    gboolean existed;
    return delete_key(queues_metadata, signal, &existed, error);
}
