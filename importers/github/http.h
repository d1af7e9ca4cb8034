/*
 * One GET or POST to GitHub's API: what was answered, whatever its status, as a whole. Redirects are not
 * followed. Failures are GITHUB_ERROR_CONNECTION, _TIMEOUT, _TLS, _TOO_LARGE, _INVALID_URL and _BLOCKED_URL,
 * or what session_check_stopping() says.
 */
#pragma once

#include "importers/http/exchange.h"

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
    HttpAnswer *answer;
    GString *body;
} HttpResponse;

/* (transfer full) */
HttpResponse *http_send(Session *session, const HttpRequest *request, const HttpOptions *options,
                        GError **error);
void http_response_free(HttpResponse *response);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpResponse, http_response_free)
