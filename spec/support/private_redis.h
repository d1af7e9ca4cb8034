/*
 * A redis-server of the test's own: on a unix socket in a new temporary folder, without persistence unless
 * asked for. It is stopped and its folder removed when the program exits (also when the program is killed,
 * the server dies with it). Any failure, a missing redis-server included, ends the program with a message:
 * there is no skipping.
 */
#pragma once

#include "protocol/redis.h"

typedef struct PrivateRedis PrivateRedis;

/* Returns when the server answers. Further arguments of redis-server, ended by NULL, e.g. "--appendonly",
 * "yes", NULL. */
PrivateRedis *private_redis_start(const char *argument, ...) G_GNUC_NULL_TERMINATED;

/* Lasts as long as the server's record: until the program ends. */
const RedisSettings *private_redis_settings(const PrivateRedis *server);
const char *private_redis_socket(const PrivateRedis *server);
/* A connection of its own. (transfer full) */
Redis *private_redis_connect(const PrivateRedis *server);
void private_redis_flush(const PrivateRedis *server);

/* SIGKILL; what was not persisted is gone. */
void private_redis_kill(PrivateRedis *server);
/* Again, with the same arguments and folder. */
void private_redis_restart(PrivateRedis *server);

/* Runs one command that must succeed. The reply: (transfer full). */
redisReply *private_redis_command(const PrivateRedis *server, const char *verb, ...) G_GNUC_NULL_TERMINATED;
/* One command whose answer is a number, or a text (NULL: nil; (transfer full)). */
gint64 private_redis_integer(const PrivateRedis *server, const char *verb, ...) G_GNUC_NULL_TERMINATED;
char *private_redis_text(const PrivateRedis *server, const char *verb, ...) G_GNUC_NULL_TERMINATED;
