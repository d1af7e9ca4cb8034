#include "protocol/import_caching.h"

#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_PER_CALL 1000

static RedisScript read_values = REDIS_SCRIPT(lua_cache_read);
static RedisScript write_if_greater = REDIS_SCRIPT(lua_cache_write_if_greater);
static RedisScript increment_once = REDIS_SCRIPT(lua_cache_increment_once);
static RedisScript list_add = REDIS_SCRIPT(lua_cache_list_add);

char *cache_redis_key(const char *raw_key)
{
    return g_strconcat("cache:gitlab:", raw_key, NULL);
}

static RedisCommand *command_on(const char *verb, const char *raw_key)
{
    g_autofree char *key = cache_redis_key(raw_key);
    return redis_command_new(verb, key, NULL);
}

static RedisCommand *key_words(const char *raw_key)
{
    g_autofree char *key = cache_redis_key(raw_key);
    return redis_command_new(key, NULL);
}

static RedisCommand *set_command(const char *raw_key, const char *value, guint timeout)
{
    RedisCommand *set = command_on("SET", raw_key);
    redis_command_add(set, value);
    redis_command_add(set, "EX");
    redis_command_add_int(set, timeout);
    return set;
}

static RedisCommand *expire_command(const char *raw_key, guint timeout)
{
    RedisCommand *expire = command_on("EXPIRE", raw_key);
    redis_command_add_int(expire, timeout);
    return expire;
}

static gboolean run_for_effect(Redis *redis, RedisCommand *command, GError **error)
{
    g_autoptr(redisReply) reply = redis_run(redis, command, error);
    return reply != NULL;
}

static gboolean is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n\v\f")] == '\0';
}

GPtrArray *cache_read_multiple(Redis *redis, const GPtrArray *keys, guint timeout, GError **error)
{
    g_autoptr(RedisCommand) words = redis_command_new(NULL, NULL);
    for (guint i = 0; i < keys->len; i++) {
        g_autofree char *key = cache_redis_key(keys->pdata[i]);
        redis_command_add(words, key);
    }
    RedisCommand *args = redis_command_new(NULL, NULL);
    redis_command_add_int(args, timeout);
    g_autoptr(redisReply) reply = redis_script_run(&read_values, redis, g_steal_pointer(&words), args, error);
    if (!reply)
        return NULL;
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; i < reply->elements; i++)
        g_ptr_array_add(values, g_strdup(reply->element[i]->str));
    return values;
}

gboolean cache_read(Redis *redis, const char *key, char **value, GError **error)
{
    g_autoptr(GPtrArray) one = g_ptr_array_new();
    g_ptr_array_add(one, (gpointer)key);
    g_autoptr(GPtrArray) values = cache_read_multiple(redis, one, CACHE_TIMEOUT, error);
    if (!values)
        return FALSE;
    *value = g_steal_pointer(&values->pdata[0]);
    return TRUE;
}

gboolean cache_read_integer(Redis *redis, const char *key, gint64 *value, gboolean *found, GError **error)
{
    g_autofree char *text = NULL;
    if (!cache_read(redis, key, &text, error))
        return FALSE;
    *found = text && !is_blank(text);
    if (*found)
        *value = g_ascii_strtoll(text, NULL, 10);
    return TRUE;
}

gboolean cache_write(Redis *redis, const char *key, const char *value, guint timeout, GError **error)
{
    return run_for_effect(redis, set_command(key, value, timeout), error);
}

gboolean cache_write_integer(Redis *redis, const char *key, gint64 value, guint timeout, GError **error)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);
    return cache_write(redis, key, text, timeout, error);
}

gboolean cache_write_multiple(Redis *redis, const GPtrArray *pairs, guint timeout, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    for (guint i = 0; i + 1 < pairs->len; i += 2)
        g_ptr_array_add(commands, set_command(pairs->pdata[i], pairs->pdata[i + 1], timeout));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    return replies != NULL;
}

gboolean cache_write_if_greater(Redis *redis, const char *key, gint64 value, guint timeout, gboolean *written,
                                GError **error)
{
    RedisCommand *args = redis_command_new(NULL, NULL);
    redis_command_add_int(args, value);
    redis_command_add_int(args, timeout);
    g_autoptr(redisReply) reply = redis_script_run(&write_if_greater, redis, key_words(key), args, error);
    if (!reply)
        return FALSE;
    if (written)
        *written = reply->integer == 1;
    return TRUE;
}

gboolean cache_increment(Redis *redis, const char *key, guint timeout, gint64 *value, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, command_on("INCR", key));
    g_ptr_array_add(commands, expire_command(key, timeout));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    if (!replies)
        return FALSE;
    if (value)
        *value = ((const redisReply *)replies->pdata[0])->integer;
    return TRUE;
}

gboolean cache_set_add(Redis *redis, const char *key, const char *member, guint timeout, GError **error)
{
    g_autoptr(GPtrArray) members = g_ptr_array_new();
    g_ptr_array_add(members, (gpointer)member);
    return cache_set_add_all(redis, key, members, timeout, error);
}

gboolean cache_set_add_all(Redis *redis, const char *key, const GPtrArray *members, guint timeout,
                           GError **error)
{
    GPtrArray *commands = redis_commands_new();
    RedisCommand *add = command_on("SADD", key);
    for (guint i = 0; i < members->len; i++)
        redis_command_add(add, members->pdata[i]);
    g_ptr_array_add(commands, add);
    g_ptr_array_add(commands, expire_command(key, timeout));
    g_autoptr(GPtrArray) replies = redis_multi(redis, commands, error);
    return replies != NULL;
}

