#include "importers/http/exchange.h"

#include "importers/gitlab/url_sanitizer.h"
#include "importers/http/http_error.h"
#include "importers/http/receiving.h"
#include "importers/http/url_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Transfer {
    Session *session;
    const HttpExchange *exchange;
    CURL *curl;
    char *host;
    guint port;
    guint64 sent; /* bytes of the upload */
    Receiving receiving;
    const char *refusal; /* static text of the outbound rules, or NULL */
    GError *failure;     /* of the sink, or what is wrong with the answer */
    char message[CURL_ERROR_SIZE];
} Transfer;

static void transfer_clear(Transfer *transfer)
{
    g_free(transfer->host);
    receiving_clear(&transfer->receiving);
    g_clear_error(&transfer->failure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Transfer, transfer_clear)

static size_t receive_header(char *data, size_t size, size_t count, void *user_data)
{
    Transfer *transfer = user_data;
    size_t length = size * count;
    return receiving_header(&transfer->receiving, data, length, &transfer->failure) ? length : 0;
}

static size_t receive_body(char *data, size_t size, size_t count, void *user_data)
{
    Transfer *transfer = user_data;
    size_t length = size * count;
    return receiving_body(&transfer->receiving, data, length, &transfer->failure) ? length : 0;
}

static size_t send_body(char *buffer, size_t size, size_t count, void *user_data)
{
    Transfer *transfer = user_data;
    guint64 left = transfer->exchange->upload_size - transfer->sent;
    ssize_t length =
        pread(transfer->exchange->upload, buffer, MIN(size * count, left), (off_t)transfer->sent);
    if (length < 0 || (length == 0 && left > 0)) {
        g_set_error(&transfer->failure, HTTP_ERROR, HTTP_ERROR_BODY, "The file to send cannot be read: %s",
                    length < 0 ? g_strerror(errno) : "it is too short");
        return CURL_READFUNC_ABORT;
    }
    transfer->sent += (guint64)length;
    return (size_t)length;
}

/* libcurl begins again when a kept connection turns out to be dead. */
static int seek_body(void *user_data, curl_off_t offset, int origin)
{
    Transfer *transfer = user_data;
    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    transfer->sent = (guint64)offset;
    return CURL_SEEKFUNC_OK;
}

static int stop_asked(void *user_data, curl_off_t download_total, curl_off_t download_now,
                      curl_off_t upload_total, curl_off_t upload_now)
{
    (void)download_total, (void)download_now, (void)upload_total, (void)upload_now;
    const Transfer *transfer = user_data;
    return session_stopping(transfer->session);
}

static gboolean allowed(Transfer *transfer, const struct sockaddr *address)
{
    const OutboundRules *rules = transfer->exchange->rules;
    transfer->refusal = rules ? outbound_rules_refusal(rules, transfer->host, transfer->port, address) : NULL;
    return transfer->refusal == NULL;
}

static curl_socket_t open_checked_socket(void *user_data, G_GNUC_UNUSED curlsocktype purpose,
                                         struct curl_sockaddr *address)
{
    if (!allowed(user_data, &address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The rules of the exchange that opened a connection may have been other ones than those of this exchange,
 * which uses it as well. */
static int check_connection(void *user_data, char *remote_ip, G_GNUC_UNUSED char *local_ip,
                            G_GNUC_UNUSED int remote_port, G_GNUC_UNUSED int local_port)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    gboolean is_ipv4 = inet_pton(AF_INET, remote_ip, &ipv4.sin_addr) == 1;
    if (!is_ipv4 && inet_pton(AF_INET6, remote_ip, &ipv6.sin6_addr) != 1)
        return CURL_PREREQFUNC_ABORT;
    const struct sockaddr *address =
        is_ipv4 ? (const struct sockaddr *)&ipv4 : (const struct sockaddr *)&ipv6;
    return allowed(user_data, address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* Nobody waits for a "100 Continue": not every server sends it. Object storage does, and libcurl 7.88 would
 * sign that there is no such header. (transfer full) */
static CurlList *default_headers(const HttpExchange *exchange)
{
    if (exchange->signature)
        return curl_slist_append(NULL, "Accept: */*");
    CurlList *list = curl_slist_append(NULL, "Expect:");
    return exchange->sink ? curl_slist_append(list, "Accept-Encoding: gzip") : list;
}

static CurlList *request_headers(const HttpExchange *exchange, GError **error)
{
    g_autoptr(CurlList) list = default_headers(exchange);
    for (const char *const *header = exchange->headers; header && *header; header++) {
        if (strpbrk(*header, "\r\n")) {
            g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_HEADER,
                                "Invalid header: contains control characters");
            return NULL;
        }
        curl_slist_append(list, *header);
    }
    return g_steal_pointer(&list);
}

static void set_method(CURL *curl, const HttpExchange *exchange)
{
    if (g_str_equal(exchange->method, "HEAD")) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (g_str_equal(exchange->method, "POST")) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, exchange->body ? exchange->body : "");
    } else if (g_str_equal(exchange->method, "PUT")) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)exchange->upload_size);
    } else if (!g_str_equal(exchange->method, "GET")) {
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, exchange->method);
    }
}

