/*
 * GitHub's request limit for one token at one server, shared by all threads of the process
 * (lib/gitlab/github_import/client.rb: requests_remaining?, raise_or_wait_for_rate_limit). What the answers'
 * X-RateLimit headers say is remembered until that window ends, so no request is spent on asking.
 *
 * Unlike GitLab it also holds for GitHub Enterprise servers that send the headers, for 429, and for secondary
 * limits, whose Retry-After is obeyed. Thread-safe.
 */
#pragma once

#include "importers/github/http.h"

typedef struct RateLimit RateLimit;

/* Kept as long as the process. Only a digest of the token is stored. Borrowed. */
RateLimit *rate_limit_for(const char *endpoint, const char *token);

/* Before a request. FALSE with GITHUB_ERROR_RATE_LIMIT when too few requests are left ("Internal threshold
 * reached"); the request counts as under way after TRUE, until rate_limit_finish(). */
gboolean rate_limit_start(RateLimit *limit, GError **error);
/* After it; `response` is NULL when none came. */
void rate_limit_finish(RateLimit *limit, const HttpResponse *response);

/* GitHub refused: nobody asks again before the wait is over. Returns the wait in seconds: Retry-After, else
 * until the window ends if nothing is left in it, else a minute. */
double rate_limit_refused(RateLimit *limit, const HttpResponse *response);
