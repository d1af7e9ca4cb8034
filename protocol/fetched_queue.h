/*
 * One queue as the fetcher knows it. It is in one of three states:
 *
 *   expected to have jobs   part of the next take (taker.h)
 *   watched                 found empty; a BLMOVE waits for the next push (queue_watch.h)
 *   being reconciled        a connection was lost with an answer under way: while nothing else of this
 *                           queue is in flight, its working list is compared with the jobs known here;
 *                           unknown ones have arrived
 *
 * Everything here belongs to the loop's thread.
 */
#pragma once

#include "protocol/async_redis.h"

typedef struct FetchedQueue FetchedQueue;

typedef struct FetchedQueueOptions {
    struct ev_loop *loop;
    const RedisSettings *redis;
    const char *identity;
    const char *name;
    guint weight;
    AsyncRedis *commands; /* for everything but the BLMOVE */
    /* By the watch or by reconciliation; replies of type string, the first taken first, valid during the
     * call. */
    void (*arrived)(FetchedQueue *queue, redisReply *const *jobs, gsize n, gpointer user_data);
    void (*changed)(gpointer user_data); /* fetched_queue_advance() may have something to do */
    gpointer user_data;
} FetchedQueueOptions;

/* What the options point to is borrowed. */
FetchedQueue *fetched_queue_new(const FetchedQueueOptions *options);
void fetched_queue_free(FetchedQueue *queue);

const char *fetched_queue_name(const FetchedQueue *queue);
guint fetched_queue_weight(const FetchedQueue *queue);
const char *fetched_queue_key(const FetchedQueue *queue);
const char *fetched_queue_working_list(const FetchedQueue *queue);

/* A job is in this process's hands, or not any more: its settlement has been answered. */
void fetched_queue_add_working(FetchedQueue *queue, const redisReply *job);
void fetched_queue_remove_working(FetchedQueue *queue, const char *raw, gsize length);

void fetched_queue_expect_jobs(FetchedQueue *queue, gboolean expected);
/* It is expected to have jobs and needs no rest. */
gboolean fetched_queue_is_takeable(const FetchedQueue *queue);
/* A take from this queue is under way; it has been answered or lost. */
void fetched_queue_begin_take(FetchedQueue *queue);
void fetched_queue_end_take(FetchedQueue *queue);

/* With `commands` ready: goes on with what is due. `may_watch`: a job that arrives is welcome. */
void fetched_queue_advance(FetchedQueue *queue, gboolean may_watch);
/* With `commands` ready: ends the watch, if it is parked. */
void fetched_queue_release_watch(FetchedQueue *queue);
/* The connection `commands` was lost. */
void fetched_queue_commands_lost(FetchedQueue *queue);
/* No job can arrive by the watch, and none was overlooked. */
gboolean fetched_queue_is_at_rest(const FetchedQueue *queue);
gboolean fetched_queue_is_watchable(const FetchedQueue *queue);
