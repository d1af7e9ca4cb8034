#include "importers/github/http.h"

#include "importers/http/autoptr_curl.h"
#include "importers/github/client.h"

#include <sys/socket.h>

typedef struct Transfer {
    Session *session;
    const HttpOptions *options;
    GUri *uri;
    GString *body;
    gboolean too_large;
    const char *refusal; /* static text of the outbound rules, or NULL */
    char message[CURL_ERROR_SIZE];
} Transfer;

static size_t receive_body(char *data, size_t size, size_t count, void *user_data)
{
    Transfer *transfer = user_data;
    size_t length = size * count;
    transfer->too_large = transfer->body->len + length > transfer->options->max_body;
    if (transfer->too_large)
        return 0;
    g_string_append_len(transfer->body, data, (gssize)length);
    return length;
}

static int stop_asked(void *user_data, curl_off_t download_total, curl_off_t download_now,
                      curl_off_t upload_total, curl_off_t upload_now)
{
    (void)download_total, (void)download_now, (void)upload_total, (void)upload_now;
    const Transfer *transfer = user_data;
    return session_stopping(transfer->session);
}

/* The one place that sees the address which is really connected to: a name cannot change its meaning after
 * the check. */
static curl_socket_t open_checked_socket(void *user_data, G_GNUC_UNUSED curlsocktype purpose,
                                         struct curl_sockaddr *address)
{
    Transfer *transfer = user_data;
    gint port = g_uri_get_port(transfer->uri);
    if (port < 0)
        port = g_str_equal(g_uri_get_scheme(transfer->uri), "https") ? 443 : 80;
    transfer->refusal = outbound_rules_refusal(transfer->options->rules, g_uri_get_host(transfer->uri),
                                               (guint)port, &address->addr);
    if (transfer->refusal)
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static CurlList *request_headers(const HttpRequest *request)
{
    CurlList *list = curl_slist_append(NULL, "Accept: application/vnd.github.v3+json");
    list = curl_slist_append(list, "X-GitHub-Api-Version: 2022-11-28");
    g_autofree char *authorized = g_strdup_printf("Authorization: %s", request->authorization);
    list = curl_slist_append(list, authorized);
    if (request->etag) {
        g_autofree char *condition = g_strdup_printf("If-None-Match: %s", request->etag);
        list = curl_slist_append(list, condition);
    }
    if (request->json)
        list = curl_slist_append(list, "Content-Type: application/json");
    return list;
}

static void set_options(CURL *curl, Transfer *transfer, const HttpRequest *request, CurlList *headers)
{
    const HttpOptions *options = transfer->options;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    if (request->json)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->json);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "hubferry/" HUBFERRY_VERSION);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)options->timeout);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)options->timeout);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, options->verify_tls ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, options->verify_tls ? 2L : 0L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->message);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_asked);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
}

/* Which kind of Faraday's failures it is. A time-out before the request was sent is a connection that failed.
 */
static GithubErrorCode failure_kind(CURL *curl, CURLcode result)
{
    double sent_after = 0;
    switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
        curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME, &sent_after);
        return sent_after > 0 ? GITHUB_ERROR_TIMEOUT : GITHUB_ERROR_CONNECTION;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return GITHUB_ERROR_TLS;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return GITHUB_ERROR_INVALID_URL;
    case CURLE_BAD_CONTENT_ENCODING:
        return GITHUB_ERROR_BODY;
    default:
        return GITHUB_ERROR_CONNECTION;
    }
}

static void set_failure(GError **error, CURL *curl, CURLcode result, const Transfer *transfer)
{
    if (result == CURLE_ABORTED_BY_CALLBACK && !session_check_stopping(transfer->session, error))
        return;
    if (transfer->refusal) {
        g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_BLOCKED_URL, transfer->refusal);
    } else if (transfer->too_large) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_TOO_LARGE,
                    "Response size exceeds %" G_GSIZE_FORMAT " bytes", transfer->options->max_body);
    } else {
        const char *detail = *transfer->message ? transfer->message : curl_easy_strerror(result);
        g_set_error(error, GITHUB_ERROR, failure_kind(curl, result), "%s (%s)", detail,
                    g_uri_get_host(transfer->uri));
    }
}

static GHashTable *read_headers(CURL *curl)
{
    GHashTable *headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct curl_header *header = NULL;
    while ((header = curl_easy_nextheader(curl, CURLH_HEADER, -1, header))) {
        char *name = g_ascii_strdown(header->name, -1);
        const char *before = g_hash_table_lookup(headers, name);
        char *value = before ? g_strjoin(", ", before, header->value, NULL) : g_strdup(header->value);
        g_hash_table_insert(headers, name, value);
    }
    return headers;
}

HttpResponse *http_send(Session *session, const HttpRequest *request, const HttpOptions *options,
                        GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(request->url, G_URI_FLAGS_ENCODED, NULL);
    if (!uri || !g_uri_get_host(uri)) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL, "Not a URL");
        return NULL;
    }
    g_autoptr(CurlList) headers = request_headers(request);
    g_autoptr(HttpResponse) response = g_new0(HttpResponse, 1);
    response->body = g_string_new(NULL);
    Transfer transfer = {.session = session, .options = options, .uri = uri, .body = response->body};

    CURL *curl = session_curl(session);
    set_options(curl, &transfer, request, headers);
    CURLcode result = curl_easy_perform(curl);
    if (result != CURLE_OK) {
        set_failure(error, curl, result, &transfer);
        return NULL;
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response->status = (guint)status;
    response->headers = read_headers(curl);
    return g_steal_pointer(&response);
}

void http_response_free(HttpResponse *response)
{
    g_clear_pointer(&response->headers, g_hash_table_unref);
    g_string_free(response->body, TRUE);
    g_free(response);
}

const char *http_header(const HttpResponse *response, const char *lower_case_name)
{
    return g_hash_table_lookup(response->headers, lower_case_name);
}

gint64 http_header_integer(const HttpResponse *response, const char *lower_case_name, gint64 otherwise)
{
    const char *value = http_header(response, lower_case_name);
    gint64 number;
    return value && g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64, &number, NULL) ? number
                                                                                               : otherwise;
}
