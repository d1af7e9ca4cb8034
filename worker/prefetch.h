/*
 * How many jobs may be fetched ahead of the executors: one for each that has none, and beyond that what the
 * recent rate of finished jobs would finish within 0.2 s, which is enough for whole batches. So a worker of
 * short jobs never waits for Redis, and long jobs never wait behind a busy executor while another process
 * could have started them. The rate rises at once and falls by half in 0.2 s, because batches that were begun
 * together end together.
 *
 * Times are seconds of one clock. Not thread-safe.
 */
#pragma once

#include <glib.h>

#define PREFETCH_AHEAD 0.2  /* seconds of work */
#define PREFETCH_MAX   1000 /* jobs beyond one for each executor */

typedef struct Prefetch {
    double rate;    /* finished jobs per second, as of `since` */
    double since;   /* when the current window began */
    guint finished; /* in the current window */
} Prefetch;

void prefetch_init(Prefetch *prefetch, double now);
void prefetch_finished(Prefetch *prefetch, guint n, double now);
/* Finished jobs per second; falls while nothing finishes. */
double prefetch_rate(const Prefetch *prefetch, double now);
/* How many jobs may be here at a time; `occupied`: those that were started, and one for each idle executor.
 */
guint prefetch_limit(const Prefetch *prefetch, guint occupied, double now);
