#include "importers/http/exchange.h"

#include "protocol/error_class.h"
#include "spec/support/free_port.h"
#include "spec/support/http_context.h"

#include <sys/mman.h>

static void an_answer_has_a_status_headers_and_a_body(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 200, "ETag: \"a\"\r\nVary: x\r\nvary: y\r\nAge: 12\r\n", "text");
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = context_get(context, "/a?b=c", &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 200);
    assert_string_equal(http_answer_header(answer, "etag"), "\"a\"");
    assert_string_equal(http_answer_header(answer, "vary"), "x, y");
    assert_null(http_answer_header(answer, "location"));
    assert_int_equal(http_answer_integer(answer, "age", -1), 12);
    assert_int_equal(http_answer_integer(answer, "etag", -1), -1);
    assert_int_equal(http_answer_integer(answer, "retry-after", -1), -1);
    assert_string_equal(context->body->str, "text");
    assert_true(request_has(context->server, 0, "GET /a?b=c HTTP/1.1\r\n"));
    assert_true(request_has(context->server, 0, "\r\nUser-Agent: hubferry/" HUBFERRY_VERSION "\r\n"));
    assert_true(request_has(context->server, 0, "\r\nAccept-Encoding: gzip\r\n"));
}

static void the_caller_s_headers_are_sent(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 204, NULL, "");
    const char *const headers[] = {"Authorization: Bearer secret", "Accept: */x", NULL};
    const HttpExchange exchange = {
        .method = "GET", .url = scripted_server_url(context->server), .headers = headers};
    g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, NULL);
    assert_int_equal(answer->status, 204);
    assert_true(request_has(context->server, 0, "\r\nAuthorization: Bearer secret\r\n"));
    assert_true(request_has(context->server, 0, "\r\nAccept: */x\r\n"));
    assert_false(request_has(context->server, 0, "Accept-Encoding"));
}

static void a_header_with_a_line_break_is_not_sent(void **state)
{
    HttpContext *context = *state;
    static const char *const injected[] = {"X-A: b\r\nHost: other", "X-A: b\nX-B: c"};
    for (gsize i = 0; i < G_N_ELEMENTS(injected); i++) {
        const char *const headers[] = {injected[i], NULL};
        const HttpExchange exchange = {
            .method = "GET", .url = scripted_server_url(context->server), .headers = headers};
        g_autoptr(GError) error = NULL;
        assert_null(http_exchange(context->session, &exchange, &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_HEADER);
    }
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void a_post_sends_its_body(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 201, NULL, "{}");
    const HttpExchange exchange = {.method = "POST",
                                   .url = scripted_server_url(context->server),
                                   .body = "{\"a\":1}",
                                   .sink = &context->sink};
    g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, NULL);
    assert_int_equal(answer->status, 201);
    assert_true(request_has(context->server, 0, "POST / HTTP/1.1\r\n"));
    assert_true(request_has(context->server, 0, "\r\n\r\n{\"a\":1}"));
    assert_string_equal(context->body->str, "{}");
}

static int file_with(const char *text)
{
    int file = memfd_create("upload", MFD_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    return file;
}

static void a_put_sends_a_file_from_its_beginning(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 200, NULL, "");
    int file = file_with("0123456789");
    const HttpExchange exchange = {
        .method = "PUT", .url = scripted_server_url(context->server), .upload = file, .upload_size = 6};
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 200);
    assert_true(request_has(context->server, 0, "PUT / HTTP/1.1\r\n"));
    assert_true(request_has(context->server, 0, "\r\nContent-Length: 6\r\n"));
    assert_true(request_has(context->server, 0, "\r\n\r\n012345"));
    assert_false(request_has(context->server, 0, "Expect"));
    assert_false(request_has(context->server, 0, "Transfer-Encoding"));
    close(file);
}

static void a_file_that_is_too_short_is_an_error(void **state)
{
    HttpContext *context = *state;
    int file = file_with("0123");
    const HttpExchange exchange = {
        .method = "PUT", .url = scripted_server_url(context->server), .upload = file, .upload_size = 6};
    g_autoptr(GError) error = NULL;
    assert_null(http_exchange(context->session, &exchange, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BODY);
    close(file);
}

/* libcurl finds the kept connection dead only when it has begun to send. */
static void a_put_begins_again_when_the_kept_connection_was_dead(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_and_keep(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    scripted_server_reply_raw(context->server, "");
    scripted_server_reply(context->server, 200, NULL, "");
    int file = file_with("0123456789");
    const HttpExchange exchange = {
        .method = "PUT", .url = scripted_server_url(context->server), .upload = file, .upload_size = 10};
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, &error);
        assert_no_error(error);
        assert_int_equal(answer->status, 200);
    }
    assert_int_equal(scripted_server_requests(context->server), 3);
    assert_true(request_has(context->server, 2, "\r\n\r\n0123456789"));
    close(file);
}

