#include "importers/lfs/lfs_batch.h"

#include "importers/github/error.h"
#include "importers/http/exchange.h"
#include "importers/lfs/lfs_error.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <string.h>

#define CONTENT_TYPE "application/vnd.git-lfs+json"
#define RETRY_DELAY  120 /* seconds; LfsObjectsImporter::RETRY_DELAY */
#define NAP          (500 * G_TIME_SPAN_MILLISECOND)

/* --- the request --- */

/* (transfer full) */
static char *request_body(const LfsPointer *pointers, guint n_pointers)
{
    json_t *objects = json_array();
    for (guint i = 0; i < n_pointers; i++)
        json_array_append_new(
            objects, json_pack("{s:s, s:I}", "oid", pointers[i].oid, "size", (json_int_t)pointers[i].size));
    g_autoptr(json_t) body = json_pack("{s:s, s:o}", "operation", "download", "objects", objects);
    return json_dump(body);
}

static gboolean receive(gpointer data, const char *bytes, gsize length, GError **error)
{
    GString *body = data;
    if (body->len + length > LFS_BATCH_MAX_ANSWER) {
        g_set_error(error, LFS_ERROR, LFS_ERROR_LINKS, "Response size exceeds %d bytes",
                    LFS_BATCH_MAX_ANSWER);
        return FALSE;
    }
    g_string_append_len(body, bytes, (gssize)length);
    return TRUE;
}

static HttpAnswer *post(Session *session, const LfsEndpoint *endpoint, const char *request, GString *body,
                        GError **error)
{
    g_autofree char *authorization = lfs_basic_authorization(endpoint->user, endpoint->password);
    const char *const headers[] = {"Accept: " CONTENT_TYPE, "Content-Type: " CONTENT_TYPE, authorization,
                                   NULL};
    const HttpSink sink = {.write = receive, .data = body};
    g_autoptr(OutboundRules) rules = outbound_rules_load(session, error);
    const HttpExchange exchange = {
        .method = "POST",
        .url = endpoint->url,
        .headers = headers,
        .body = request,
        .sink = &sink,
        .only_success = TRUE,
        .verify_tls = TRUE,
        .timeout = HTTP_TIMEOUT,
        .rules = rules,
    };
    g_string_truncate(body, 0);
    return rules ? http_exchange(session, &exchange, error) : NULL;
}

static gboolean is_passing(const HttpAnswer *answer, const GError *failure)
{
    return answer ? answer->status >= 500 : failure->domain == HTTP_ERROR && !lfs_error_is_final(failure);
}

/* Half a second after the first attempt, each time twice as long. */
static gboolean pause_after(Session *session, guint attempt, GError **error)
{
    for (guint naps = 1U << (attempt - 1); naps > 0; naps--) {
        if (!session_check_stopping(session, error))
            return FALSE;
        g_usleep(NAP);
    }
    return TRUE;
}

static HttpAnswer *post_repeatedly(Session *session, const LfsEndpoint *endpoint, const char *request,
                                   GString *body, GError **error)
{
    for (guint attempt = 1;; attempt++) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(HttpAnswer) answer = post(session, endpoint, request, body, &failure);
        if (attempt == LFS_BATCH_ATTEMPTS || !is_passing(answer, failure)) {
            if (failure)
                g_propagate_error(error, g_steal_pointer(&failure));
            return g_steal_pointer(&answer);
        }
        if (!pause_after(session, attempt, error))
            return NULL;
    }
}

/* --- the answer --- */

static gboolean check_status(guint status, GError **error)
{
    if (status / 100 == 2)
        return TRUE;
    if (status == 413)
        g_set_error_literal(error, LFS_ERROR, LFS_ERROR_TOO_LARGE, "Request Entity Too Large");
    else if (status == 429)
        github_set_rate_limit_error(error, RETRY_DELAY, "Rate Limit exceeded");
    else
        g_set_error(error, LFS_ERROR, LFS_ERROR_LINKS, "HTTP status %u", status);
    return FALSE;
}

static const LfsPointer *find(const LfsPointer *pointers, guint n_pointers, const char *oid)
{
    for (guint i = 0; i < n_pointers; i++)
        if (g_strcmp0(pointers[i].oid, oid) == 0)
            return &pointers[i];
    return NULL;
}

/* NULL: it has no such object, or gives no link to it. (transfer full) */
static json_t *job_argument(const LfsEndpoint *endpoint, const json_t *entry)
{
    const json_t *download = json_object_get(json_object_get(entry, "actions"), "download");
    const char *href = json_string_field(download, "href");
    g_autofree char *link = href ? lfs_endpoint_link(endpoint, href) : NULL;
    json_t *headers = json_object_get(download, "header");
    if (!link)
        return NULL;
    return json_pack("{s:O, s:s, s:O?, s:o}", "oid", json_object_get(entry, "oid"), "link", link, "size",
                     json_object_get(entry, "size"), "headers",
                     headers && !json_is_null(headers) ? json_incref(headers) : json_object());
}

/* A server that tells of objects it was not asked for is not listened to. */
static json_t *job_arguments(const LfsEndpoint *endpoint, const json_t *entries, const LfsPointer *pointers,
                             guint n_pointers)
{
    json_t *arguments = json_array(), *entry;
    size_t index;
    json_array_foreach (entries, index, entry) {
        const char *oid = json_string_field(entry, "oid");
        if (!find(pointers, n_pointers, oid))
            continue;
        json_t *argument = job_argument(endpoint, entry);
        if (argument)
            json_array_append_new(arguments, argument);
        else
            log_warn("Link for Lfs Object not found or invalid", "{s:s}", "oid", oid);
    }
    return arguments;
}

/* The array `objects`. (transfer full) */
static json_t *parse(const GString *body, GError **error)
{
    g_autoptr(json_t) answer = json_parse_lenient(body->str, body->len, NULL);
    json_t *entries = json_object_get(answer, "objects");
    if (!answer)
        g_set_error_literal(error, LFS_ERROR, LFS_ERROR_LINKS, "LFS Batch API response is not JSON");
    else if (!json_is_array(entries))
        g_set_error_literal(error, LFS_ERROR, LFS_ERROR_LINKS, "LFS Batch API did return any objects");
    return json_is_array(entries) ? json_incref(entries) : NULL;
}

json_t *lfs_batch(Session *session, const LfsEndpoint *endpoint, const LfsPointer *pointers, guint n_pointers,
                  GError **error)
{
    g_autofree char *request = request_body(pointers, n_pointers);
    g_autoptr(GString) body = g_string_new(NULL);
    g_autoptr(HttpAnswer) answer = post_repeatedly(session, endpoint, request, body, error);
    if (!answer || !check_status(answer->status, error))
        return NULL;
    g_autoptr(json_t) entries = parse(body, error);
    return entries ? job_arguments(endpoint, entries, pointers, n_pointers) : NULL;
}
