/*
 * Takes batches of jobs from queues that are expected to have some, with take.lua: one script call visits all
 * of them, in the given order (strict) or in a weighted random one, and stops when it has as many jobs as
 * were wanted. Everything here belongs to the loop's thread.
 */
#pragma once

#include "protocol/fetched_queue.h"

typedef struct Taker Taker;

typedef struct TakerOptions {
    AsyncRedis *commands;
    const GPtrArray *queues; /* of FetchedQueue */
    gboolean strict;
    /* Jobs of one queue; replies of type string, the first taken first, valid during the call. */
    void (*arrived)(FetchedQueue *queue, redisReply *const *jobs, gsize n, gpointer user_data);
    void (*changed)(gpointer user_data); /* a take has been answered */
    gpointer user_data;
} TakerOptions;

/* What the options point to is borrowed. */
Taker *taker_new(const TakerOptions *options);
void taker_free(Taker *taker);

/* With `commands` ready: sends takes for up to `capacity` jobs, those under way included. */
void taker_take(Taker *taker, guint capacity);
gboolean taker_is_idle(const Taker *taker);

/* The connection `commands` is new: loads the script. */
void taker_commands_ready(Taker *taker);
/* It was lost: takes under way will not be answered. */
void taker_commands_lost(Taker *taker);
