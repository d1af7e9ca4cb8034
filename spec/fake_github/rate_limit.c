#include "spec/fake_github/rate_limit.h"

enum { WINDOW_SECONDS = 3600, NOMINAL_LIMIT = 5000 };

struct RateLimit {
    GMutex lock;
    gint64 initial_limit;
    gboolean enabled;
    gboolean counting;
    gint64 limit;
    gint64 remaining;
    gint64 reset;
};

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

RateLimit *rate_limit_new(gint64 limit)
{
    RateLimit *rate_limit = g_new0(RateLimit, 1);
    g_mutex_init(&rate_limit->lock);
    rate_limit->initial_limit = limit;
    rate_limit_reset(rate_limit);
    return rate_limit;
}

void rate_limit_free(RateLimit *rate_limit)
{
    g_mutex_clear(&rate_limit->lock);
    g_free(rate_limit);
}

void rate_limit_reset(RateLimit *rate_limit)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    rate_limit->enabled = TRUE;
    rate_limit->counting = rate_limit->initial_limit > 0;
    rate_limit->limit = rate_limit->counting ? rate_limit->initial_limit : NOMINAL_LIMIT;
    rate_limit->remaining = rate_limit->limit;
    rate_limit->reset = now() + WINDOW_SECONDS;
}

/* Called with the lock held. */
static void start_new_window_when_due(RateLimit *rate_limit)
{
    if (now() >= rate_limit->reset) {
        rate_limit->remaining = rate_limit->limit;
        rate_limit->reset = now() + WINDOW_SECONDS;
    }
}

gboolean rate_limit_take(RateLimit *rate_limit)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    start_new_window_when_due(rate_limit);
    if (!rate_limit->enabled || !rate_limit->counting) {
        return TRUE;
    }
    if (rate_limit->remaining == 0) {
        return FALSE;
    }
    rate_limit->remaining--;
    return TRUE;
}

void rate_limit_give_back(RateLimit *rate_limit)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    if (rate_limit->enabled && rate_limit->counting) {
        rate_limit->remaining = MIN(rate_limit->remaining + 1, rate_limit->limit);
    }
}

gboolean rate_limit_is_enabled(RateLimit *rate_limit)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    return rate_limit->enabled;
}

static void add_numbers(Response *response, gint64 limit, gint64 remaining, gint64 reset)
{
    response_set_header_number(response, "X-RateLimit-Limit", limit);
    response_set_header_number(response, "X-RateLimit-Remaining", remaining);
    response_set_header_number(response, "X-RateLimit-Reset", reset);
    response_set_header_number(response, "X-RateLimit-Used", limit - remaining);
    response_set_header(response, "X-RateLimit-Resource", "core");
}

void rate_limit_add_headers(RateLimit *rate_limit, Response *response)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    start_new_window_when_due(rate_limit);
    if (rate_limit->enabled) {
        add_numbers(response, rate_limit->limit, rate_limit->remaining, rate_limit->reset);
    }
}

json_t *rate_limit_overview(RateLimit *rate_limit)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    start_new_window_when_due(rate_limit);
    json_auto_t *core = json_pack("{s:I, s:I, s:I, s:I}", "limit", (json_int_t)rate_limit->limit, "used",
                                  (json_int_t)(rate_limit->limit - rate_limit->remaining), "remaining",
                                  (json_int_t)rate_limit->remaining, "reset", (json_int_t)rate_limit->reset);
    json_t *search = json_pack("{s:i, s:i, s:i, s:I}", "limit", 30, "used", 0, "remaining", 30, "reset",
                               (json_int_t)rate_limit->reset);
    return json_pack("{s:{s:O, s:o}, s:O}", "resources", "core", core, "search", search, "rate", core);
}

static void take_number(const json_t *settings, const char *member, gint64 *number)
{
    const json_t *value = json_object_get(settings, member);
    if (json_is_integer(value)) {
        *number = json_integer_value(value);
    }
}

void rate_limit_set(RateLimit *rate_limit, const json_t *settings)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    const json_t *enabled = json_object_get(settings, "enabled");
    gint64 reset_in = rate_limit->reset - now();
    take_number(settings, "limit", &rate_limit->limit);
    rate_limit->remaining = MIN(rate_limit->remaining, rate_limit->limit);
    take_number(settings, "remaining", &rate_limit->remaining);
    take_number(settings, "reset_in", &reset_in);
    rate_limit->reset = now() + reset_in;
    rate_limit->counting = TRUE;
    rate_limit->enabled = enabled == NULL || json_is_true(enabled);
}

Response *rate_limit_exceeded(gint64 limit, gint64 reset)
{
    Response *response = response_new_message(
        MHD_HTTP_FORBIDDEN, "API rate limit exceeded for user ID 1001. If you reach out to GitHub Support "
                            "for help, please include the request ID.");
    add_numbers(response, limit, 0, reset);
    return response;
}

Response *rate_limit_refusal(RateLimit *rate_limit)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&rate_limit->lock);
    return rate_limit_exceeded(rate_limit->limit, rate_limit->reset);
}
