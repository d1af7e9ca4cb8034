/*
 * A blocking Redis connection for plain top-to-bottom code: executors, heartbeat, pollers, commands.
 *
 * The connection is made at the first call, and anew at the call that finds it closed by the server. A call
 * whose connection breaks after the command was sent fails with REDIS_ERROR_DISCONNECTED and is not repeated
 * here, because the command may have taken effect: whoever calls knows whether it is safe to repeat (every
 * write of hubferry is made to be). An error reply whose text holds READONLY, NOREPLICAS or UNBLOCKED drops
 * the connection and is repeated once on a new one, as Sidekiq does (lib/sidekiq/redis_connection.rb). With
 * sentinels, each connecting asks them for the master's address.
 *
 * Not thread-safe: one connection belongs to one thread.
 */
#pragma once

#include "protocol/autoptr_hiredis.h"
#include "protocol/redis_command.h"
#include "protocol/redis_settings.h"

#define REDIS_ERROR (redis_error_quark())
GQuark redis_error_quark(void);
typedef enum {
    REDIS_ERROR_CONNECT,      /* no connection could be made */
    REDIS_ERROR_DISCONNECTED, /* lost, or no answer in time */
    REDIS_ERROR_REPLY,        /* Redis answered with an error */
} RedisError;

typedef struct Redis Redis;

/* `settings` is borrowed and must outlive the connection. Does not connect yet. */
Redis *redis_new(const RedisSettings *settings);
void redis_free(Redis *redis);

/* The words of one command, ended by NULL; the reply, or NULL with `error` set. (transfer full) */
redisReply *redis_call(Redis *redis, GError **error, const char *verb, ...) G_GNUC_NULL_TERMINATED;
/* Consumes `command`. (transfer full) */
redisReply *redis_run(Redis *redis, RedisCommand *command, GError **error);

/* One round trip for all of `commands` (of RedisCommand, consumed). The replies in order, as an array of
 * redisReply; the first error reply among them fails the whole. (transfer full) */
GPtrArray *redis_pipeline(Redis *redis, GPtrArray *commands, GError **error);
/* The same inside MULTI ... EXEC; the replies are those of the commands themselves. (transfer full) */
GPtrArray *redis_multi(Redis *redis, GPtrArray *commands, GError **error);
/* An empty array of commands for the two above. (transfer full) */
GPtrArray *redis_commands_new(void);

/* The socket's connection is given up; the next call connects anew. */
void redis_disconnect(Redis *redis);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Redis, redis_free)
