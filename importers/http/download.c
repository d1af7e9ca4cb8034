#include "importers/http/download.h"

#include "importers/http/url_parts.h"

/* Net::HTTPRedirection without 304. */
static const char *redirect_target(const HttpAnswer *answer)
{
    gboolean redirects = answer->status / 100 == 3 && answer->status != 304;
    return redirects ? http_answer_header(answer, "location") : NULL;
}

static HttpAnswer *get(Session *session, const Download *wanted, const OutboundRules *rules, const char *url,
                       gboolean first_server, GError **error)
{
    const HttpExchange exchange = {
        .method = "GET",
        .url = url,
        .headers = first_server ? wanted->headers : NULL,
        .sink = wanted->sink,
        .only_success = TRUE,
        .verify_tls = wanted->verify_tls,
        .timeout = wanted->timeout,
        .rules = rules,
    };
    g_autoptr(GError) failure = NULL;
    HttpAnswer *answer = http_exchange(session, &exchange, &failure);
    if (g_error_matches(failure, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL))
        g_prefix_error(&failure, "URL is blocked: ");
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return answer;
}

/* *url is replaced by the address that gave the answer. */
static HttpAnswer *follow(Session *session, const Download *wanted, const OutboundRules *rules, char **url,
                          GError **error)
{
    gboolean first_server = TRUE;
    for (guint followed = 0;; followed++) {
        g_autoptr(HttpAnswer) answer = get(session, wanted, rules, *url, first_server, error);
        const char *location = answer && wanted->redirects ? redirect_target(answer) : NULL;
        if (!location)
            return g_steal_pointer(&answer);
        if (followed == wanted->redirects) {
            g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_REDIRECTS, "HTTP redirects too deep");
            return NULL;
        }
        g_autofree char *next = url_parts_follow(*url, location, error);
        if (!next)
            return NULL;
        first_server = first_server && url_parts_same_server(*url, next);
        g_free(*url);
        *url = g_steal_pointer(&next);
    }
}

HttpAnswer *download(Session *session, const Download *wanted, char **final_url, GError **error)
{
    g_autoptr(OutboundRules) rules = outbound_rules_load(session, error);
    g_autofree char *url = g_strdup(wanted->url);
    HttpAnswer *answer = rules ? follow(session, wanted, rules, &url, error) : NULL;
    if (answer && final_url)
        *final_url = g_steal_pointer(&url);
    return answer;
}
