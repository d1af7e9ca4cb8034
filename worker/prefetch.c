#include "worker/prefetch.h"

#define WINDOW 0.02 /* seconds over which the rate is measured */

void prefetch_init(Prefetch *prefetch, double now)
{
    *prefetch = (Prefetch){.since = now};
}

void prefetch_finished(Prefetch *prefetch, guint n, double now)
{
    prefetch->finished += n;
    double elapsed = now - prefetch->since;
    if (elapsed < WINDOW)
        return;
    prefetch->rate = prefetch->finished / elapsed;
    prefetch->finished = 0;
    prefetch->since = now;
}

double prefetch_rate(const Prefetch *prefetch, double now)
{
    double elapsed = now - prefetch->since;
    return elapsed > 2 * WINDOW ? prefetch->finished / elapsed : prefetch->rate;
}

guint prefetch_limit(const Prefetch *prefetch, guint occupied, double now)
{
    double ahead = prefetch_rate(prefetch, now) * PREFETCH_AHEAD;
    return occupied + (guint)MIN(ahead, PREFETCH_MAX);
}
