#include "importers/github/rate_limit.h"

#include "importers/github/error.h"
#include "importers/github/github_metrics.h"

#include <curl/curl.h>

#define THRESHOLD        50 /* RATE_LIMIT_THRESHOLD */
#define SEARCH_THRESHOLD 3  /* SEARCH_RATE_LIMIT_THRESHOLD, where the limit is that of the search API */
#define SEARCH_LIMIT     30
#define MARGIN           5  /* seconds after the window's end */
#define SECONDARY_WAIT   60 /* seconds, when GitHub does not say */

struct RateLimit {
    gint64 limit, remaining; /* valid until `reset` */
    gint64 reset;            /* Unix seconds; 0: nothing is known */
    gint64 under_way;        /* requests sent and not answered */
    double closed_until;     /* Unix seconds: a refusal's wait ends */
};

static GMutex lock;
static GHashTable *limits; /* digest of endpoint and token -> RateLimit */

static double now(void)
{
    return (double)g_get_real_time() / G_USEC_PER_SEC;
}

RateLimit *rate_limit_for(const char *endpoint, const char *token)
{
    g_autofree char *name = g_strconcat(endpoint, "\n", token, NULL);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    if (!limits)
        limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    RateLimit *found = g_hash_table_lookup(limits, digest);
    if (!found) {
        found = g_new0(RateLimit, 1);
        g_hash_table_insert(limits, g_steal_pointer(&digest), found);
    }
    return found;
}

/* Seconds until the next request is allowed; 0: now. */
static double wait_needed(const RateLimit *limit)
{
    double time = now();
    double wait = MAX(limit->closed_until - time, 0);
    gint64 threshold = limit->limit == SEARCH_LIMIT ? SEARCH_THRESHOLD : THRESHOLD;
    gboolean window_open = time < (double)limit->reset;
    if (window_open && limit->remaining - limit->under_way <= threshold)
        wait = MAX(wait, (double)limit->reset - time + MARGIN);
    return wait;
}

gboolean rate_limit_start(RateLimit *limit, GError **error)
{
    g_mutex_lock(&lock);
    double wait = wait_needed(limit);
    if (wait <= 0)
        limit->under_way++;
    g_mutex_unlock(&lock);
    if (wait <= 0)
        return TRUE;
    github_metrics_count_rate_limit_hit();
    github_set_rate_limit_error(error, wait, "Internal threshold reached");
    return FALSE;
}

/* The metrics show the one window that an import depends on. */
static gboolean is_graphql(const HttpResponse *response)
{
    const char *resource = http_answer_header(response->answer, "x-ratelimit-resource");
    return resource && g_str_equal(resource, "graphql");
}

static void remember(RateLimit *limit, const HttpResponse *response)
{
    gint64 remaining = http_answer_integer(response->answer, "x-ratelimit-remaining", -1);
    gint64 reset = http_answer_integer(response->answer, "x-ratelimit-reset", -1);
    if (remaining < 0 || reset < 0)
        return;
    limit->limit = http_answer_integer(response->answer, "x-ratelimit-limit", -1);
    limit->remaining = remaining;
    limit->reset = reset;
    if (!is_graphql(response))
        github_metrics_set_window(limit->limit, remaining, reset);
}

void rate_limit_finish(RateLimit *limit, const HttpResponse *response)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    limit->under_way--;
    if (response)
        remember(limit, response);
}

/* Retry-After is a number of seconds or a date; negative: absent. */
static double retry_after(const HttpResponse *response)
{
    gint64 seconds = http_answer_integer(response->answer, "retry-after", -1);
    const char *text = http_answer_header(response->answer, "retry-after");
    if (seconds >= 0 || !text)
        return (double)seconds;
    time_t date = curl_getdate(text, NULL);
    return date < 0 ? -1 : MAX((double)date - now(), 0);
}

double rate_limit_refused(RateLimit *limit, const HttpResponse *response)
{
    double wait = retry_after(response);
    double reset = (double)http_answer_integer(response->answer, "x-ratelimit-reset", -1);
    gboolean used_up = http_answer_integer(response->answer, "x-ratelimit-remaining", -1) == 0;
    if (wait < 0 && used_up && reset >= 0)
        wait = MAX(reset - now(), 0) + MARGIN;
    else if (wait < 0)
        wait = SECONDARY_WAIT;
    wait = MAX(wait, 1);
    github_metrics_count_rate_limit_hit();
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    limit->closed_until = MAX(limit->closed_until, now() + wait);
    return wait;
}
