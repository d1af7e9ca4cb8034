/*
 * Lua scripts of protocol/lua, called by their SHA1 (EVALSHA) and loaded again when Redis does not know them
 * (NOSCRIPT, for instance after a restart). Errors are those of Redis. A script may be run by several
 * threads, each on its own connection.
 */
#pragma once

#include "protocol/redis.h"

typedef struct RedisScript {
    const char *source; /* from lua_scripts.h */
    char sha1[41];      /* filled at the first use */
    gsize sha1_known;
} RedisScript;

/* Define one at file scope: static RedisScript settle = REDIS_SCRIPT(lua_settle); */
#define REDIS_SCRIPT(lua)                                                                                    \
    {                                                                                                        \
        .source = (lua)                                                                                      \
    }

/* `keys` and `args` are commands used as plain lists of words (their verb included); both are consumed;
 * `args` may be NULL. (transfer full) */
redisReply *redis_script_run(RedisScript *script, Redis *redis, RedisCommand *keys, RedisCommand *args,
                             GError **error);
/* Thread-safe. */
const char *redis_script_sha1(RedisScript *script);
