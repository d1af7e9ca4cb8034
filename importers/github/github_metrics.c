#include "importers/github/github_metrics.h"

static GMutex lock;
static GithubMetrics totals = {.limit = -1, .remaining = -1, .reset = -1};

static void count(guint64 *counter)
{
    g_mutex_lock(&lock);
    (*counter)++;
    g_mutex_unlock(&lock);
}

void github_metrics_read(GithubMetrics *metrics)
{
    g_mutex_lock(&lock);
    *metrics = totals;
    g_mutex_unlock(&lock);
}

void github_metrics_count_request(void)
{
    count(&totals.requests);
}

void github_metrics_count_rate_limit_hit(void)
{
    count(&totals.rate_limit_hits);
}

void github_metrics_count_not_modified(void)
{
    count(&totals.not_modified);
}

void github_metrics_set_window(gint64 limit, gint64 remaining, gint64 reset)
{
    g_mutex_lock(&lock);
    totals.limit = limit;
    totals.remaining = remaining;
    totals.reset = reset;
    g_mutex_unlock(&lock);
}
