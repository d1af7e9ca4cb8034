/*
 * How many jobs may be fetched ahead of the executors: one for each executor (or as many as they have
 * started, which are more where they perform jobs together), and beyond that what the recent rate of finished
 * jobs would finish within 50 ms. So a worker of short jobs never waits for Redis, and long jobs never wait
 * behind a busy executor while another process could have started them.
 *
 * Times are seconds of one clock. Not thread-safe.
 */
#pragma once

#include <glib.h>

#define PREFETCH_AHEAD 0.05 /* seconds of work */
#define PREFETCH_MAX   1000 /* jobs beyond those */

typedef struct Prefetch {
    guint executors;
    double rate;    /* finished jobs per second in the last whole window */
    double since;   /* when the current window began */
    guint finished; /* in the current window */
} Prefetch;

void prefetch_init(Prefetch *prefetch, guint executors, double now);
void prefetch_finished(Prefetch *prefetch, guint n, double now);
/* Finished jobs per second; falls while nothing finishes. */
double prefetch_rate(const Prefetch *prefetch, double now);
/* How many jobs may be here at a time, the `started` ones among them. */
guint prefetch_limit(const Prefetch *prefetch, guint started, double now);