static void head_has_a_length_and_no_body(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_raw(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    const HttpExchange exchange = {.method = "HEAD", .url = scripted_server_url(context->server)};
    g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, NULL);
    assert_int_equal(answer->status, 200);
    assert_int_equal(http_answer_integer(answer, "content-length", -1), 1000);
    assert_true(request_has(context->server, 0, "HEAD / HTTP/1.1\r\n"));
}

static void delete_is_sent_as_such(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 204, NULL, "");
    const HttpExchange exchange = {.method = "DELETE", .url = scripted_server_url(context->server)};
    g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, NULL);
    assert_int_equal(answer->status, 204);
    assert_true(request_has(context->server, 0, "DELETE / HTTP/1.1\r\n"));
}

static void a_signature_names_the_key_and_not_the_secret(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 200, NULL, "");
    const HttpSignature signature = {"eu-central-1", "s3", "AKIASPEC", "verysecret"};
    const HttpExchange exchange = {.method = "GET",
                                   .url = scripted_server_url(context->server),
                                   .sink = &context->sink,
                                   .signature = &signature};
    g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, NULL);
    assert_int_equal(answer->status, 200);
    assert_true(request_has(context->server, 0, "Authorization: AWS4-HMAC-SHA256 Credential=AKIASPEC/"));
    assert_true(request_has(context->server, 0, "/eu-central-1/s3/aws4_request"));
    assert_false(request_has(context->server, 0, "verysecret"));
    assert_false(request_has(context->server, 0, "Accept-Encoding"));
}

static void a_packed_body_is_unpacked(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) plain = g_bytes_new_static("unpacked", 8);
    scripted_server_reply_bytes(context->server, answer_with("Content-Encoding: gzip\r\n", gzipped(plain)));
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = context_get(context, "/", &error);
    assert_no_error(error);
    assert_string_equal(context->body->str, "unpacked");
}

static void only_the_body_of_a_success_is_handed_on_when_asked_so(void **state)
{
    HttpContext *context = *state;
    HttpExchange exchange = {
        .method = "GET", .url = scripted_server_url(context->server), .sink = &context->sink};
    for (guint i = 0; i < 2; i++) {
        exchange.only_success = i == 0;
        scripted_server_reply(context->server, 404, NULL, "gone");
        g_autoptr(HttpAnswer) answer = http_exchange(context->session, &exchange, NULL);
        assert_int_equal(answer->status, 404);
        assert_string_equal(context->body->str, i == 0 ? "" : "gone");
    }
}

static void a_sink_that_fails_ends_the_exchange_with_its_error(void **state)
{
    HttpContext *context = *state;
    context->limit = 3;
    scripted_server_reply(context->server, 200, NULL, "text");
    g_autoptr(GError) error = NULL;
    assert_null(context_get(context, "/", &error));
    assert_error(error, sink_error(), 7);
    assert_string_equal(error->message, "this is too much");
}

