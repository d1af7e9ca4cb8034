#include "importers/github/request.h"

#include "importers/github/error.h"
#include "importers/github/github_metrics.h"
#include "importers/github/url.h"
#include "protocol/error_class.h"
#include "protocol/log.h"

typedef struct Exchange {
    GithubClient *client;
    RateLimit *limit;
    const char *etag; /* or NULL */
    const char *json; /* NULL: a GET */
} Exchange;

static HttpResponse *send_once(const Exchange *exchange, const char *url, GError **error)
{
    GithubClient *client = exchange->client;
    if (!rate_limit_start(exchange->limit, error))
        return NULL;
    github_metrics_count_request();
    gboolean trusted = github_url_trusted(url, client->endpoint);
    g_autofree char *authorization = g_strdup_printf("token %s", client->token);
    const HttpRequest request = {url, trusted ? authorization : "dummy", exchange->etag, exchange->json};
    g_autoptr(HttpResponse) response = http_send(client->session, &request, &client->http, error);
    rate_limit_finish(exchange->limit, trusted ? response : NULL);
    return g_steal_pointer(&response);
}

static gboolean redirects(const HttpResponse *response)
{
    guint status = response->answer->status;
    return status == 301 || status == 302 || status == 303 || status == 307;
}

static HttpResponse *check(const Exchange *exchange, HttpResponse *response, const char *url, GError **error)
{
    g_autoptr(HttpResponse) owned = response;
    g_autofree char *request = g_strdup_printf("%s %s", exchange->json ? "POST" : "GET", url);
    return github_response_check(owned, request, exchange->client->token, exchange->limit, error)
               ? g_steal_pointer(&owned)
               : NULL;
}

static void set_too_many_redirects(const Exchange *exchange, const char *location, GError **error)
{
    g_autofree char *valid = g_utf8_make_valid(location, -1);
    g_autofree char *redacted = github_redact(valid, exchange->client->token);
    g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_CLIENT, "too many redirects; last one to: %s", redacted);
}

static HttpResponse *follow_redirects(const Exchange *exchange, const char *url, GError **error)
{
    g_autofree char *target = g_strdup(url);
    for (guint hops = 0;; hops++) {
        g_autoptr(HttpResponse) response = send_once(exchange, target, error);
        if (!response)
            return NULL;
        const char *location = http_answer_header(response->answer, "location");
        if (!redirects(response) || !location || exchange->json)
            return check(exchange, g_steal_pointer(&response), target, error);
        if (hops == REQUEST_REDIRECTS) {
            set_too_many_redirects(exchange, location, error);
            return NULL;
        }
        g_autofree char *next = github_url_resolve(target, location, error);
        if (!next)
            return NULL;
        g_free(target);
        target = g_steal_pointer(&next);
    }
}

static gboolean repeatable_at_once(const GError *error)
{
    return github_error_is_server_error(error) || g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_TIMEOUT);
}

static HttpResponse *with_immediate_retries(const Exchange *exchange, const char *url, GError **error)
{
    for (guint retries = 0;; retries++) {
        g_autoptr(GError) failure = NULL;
        HttpResponse *response = follow_redirects(exchange, url, &failure);
        if (response || retries == REQUEST_RETRIES_AFTER || !repeatable_at_once(failure)) {
            if (failure)
                g_propagate_error(error, g_steal_pointer(&failure));
            return response;
        }
        if (!session_check_stopping(exchange->client->session, error))
            return NULL;
    }
}

static gboolean sleep_unless_stopping(Session *session, double seconds, GError **error)
{
    gint64 until = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    while (session_check_stopping(session, error)) {
        gint64 left = until - g_get_monotonic_time();
        if (left <= 0)
            return TRUE;
        g_usleep((gulong)MIN(left, 50 * 1000));
    }
    return FALSE;
}

/* wait < 0: this was the last try. */
static void log_retry(const GError *failure, guint tries, gint64 started, double wait)
{
    double elapsed = (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC;
    log_info("GitHub connection retry triggered", "{s:s, s:s, s:i, s:f, s:o}", "error.class",
             error_class(failure), "exception.message", failure->message, "try_count", (int)tries,
             "elapsed_time_s", elapsed, "wait_to_retry_s", wait < 0 ? json_null() : json_real(wait));
}

static HttpResponse *with_retries(const Exchange *exchange, const char *url, GError **error)
{
    gint64 started = g_get_monotonic_time();
    double base = REQUEST_FIRST_WAIT;
    for (guint tries = 1;; tries++, base *= 1.5) {
        g_autoptr(GError) failure = NULL;
        HttpResponse *response = with_immediate_retries(exchange, url, &failure);
        if (response)
            return response;
        gboolean connection = g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_CONNECTION);
        double wait = tries < REQUEST_TRIES ? base * g_random_double_range(0.5, 1.5) : -1;
        if (connection)
            log_retry(failure, tries, started, wait);
        if (!connection || wait < 0) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        if (!sleep_unless_stopping(exchange->client->session, wait, error))
            return NULL;
    }
}

HttpResponse *github_request(GithubClient *client, const char *url, const char *etag, GError **error)
{
    const Exchange exchange = {client, client->limit, etag, NULL};
    return with_retries(&exchange, url, error);
}

HttpResponse *github_post(GithubClient *client, const char *url, const char *json, GError **error)
{
    const Exchange exchange = {client, client->graphql_limit, NULL, json};
    return with_retries(&exchange, url, error);
}
