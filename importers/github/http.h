/*
 * One GET or POST over the session's curl handle: what was answered, whatever its status. Connections are
 * kept between calls. Proxies come from the environment (http_proxy, https_proxy, no_proxy). Redirects are
 * not followed. Failures are GITHUB_ERROR_CONNECTION, _TIMEOUT, _TLS, _TOO_LARGE, _BODY, _INVALID_URL and
 * _BLOCKED_URL, or JOB_ERROR_INTERRUPTED when the process is to stop.
 */
#pragma once

#include "importers/http/outbound_rules.h"

#define HTTP_TIMEOUT  60 /* seconds, to connect and without any progress (Net::HTTP's defaults) */
#define HTTP_MAX_BODY (50 * 1024 * 1024) /* bytes, unpacked (lib/gitlab/octokit/response_validation.rb) */

typedef struct HttpOptions {
    gboolean verify_tls;
    guint timeout;
    gsize max_body;
    const OutboundRules *rules; /* borrowed */
} HttpOptions;

typedef struct HttpRequest {
    const char *url;
    const char *authorization; /* the header's value, a secret */
    const char *etag;          /* sent as If-None-Match; or NULL */
    const char *json;          /* the body of a POST; NULL: a GET */
} HttpRequest;

typedef struct HttpResponse {
    guint status;
    GHashTable *headers; /* lower-case name -> value; repeated headers are joined by ", " */
    GString *body;
} HttpResponse;

/* (transfer full) */
HttpResponse *http_send(Session *session, const HttpRequest *request, const HttpOptions *options,
                        GError **error);
void http_response_free(HttpResponse *response);

/* NULL when absent. Borrowed. */
const char *http_header(const HttpResponse *response, const char *lower_case_name);
/* A number in a header, `otherwise` when absent or not a number. */
gint64 http_header_integer(const HttpResponse *response, const char *lower_case_name, gint64 otherwise);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpResponse, http_response_free)