static void a_stopping_process_ends_the_exchange(void **state)
{
    HttpContext *context = *state;
    g_atomic_int_set(&context->stopping, 1);
    scripted_server_reply_never(context->server);
    g_autoptr(GError) error = NULL;
    assert_null(context_get(context, "/", &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
}

static void what_is_not_http_is_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const urls[] = {"file:///etc/passwd",
                                       "gopher://127.0.0.1:70/_x",
                                       "ftp://127.0.0.1/x",
                                       "data:text/plain,x",
                                       "javascript:alert(1)",
                                       "http+unix://%2Frun%2Fx.sock/",
                                       "unix:/run/redis.sock",
                                       "/relative",
                                       "127.0.0.1",
                                       "http://",
                                       "http://a b/",
                                       "http://127.0.0.1:99999/",
                                       "http://exa\nmple.test/",
                                       ""};
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        const HttpExchange exchange = {.method = "GET", .url = urls[i], .rules = &context->rules};
        g_autoptr(GError) error = NULL;
        assert_null(http_exchange(context->session, &exchange, &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_INVALID_URL);
    }
}

static void private_addresses_are_refused_in_every_spelling(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) private = scripted_server_new();
    static const char *const hosts[] = {"127.0.0.1",
                                        "localhost",
                                        "2130706433",
                                        "0x7f.1",
                                        "0177.0.0.1",
                                        "127.1",
                                        "0",
                                        "0.0.0.0",
                                        "[::1]",
                                        "[::]",
                                        "[::ffff:127.0.0.1]",
                                        "[::ffff:7f00:1]",
                                        "[64:ff9b::127.0.0.1]",
                                        "[fe80::1%251]",
                                        "10.0.0.1",
                                        "169.254.169.254",
                                        "[fd00::1]",
                                        "user:word@127.0.0.1"};
    for (gsize i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *url = g_strdup_printf("http://%s:%u/", hosts[i], scripted_server_port(private));
        const HttpExchange exchange = {.method = "GET", .url = url, .rules = &context->rules};
        g_autoptr(GError) error = NULL;
        assert_null(http_exchange(context->session, &exchange, &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
        assert_string_equal(error_class(error), "Gitlab::HTTP_V2::BlockedUrlError");
    }
    assert_int_equal(scripted_server_requests(private), 0);
}

/* The object storage's connection, which no rule concerns, is no way around the rules for others. */
static void a_kept_connection_obeys_the_rules_of_each_exchange(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) private = scripted_server_new();
    HttpExchange exchange = {.method = "GET", .url = scripted_server_url(private)};
    for (guint i = 0; i < 3; i++)
        scripted_server_reply_and_keep(private, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    g_autoptr(HttpAnswer) first = http_exchange(context->session, &exchange, NULL);
    assert_int_equal(first->status, 200);

    g_autoptr(GError) error = NULL;
    exchange.rules = &context->rules;
    assert_null(http_exchange(context->session, &exchange, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    assert_string_equal(error->message, "Requests to localhost are not allowed");
    assert_int_equal(scripted_server_requests(private), 1);
    g_clear_pointer(&context->session->curl, curl_easy_cleanup);
}

static void failures_have_ruby_s_names(void **state)
{
    HttpContext *context = *state;
    g_autofree char *closed = g_strdup_printf("http://127.0.0.1:%d/", free_port());
    const HttpExchange refused = {.method = "GET", .url = closed};
    g_autoptr(GError) connection = NULL;
    assert_null(http_exchange(context->session, &refused, &connection));
    assert_error(connection, HTTP_ERROR, HTTP_ERROR_CONNECTION);
    assert_string_equal(error_class(connection), "Errno::ECONNREFUSED");

    context->timeout = 1;
    scripted_server_reply_never(context->server);
    g_autoptr(GError) timeout = NULL;
    assert_null(context_get(context, "/", &timeout));
    assert_error(timeout, HTTP_ERROR, HTTP_ERROR_TIMEOUT);
    assert_string_equal(error_class(timeout), "Net::ReadTimeout");

    scripted_server_reply_raw(context->server, "this is no TLS");
    g_autofree char *url = g_strdup_printf("https://127.0.0.1:%u/", scripted_server_port(context->server));
    const HttpExchange https = {.method = "GET", .url = url, .verify_tls = TRUE};
    g_autoptr(GError) tls = NULL;
    assert_null(http_exchange(context->session, &https, &tls));
    assert_error(tls, HTTP_ERROR, HTTP_ERROR_TLS);
    assert_string_equal(error_class(tls), "OpenSSL::SSL::SSLError");
}

static void no_error_text_has_the_credentials_of_the_url(void **state)
{
    HttpContext *context = *state;
    g_autofree char *url =
        g_strdup_printf("http://user:topsecret@127.0.0.1:%d/path?token=topsecret", free_port());
    static const char *const malformed[] = {"http://user:topsecret@127.0.0.1:x/",
                                            "topsecret://user:topsecret@[/"};
    const char *const urls[] = {url, malformed[0], malformed[1]};
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        const HttpExchange exchange = {.method = "GET", .url = urls[i]};
        g_autoptr(GError) error = NULL;
        assert_null(http_exchange(context->session, &exchange, &error));
        assert_null(strstr(error->message, "topsecret"));
    }
}

int main(void)
{
#define spec(name) cmocka_unit_test_setup_teardown(name, http_context_setup, http_context_teardown)
    const struct CMUnitTest tests[] = {
        spec(an_answer_has_a_status_headers_and_a_body),
        spec(the_caller_s_headers_are_sent),
        spec(a_header_with_a_line_break_is_not_sent),
        spec(a_post_sends_its_body),
        spec(a_put_sends_a_file_from_its_beginning),
        spec(a_file_that_is_too_short_is_an_error),
        spec(a_put_begins_again_when_the_kept_connection_was_dead),
        spec(head_has_a_length_and_no_body),
        spec(delete_is_sent_as_such),
        spec(a_signature_names_the_key_and_not_the_secret),
        spec(a_packed_body_is_unpacked),
        spec(only_the_body_of_a_success_is_handed_on_when_asked_so),
        spec(a_sink_that_fails_ends_the_exchange_with_its_error),
        spec(a_stopping_process_ends_the_exchange),
        spec(what_is_not_http_is_refused),
        spec(private_addresses_are_refused_in_every_spelling),
        spec(a_kept_connection_obeys_the_rules_of_each_exchange),
        spec(failures_have_ruby_s_names),
        spec(no_error_text_has_the_credentials_of_the_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
