/*
 * One asynchronous Redis connection on a libev loop, kept up for as long as it exists: it connects, says AUTH
 * and SELECT, and after a loss connects again with growing pauses (0.1 s to 5 s, with jitter). With
 * sentinels, each connecting asks them for the master's address, which blocks.
 *
 * Before a new connection is ready for its owner, the server is told to close the previous one if it still
 * has it, so that nothing that was sent there can take effect later. The previous one is known by its number
 * and its name, since a restarted server gives the same numbers to others.
 *
 * A loss is one log line, and so is the recovery, with the length of the outage.
 * Everything here belongs to the loop's thread.
 */
#pragma once

#include "protocol/autoptr_hiredis.h"
#include "protocol/log.h"
#include "protocol/redis_command.h"
#include "protocol/redis_settings.h"

#include <ev.h>

typedef struct AsyncRedis AsyncRedis;

typedef struct AsyncRedisOptions {
    struct ev_loop *loop;
    const RedisSettings *redis;
    const char *name;     /* CLIENT SETNAME, unique in the cluster, without blanks; also for the log */
    LogLevel log_level;   /* of the lines about loss and recovery */
    double reply_timeout; /* seconds without any awaited reply, after which the connection is given up */
    void (*ready)(gpointer user_data); /* commands may be sent */
    void (*lost)(gpointer user_data);  /* replies that were awaited will not come */
    gpointer user_data;
} AsyncRedisOptions;

/* `reply` is valid during the call. Not called when the connection is lost before the reply. */
typedef void (*AsyncReply)(const redisReply *reply, gpointer data);

/* What the options point to is borrowed. Connects when the loop runs. */
AsyncRedis *async_redis_new(const AsyncRedisOptions *options);
void async_redis_free(AsyncRedis *redis);

gboolean async_redis_is_ready(const AsyncRedis *redis);
/* The server's number for this connection; 0 when the server does not tell it. */
gint64 async_redis_client_id(const AsyncRedis *redis);

/* Only on a ready connection. The command is copied and is written when the loop runs next, together with the
 * others. */
void async_redis_send(AsyncRedis *redis, AsyncReply on_reply, gpointer data, int argc, const char **argv,
                      const size_t *lengths);
/* The same; consumes `command`. */
void async_redis_run(AsyncRedis *redis, AsyncReply on_reply, gpointer data, RedisCommand *command);
/* The same with words ended by NULL. */
void async_redis_call(AsyncRedis *redis, AsyncReply on_reply, gpointer data, const char *verb,
                      ...) G_GNUC_NULL_TERMINATED;

/* SCRIPT LOAD. A server that refuses it is given up. */
void async_redis_load_script(AsyncRedis *redis, const char *source);

/* The server does what it is asked: the outage, if there was one, is over. */
void async_redis_confirm(AsyncRedis *redis);
/* The server answers, but cannot do its work now (loading, demoted to a replica, ...): give up this
 * connection and try again later. `reason` is for the log. */
void async_redis_drop(AsyncRedis *redis, const char *reason);
/* Whether an error reply says so. */
gboolean async_redis_is_outage(const redisReply *reply);
/* Any error reply after which going on at once would only repeat it: async_redis_drop(), and a log line with
 * `what` unless it is an outage. */
void async_redis_drop_refused(AsyncRedis *redis, const redisReply *reply, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AsyncRedis, async_redis_free)
