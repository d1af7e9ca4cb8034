#include "protocol/redis_script.h"

#include <string.h>

const char *redis_script_sha1(RedisScript *script)
{
    if (g_once_init_enter(&script->sha1_known)) {
        g_autofree char *sha1 = g_compute_checksum_for_string(G_CHECKSUM_SHA1, script->source, -1);
        g_strlcpy(script->sha1, sha1, sizeof script->sha1);
        g_once_init_leave(&script->sha1_known, 1);
    }
    return script->sha1;
}

static void add_words(RedisCommand *command, const RedisCommand *words)
{
    for (int i = 0; i < redis_command_argc(words); i++)
        redis_command_add_bytes(command, redis_command_argv(words)[i], redis_command_lengths(words)[i]);
}

static redisReply *evaluate(Redis *redis, const char *verb, const char *script, const RedisCommand *keys,
                            const RedisCommand *args, GError **error)
{
    RedisCommand *command = redis_command_new(verb, script, NULL);
    redis_command_add_int(command, redis_command_argc(keys));
    add_words(command, keys);
    if (args)
        add_words(command, args);
    return redis_run(redis, command, error);
}

redisReply *redis_script_run(RedisScript *script, Redis *redis, RedisCommand *keys, RedisCommand *args,
                             GError **error)
{
    g_autoptr(RedisCommand) owned_keys = keys, owned_args = args;
    GError *failure = NULL;
    redisReply *reply =
        evaluate(redis, "EVALSHA", redis_script_sha1(script), owned_keys, owned_args, &failure);
    if (g_error_matches(failure, REDIS_ERROR, REDIS_ERROR_REPLY) &&
        g_str_has_prefix(failure->message, "NOSCRIPT")) {
        g_clear_error(&failure);
        reply = evaluate(redis, "EVAL", script->source, owned_keys, owned_args, &failure);
    }
    if (failure)
        g_propagate_error(error, failure);
    return reply;
}
