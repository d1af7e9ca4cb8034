/*
 * GitHub's primary rate limit: so many requests until the window is reset, one window for all tokens.
 * Times are Unix seconds. Thread-safe.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/response.h"

typedef struct RateLimit RateLimit;

/* limit: requests per hour; 0: the headers say 5000, but nothing is counted. */
RateLimit *rate_limit_new(gint64 limit);
void rate_limit_free(RateLimit *rate_limit);

/* Takes one request out of the window; FALSE when none is left. */
gboolean rate_limit_take(RateLimit *rate_limit);
/* Gives one back: an answer 304 is free. */
void rate_limit_give_back(RateLimit *rate_limit);

/* FALSE: limits are switched off, as GitHub Enterprise Server has them by default. */
gboolean rate_limit_is_enabled(RateLimit *rate_limit);

/* X-RateLimit-* headers; none when switched off. */
void rate_limit_add_headers(RateLimit *rate_limit, Response *response);

/* The body of GET /rate_limit. (transfer full) */
json_t *rate_limit_overview(RateLimit *rate_limit);

/* settings: any of limit, remaining, reset_in (seconds), enabled. Counting starts with it. */
void rate_limit_set(RateLimit *rate_limit, const json_t *settings);
/* Back to how it was created. */
void rate_limit_reset(RateLimit *rate_limit);

/* GitHub's answer when the primary limit is exhausted. reset: Unix seconds. (transfer full) */
Response *rate_limit_exceeded(gint64 limit, gint64 reset);
/* The same for this window. (transfer full) */
Response *rate_limit_refusal(RateLimit *rate_limit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RateLimit, rate_limit_free)