static void set_signature(CURL *curl, const HttpSignature *signature)
{
    g_autofree char *provider = g_strdup_printf("aws:amz:%s:%s", signature->region, signature->service);
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider);
    curl_easy_setopt(curl, CURLOPT_USERNAME, signature->access_key_id);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, signature->secret_access_key);
    curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, (long)HTTP_CONTINUE_TIMEOUT);
}

static void set_request(CURL *curl, const HttpExchange *exchange, CurlUrl *url, CurlList *headers)
{
    curl_easy_setopt(curl, CURLOPT_CURLU, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "hubferry/" HUBFERRY_VERSION);
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set_method(curl, exchange);
    if (exchange->signature)
        set_signature(curl, exchange->signature);
}

static void set_limits(CURL *curl, const HttpExchange *exchange)
{
    long timeout = exchange->timeout ? (long)exchange->timeout : HTTP_TIMEOUT;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, timeout);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, timeout);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_MIN_SPEED);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, exchange->verify_tls ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, exchange->verify_tls ? 2L : 0L);
}

static void set_callbacks(CURL *curl, Transfer *transfer)
{
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->message);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_asked);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, check_connection);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, transfer);
}

static void set_failure(GError **error, CURLcode result, Transfer *transfer)
{
    if (result == CURLE_ABORTED_BY_CALLBACK && !session_check_stopping(transfer->session, error))
        return;
    if (transfer->failure) {
        g_propagate_error(error, g_steal_pointer(&transfer->failure));
    } else if (transfer->refusal) {
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL, transfer->refusal);
    } else {
        const char *detail = *transfer->message ? transfer->message : curl_easy_strerror(result);
        g_autofree char *masked = url_sanitizer_mask(detail);
        g_autofree char *valid = g_utf8_make_valid(masked, -1);
        g_set_error(error, HTTP_ERROR, http_error_code(transfer->curl, result), "%s (%s)", valid,
                    transfer->host);
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

static gboolean perform(Transfer *transfer, GError **error)
{
    CURLcode result = curl_easy_perform(transfer->curl);
    if (result == CURLE_OK)
        return receiving_finish(&transfer->receiving, error);
    if (receiving_had_enough(&transfer->receiving))
        return TRUE;
    set_failure(error, result, transfer);
    return FALSE;
}

HttpAnswer *http_exchange(Session *session, const HttpExchange *exchange, GError **error)
{
    g_autoptr(CurlUrl) url = url_parts_parse(exchange->url, error);
    g_autoptr(CurlList) headers = url ? request_headers(exchange, error) : NULL;
    if (!headers)
        return NULL;
    CURL *curl = session_curl(session);
    g_auto(Transfer) transfer = {
        .session = session,
        .exchange = exchange,
        .curl = curl,
        .host = url_parts_host(url),
        .port = url_parts_port(url),
        .receiving = {.curl = curl, .sink = exchange->sink, .only_success = exchange->only_success},
    };
    set_request(curl, exchange, url, headers);
    set_limits(curl, exchange);
    set_callbacks(curl, &transfer);
    if (!perform(&transfer, error))
        return NULL;
    HttpAnswer *answer = g_new(HttpAnswer, 1);
    *answer = (HttpAnswer){receiving_status(&transfer.receiving), read_headers(curl)};
    return answer;
}

void http_answer_free(HttpAnswer *answer)
{
    g_hash_table_unref(answer->headers);
    g_free(answer);
}

const char *http_answer_header(const HttpAnswer *answer, const char *lower_case_name)
{
    return g_hash_table_lookup(answer->headers, lower_case_name);
}

gint64 http_answer_integer(const HttpAnswer *answer, const char *lower_case_name, gint64 otherwise)
{
    const char *value = http_answer_header(answer, lower_case_name);
    gint64 number;
    return value && g_ascii_string_to_signed(value, 10, G_MININT64, G_MAXINT64, &number, NULL) ? number
                                                                                               : otherwise;
}
