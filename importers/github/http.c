#include "importers/github/http.h"

#include "importers/github/client.h"

typedef struct Body {
    GString *text; /* borrowed */
    gsize max;     /* bytes */
} Body;

static gboolean append_body(gpointer data, const char *bytes, gsize length, GError **error)
{
    Body *body = data;
    if (body->text->len + length > body->max) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_TOO_LARGE,
                    "Response size exceeds %" G_GSIZE_FORMAT " bytes", body->max);
        return FALSE;
    }
    g_string_append_len(body->text, bytes, (gssize)length);
    return TRUE;
}

static char **request_headers(const HttpRequest *request)
{
    g_autoptr(GStrvBuilder) headers = g_strv_builder_new();
    g_autofree char *authorized = g_strdup_printf("Authorization: %s", request->authorization);
    g_strv_builder_add_many(headers, "Accept: application/vnd.github.v3+json",
                            "X-GitHub-Api-Version: 2022-11-28", authorized, NULL);
    if (request->etag) {
        g_autofree char *condition = g_strdup_printf("If-None-Match: %s", request->etag);
        g_strv_builder_add(headers, condition);
    }
    if (request->json)
        g_strv_builder_add(headers, "Content-Type: application/json");
    return g_strv_builder_end(headers);
}

/* Faraday's name for it. An answer that breaks off is to Faraday a connection that failed. */
static GithubErrorCode github_code(int code)
{
    switch ((HttpError)code) {
    case HTTP_ERROR_TIMEOUT:
        return GITHUB_ERROR_TIMEOUT;
    case HTTP_ERROR_TLS:
        return GITHUB_ERROR_TLS;
    case HTTP_ERROR_INVALID_URL:
        return GITHUB_ERROR_INVALID_URL;
    case HTTP_ERROR_BLOCKED_URL:
        return GITHUB_ERROR_BLOCKED_URL;
    case HTTP_ERROR_CONNECTION:
    case HTTP_ERROR_BODY:
    case HTTP_ERROR_ANSWER:
    case HTTP_ERROR_REDIRECTS:
    case HTTP_ERROR_HEADER:
        break;
    }
    return GITHUB_ERROR_CONNECTION;
}

static void propagate_as_github_error(GError **error, GError *failure)
{
    g_autoptr(GError) owned = failure;
    if (owned->domain == HTTP_ERROR)
        g_set_error_literal(error, GITHUB_ERROR, github_code(owned->code), owned->message);
    else
        g_propagate_error(error, g_steal_pointer(&owned));
}

HttpResponse *http_send(Session *session, const HttpRequest *request, const HttpOptions *options,
                        GError **error)
{
    g_auto(GStrv) headers = request_headers(request);
    g_autoptr(HttpResponse) response = g_new0(HttpResponse, 1);
    response->body = g_string_new(NULL);
    Body body = {response->body, options->max_body};
    const HttpSink sink = {.write = append_body, .data = &body};
    const HttpExchange exchange = {
        .method = request->json ? "POST" : "GET",
        .url = request->url,
        .headers = (const char *const *)headers,
        .body = request->json,
        .sink = &sink,
        .verify_tls = options->verify_tls,
        .timeout = options->timeout,
        .rules = options->rules,
    };
    GError *failure = NULL;
    response->answer = http_exchange(session, &exchange, &failure);
    if (response->answer)
        return g_steal_pointer(&response);
    propagate_as_github_error(error, failure);
    return NULL;
}

void http_response_free(HttpResponse *response)
{
    g_clear_pointer(&response->answer, http_answer_free);
    g_string_free(response->body, TRUE);
    g_free(response);
}
