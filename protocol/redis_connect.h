/*
 * Making a Redis connection ready for use: finding the master, TLS, AUTH, SELECT. The blocking connection
 * (redis.h) does all of it through redis_connect(); the fetcher's asynchronous connections take the same
 * steps one by one.
 *
 * Errors are REDIS_ERROR_CONNECT. User and password never appear in them. Thread-safe.
 */
#pragma once

#include "protocol/redis.h"

/* A connection that has answered AUTH and SELECT, within the timeouts of `settings`. (transfer full) */
redisContext *redis_connect(const RedisSettings *settings, GError **error);

/* Where the master is: as configured, or as the first sentinel that answers says (this blocks). *host is
 * (transfer full). */
gboolean redis_find_master(const RedisSettings *settings, char **host, int *port, GError **error);

/* What a new connection says first: AUTH and SELECT, where the settings ask for them. Array of RedisCommand.
 * (transfer full) */
GPtrArray *redis_greeting(const RedisSettings *settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(redisContext, redisFree)
