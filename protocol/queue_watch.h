/*
 * One idle queue, watched by a BLMOVE that waits on a connection of its own. A push is answered with the job
 * at once, moved into the working list in the same step.
 *
 * The BLMOVE ends after QUEUE_WATCH_TIMEOUT, so that a connection that is dead without anybody having said so
 * is noticed. To end it earlier, send CLIENT UNBLOCK with queue_watch_client_id() on another connection.
 * Everything here belongs to the loop's thread.
 */
#pragma once

#include "protocol/async_redis.h"

#define QUEUE_WATCH_TIMEOUT 30 /* seconds */

typedef struct QueueWatch QueueWatch;

typedef struct QueueWatchOptions {
    struct ev_loop *loop;
    const RedisSettings *redis;
    const char *identity;
    const char *queue; /* name */
    const char *queue_key;
    const char *working_list;          /* key */
    void (*ready)(gpointer user_data); /* it can be parked */
    /* It is not parked any more; `job` (valid during the call) is NULL if none came. */
    void (*ended)(const redisReply *job, gpointer user_data);
    void (*lost)(gboolean was_parked, gpointer user_data);
    gpointer user_data;
} QueueWatchOptions;

/* What the options point to is borrowed. */
QueueWatch *queue_watch_new(const QueueWatchOptions *options);
void queue_watch_free(QueueWatch *watch);

gboolean queue_watch_is_ready(const QueueWatch *watch);
gboolean queue_watch_is_parked(const QueueWatch *watch);
gint64 queue_watch_client_id(const QueueWatch *watch);
/* Only if it is ready and not parked. */
void queue_watch_park(QueueWatch *watch);
