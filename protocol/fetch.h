/*
 * Reliable fetch (GitLab's vendor/gems/sidekiq-reliable-fetch), on the event loop and pipelined.
 *
 * Jobs move atomically from queue:NAME into working:queue:NAME:IDENTITY, so there is no moment in which a job
 * is in no list; keys and values are those of both of GitLab's strategies. An idle queue is watched by one
 * parked BLMOVE on a connection of its own, so a push is seen at once and an empty queue is never polled; as
 * soon as jobs flow, batches are taken by a script (take.lua). Several queues are visited in the given order
 * (strict) or in a weighted random order, anew each time.
 *
 * Never more jobs are delivered than the capacity that was granted. What a BLMOVE brings beyond it goes back
 * to where it came from.
 *
 * Connections are kept up with backoff. After a reconnect, settlements whose answer is missing are sent again
 * (they are idempotent), and the own working lists are compared with what is known here: a job that was moved
 * while the answer was lost is delivered then.
 *
 * Everything here belongs to the loop's thread. The callbacks may call every function but fetch_free().
 */
#pragma once

#include "protocol/redis_settings.h"
#include "protocol/settlement.h"

#include <ev.h>

typedef struct Fetch Fetch;

typedef struct FetchQueue {
    const char *name; /* without "queue:" */
    guint weight;     /* at least 1 */
} FetchQueue;

typedef struct FetchOptions {
    struct ev_loop *loop;
    const RedisSettings *redis;
    const char *identity;
    const FetchQueue *queues; /* no name twice; each costs one connection */
    guint n_queues;
    gboolean strict; /* in the given order; else weighted random */
    /* A job has arrived; the bytes are valid during the call. */
    void (*deliver)(const char *queue, const char *raw, gsize length, gpointer user_data);
    gpointer user_data;
} FetchOptions;

/* `options` and what it points to are borrowed and must outlive the fetch. Connects when the loop runs. */
Fetch *fetch_new(const FetchOptions *options);
void fetch_free(Fetch *fetch);

/* How many more jobs may be delivered from now on. At 0 nothing more is taken. */
void fetch_grant(Fetch *fetch, guint capacity);
/* No more fetching, for good. A job that was already on its way is delivered all the same, whatever the
 * capacity. */
void fetch_quiet(Fetch *fetch);
/* Carries out a settlement, now or after the next reconnect. (transfer full) */
void fetch_settle(Fetch *fetch, Settlement *settlement);
/* Settlements not yet answered. */
guint fetch_unsettled(const Fetch *fetch);
/* After fetch_quiet(): no job can arrive any more and all settlements have been answered. */
gboolean fetch_finished(const Fetch *fetch);
gboolean fetch_connected(const Fetch *fetch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fetch, fetch_free)
