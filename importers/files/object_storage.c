#include "importers/files/object_storage.h"

#include "importers/files/incoming_file.h"
#include "importers/gitlab/session.h"

#include <string.h>

#define ATTEMPTS     3
#define PAUSE        (200 * 1000) /* microseconds after the first attempt; twice as long after the second */
#define REFUSAL_SIZE 4096         /* bytes that are kept of a refusal's body */

static const char *const no_content[] = {
    "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", NULL};

/* S3 signs the path as it is sent: everything but RFC 3986's unreserved characters is encoded, once. */
static char *object_url(const Bucket *bucket, const char *key)
{
    g_autofree char *name = g_strconcat(bucket->prefix, key, NULL);
    g_autofree char *path = g_uri_escape_string(name, "/", FALSE);
    if (bucket->path_style)
        return g_strdup_printf("%s/%s/%s", bucket->endpoint, bucket->name, path);
    const char *host = strstr(bucket->endpoint, "://") + strlen("://");
    return g_strdup_printf("%.*s%s.%s/%s", (int)(host - bucket->endpoint), bucket->endpoint, bucket->name,
                           host, path);
}

static void add_header(GStrvBuilder *headers, const char *name, const char *value)
{
    g_autofree char *header = value ? g_strdup_printf("%s: %s", name, value) : NULL;
    if (header)
        g_strv_builder_add(headers, header);
}

static gboolean keep_refusal(gpointer data, const char *bytes, gsize length, G_GNUC_UNUSED GError **error)
{
    GString *refusal = data;
    g_string_append_len(refusal, bytes, (gssize)MIN(length, REFUSAL_SIZE - refusal->len));
    return TRUE;
}

static gboolean worth_another_attempt(const HttpAnswer *answer, const GError *error)
{
    if (answer)
        return answer->status >= 500;
    return g_error_matches(error, HTTP_ERROR, HTTP_ERROR_CONNECTION) ||
           g_error_matches(error, HTTP_ERROR, HTTP_ERROR_TIMEOUT) ||
           g_error_matches(error, HTTP_ERROR, HTTP_ERROR_BODY);
}

/* (transfer full) */
static HttpAnswer *exchange_repeatedly(Session *session, const HttpExchange *exchange, GString *refusal,
                                       GError **error)
{
    for (guint attempt = 1;; attempt++) {
        g_autoptr(GError) problem = NULL;
        g_string_truncate(refusal, 0);
        g_autoptr(HttpAnswer) answer = http_exchange(session, exchange, &problem);
        if (attempt < ATTEMPTS && worth_another_attempt(answer, problem)) {
            g_usleep(attempt * PAUSE);
            continue;
        }
        if (problem)
            g_propagate_prefixed_error(error, g_steal_pointer(&problem), "Object storage: ");
        return g_steal_pointer(&answer);
    }
}

/* What `wanted` leaves open follows from bucket and key. `refusal` gets the beginning of the answer's body.
 * (transfer full) */
static HttpAnswer *ask(Session *session, const Bucket *bucket, const char *key, const HttpExchange *wanted,
                       GString *refusal, GError **error)
{
    const HttpSignature signature = {.region = bucket->region,
                                     .service = "s3",
                                     .access_key_id = bucket->access_key_id,
                                     .secret_access_key = bucket->secret_access_key};
    const HttpSink sink = {.write = keep_refusal, .data = refusal};
    g_autofree char *url = object_url(bucket, key);
    HttpExchange exchange = *wanted;
    exchange.url = url;
    exchange.signature = &signature;
    exchange.sink = &sink;
    exchange.verify_tls = TRUE;
    exchange.timeout = HTTP_TIMEOUT;
    return exchange_repeatedly(session, &exchange, refusal, error);
}

/* S3's error code, which stands in a small XML document; NULL: there is none. (transfer full) */
static char *refusal_code(const char *refusal)
{
    g_autoptr(GRegex) code = g_regex_new("<Code>([A-Za-z0-9.]{1,64})</Code>", G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    return g_regex_match(code, refusal, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

static gboolean refused(const Bucket *bucket, const char *method, guint status, const char *refusal,
                        GError **error)
{
    g_autofree char *code = refusal_code(refusal);
    g_set_error(error, FILE_ERROR, FILE_ERROR_REMOTE,
                "Object storage: %s in bucket %s was answered with %u%s%s", method, bucket->name, status,
                code ? " " : "", code ? code : "");
    return FALSE;
}

static char **put_headers(const Bucket *bucket, const char *sha256, const char *content_type)
{
    g_autoptr(GStrvBuilder) headers = g_strv_builder_new();
    add_header(headers, "Content-Type", content_type ? content_type : "application/octet-stream");
    add_header(headers, "x-amz-content-sha256", sha256);
    add_header(headers, "x-amz-server-side-encryption", bucket->encryption);
    return g_strv_builder_end(headers);
}

gboolean object_storage_put(Session *session, const Bucket *bucket, const char *key, int file, guint64 size,
                            const char *sha256, const char *content_type, GError **error)
{
    if (size > OBJECT_STORAGE_MAX_SIZE) {
        g_set_error(error, FILE_ERROR, FILE_ERROR_TOO_LARGE,
                    "Object storage: a file of %" G_GUINT64_FORMAT " bytes is larger than 5 GiB", size);
        return FALSE;
    }
    g_auto(GStrv) headers = put_headers(bucket, sha256, content_type);
    const HttpExchange put = {
        .method = "PUT", .headers = (const char *const *)headers, .upload = file, .upload_size = size};
    g_autoptr(GString) refusal = g_string_new(NULL);
    g_autoptr(HttpAnswer) answer = ask(session, bucket, key, &put, refusal, error);
    if (!answer)
        return FALSE;
    return answer->status / 100 == 2 || refused(bucket, put.method, answer->status, refusal->str, error);
}

gboolean object_storage_find(Session *session, const Bucket *bucket, const char *key, gboolean *found,
                             guint64 *size, GError **error)
{
    const HttpExchange head = {.method = "HEAD", .headers = no_content};
    g_autoptr(GString) refusal = g_string_new(NULL);
    g_autoptr(HttpAnswer) answer = ask(session, bucket, key, &head, refusal, error);
    if (!answer)
        return FALSE;
    *found = answer->status == 200;
    *size = *found ? (guint64)http_answer_integer(answer, "content-length", 0) : 0;
    return *found || answer->status == 404 || answer->status == 403 ||
           refused(bucket, head.method, answer->status, refusal->str, error);
}

gboolean object_storage_remove(Session *session, const Bucket *bucket, const char *key, GError **error)
{
    const HttpExchange removal = {.method = "DELETE", .headers = no_content};
    g_autoptr(GString) refusal = g_string_new(NULL);
    g_autoptr(HttpAnswer) answer = ask(session, bucket, key, &removal, refusal, error);
    if (!answer)
        return FALSE;
    return answer->status / 100 == 2 || refused(bucket, removal.method, answer->status, refusal->str, error);
}