gboolean *cache_set_includes_all(Redis *redis, const char *key, const GPtrArray *members, GError **error)
{
    g_autofree gboolean *present = g_new0(gboolean, members->len + 1);
    if (members->len == 0)
        return g_steal_pointer(&present);
    GPtrArray *commands = redis_commands_new();
    for (guint i = 0; i < members->len; i++) {
        RedisCommand *includes = command_on("SISMEMBER", key);
        redis_command_add(includes, members->pdata[i]);
        g_ptr_array_add(commands, includes);
    }
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    if (!replies)
        return NULL;
    for (guint i = 0; i < members->len; i++)
        present[i] = ((const redisReply *)replies->pdata[i])->integer == 1;
    return g_steal_pointer(&present);
}

gboolean cache_set_count(Redis *redis, const char *key, gint64 *count, GError **error)
{
    g_autoptr(redisReply) reply = redis_run(redis, command_on("SCARD", key), error);
    if (!reply)
        return FALSE;
    *count = reply->integer;
    return TRUE;
}

static GPtrArray *strings_of(const redisReply *reply)
{
    GPtrArray *strings = g_ptr_array_new_full((guint)reply->elements, g_free);
    for (gsize i = 0; i < reply->elements; i++)
        g_ptr_array_add(strings, g_strdup(reply->element[i]->str));
    return strings;
}

static GPtrArray *run_for_strings(Redis *redis, RedisCommand *command, GError **error)
{
    g_autoptr(redisReply) reply = redis_run(redis, command, error);
    return reply ? strings_of(reply) : NULL;
}

GPtrArray *cache_set_members(Redis *redis, const char *key, GError **error)
{
    return run_for_strings(redis, command_on("SMEMBERS", key), error);
}

GPtrArray *cache_set_sample(Redis *redis, const char *key, guint count, GError **error)
{
    RedisCommand *sample = command_on("SRANDMEMBER", key);
    redis_command_add_int(sample, count);
    return run_for_strings(redis, sample, error);
}

gboolean cache_set_remove(Redis *redis, const char *key, const GPtrArray *members, GError **error)
{
    if (members->len == 0)
        return TRUE;
    RedisCommand *remove = command_on("SREM", key);
    for (guint i = 0; i < members->len; i++)
        redis_command_add(remove, members->pdata[i]);
    return run_for_effect(redis, remove, error);
}

gboolean cache_expire(Redis *redis, const char *key, guint timeout, GError **error)
{
    return run_for_effect(redis, expire_command(key, timeout), error);
}

gboolean cache_delete(Redis *redis, const char *key, GError **error)
{
    return run_for_effect(redis, command_on("DEL", key), error);
}

gboolean cache_delete_all(Redis *redis, const GPtrArray *keys, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    for (guint i = 0; i < keys->len; i++)
        g_ptr_array_add(commands, command_on("DEL", keys->pdata[i]));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    return replies != NULL;
}

gboolean cache_list_add(Redis *redis, const char *key, const char *value, guint limit, guint timeout,
                        GError **error)
{
    RedisCommand *args = redis_command_new(value, NULL);
    redis_command_add_int(args, limit);
    redis_command_add_int(args, timeout);
    g_autoptr(redisReply) reply = redis_script_run(&list_add, redis, key_words(key), args, error);
    return reply != NULL;
}

gboolean cache_list_count(Redis *redis, const char *key, gint64 *count, GError **error)
{
    g_autoptr(redisReply) reply = redis_run(redis, command_on("LLEN", key), error);
    if (!reply)
        return FALSE;
    *count = reply->integer;
    return TRUE;
}

GPtrArray *cache_lists(Redis *redis, const GPtrArray *keys, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    for (guint i = 0; i < keys->len; i++) {
        RedisCommand *range = command_on("LRANGE", keys->pdata[i]);
        redis_command_add_int(range, 0);
        redis_command_add_int(range, -1);
        g_ptr_array_add(commands, range);
    }
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    if (!replies)
        return NULL;
    GPtrArray *lists = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < replies->len; i++)
        g_ptr_array_add(lists, strings_of(replies->pdata[i]));
    return lists;
}

static char *tokens_key(const char *key)
{
    return g_strconcat("hubferry:counted:", key, NULL);
}

/* One slice of the tokens; raises *added. */
static gboolean count_tokens(Redis *redis, const char *key, const GPtrArray *tokens, guint from, guint to,
                             guint timeout, gint64 *added, GError **error)
{
    g_autofree char *counted = tokens_key(key);
    RedisCommand *keys = key_words(key);
    redis_command_add(keys, counted);
    RedisCommand *args = redis_command_new(NULL, NULL);
    redis_command_add_int(args, timeout);
    for (guint i = from; i < to; i++)
        redis_command_add(args, tokens->pdata[i]);
    g_autoptr(redisReply) reply = redis_script_run(&increment_once, redis, keys, args, error);
    if (!reply)
        return FALSE;
    *added += reply->integer;
    return TRUE;
}

gboolean cache_increment_once(Redis *redis, const char *key, const GPtrArray *tokens, guint timeout,
                              gint64 *added, GError **error)
{
    gint64 sum = 0;
    for (guint from = 0; from < tokens->len; from += TOKENS_PER_CALL) {
        guint to = MIN(from + TOKENS_PER_CALL, tokens->len);
        if (!count_tokens(redis, key, tokens, from, to, timeout, &sum, error))
            return FALSE;
    }
    if (added)
        *added = sum;
    return TRUE;
}

gboolean cache_forget_tokens(Redis *redis, const GPtrArray *keys, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    for (guint i = 0; i < keys->len; i++) {
        g_autofree char *counted = tokens_key(keys->pdata[i]);
        g_ptr_array_add(commands, redis_command_new("UNLINK", counted, NULL));
    }
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    return replies != NULL;
}
