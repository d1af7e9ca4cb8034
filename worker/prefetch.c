#include "worker/prefetch.h"

#include <math.h>

/* Seconds. */
#define WINDOW    0.02 /* over which the rate is measured */
#define HALF_LIFE 0.2  /* of a rate that is not reached again */

void prefetch_init(Prefetch *prefetch, double now)
{
    *prefetch = (Prefetch){.since = now};
}

void prefetch_finished(Prefetch *prefetch, guint n, double now)
{
    prefetch->finished += n;
    if (now - prefetch->since < WINDOW)
        return;
    prefetch->rate = prefetch_rate(prefetch, now);
    prefetch->finished = 0;
    prefetch->since = now;
}

double prefetch_rate(const Prefetch *prefetch, double now)
{
    double elapsed = now - prefetch->since;
    if (elapsed < WINDOW)
        return prefetch->rate;
    return MAX(prefetch->finished / elapsed, prefetch->rate * exp2(-elapsed / HALF_LIFE));
}

guint prefetch_limit(const Prefetch *prefetch, guint occupied, double now)
{
    double ahead = prefetch_rate(prefetch, now) * PREFETCH_AHEAD;
    return occupied + (guint)MIN(ahead, PREFETCH_MAX);
}
