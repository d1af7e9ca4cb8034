/* What servers and name servers may send that wish the importer ill. */
#include "importers/http/download.h"

#include "spec/support/changing_names.h"
#include "spec/support/free_port.h"
#include "spec/support/http_context.h"

static HttpContext *current;

OutboundRules *__wrap_outbound_rules_load(Session *session, GError **error);

/* The rules are the spec's own, without a database. */
OutboundRules *__wrap_outbound_rules_load(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED GError **error)
{
    return context_rules(current);
}

static int setup(void **state)
{
    http_context_setup(state);
    current = *state;
    return 0;
}

static int teardown(void **state)
{
    forget_names();
    return http_context_teardown(state);
}

/* A download of http://NAME:PORT/. (transfer full) */
static HttpAnswer *fetch(HttpContext *context, const char *name, guint port, GError **error)
{
    g_autofree char *url = g_strdup_printf("http://%s:%u/", name, port);
    const Download wanted = {
        .url = url, .redirects = DOWNLOAD_REDIRECTS, .sink = &context->sink, .timeout = context->timeout};
    return download(context->session, &wanted, NULL, error);
}

static void a_name_that_changes_its_meaning_is_checked_where_it_leads(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) good = scripted_server_new_at("127.0.0.2", 0);
    guint port = scripted_server_port(good);
    g_autoptr(ScriptedServer) private = scripted_server_new_at("127.0.0.1", port);
    context_allow(context, "127.0.0.2", port);
    next_name_means("127.0.0.2");
    next_name_means("127.0.0.1");
    scripted_server_reply(good, 200, NULL, "content");

    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = fetch(context, "rebind.test", port, &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 200);

    g_clear_pointer(&context->session->curl, curl_easy_cleanup); /* and with it the names that it knows */
    assert_null(fetch(context, "rebind.test", port, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    assert_int_equal(scripted_server_requests(private), 0);
}

static void a_redirect_to_the_same_name_is_checked_again(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) good = scripted_server_new_at("127.0.0.2", 0);
    g_autoptr(ScriptedServer) private = scripted_server_new();
    context_allow(context, "127.0.0.2", scripted_server_port(good));
    next_name_means("127.0.0.2");
    next_name_means("127.0.0.1");
    g_autofree char *location =
        g_strdup_printf("Location: http://rebind.test:%u/\r\n", scripted_server_port(private));
    scripted_server_reply(good, 302, location, "");

    g_autoptr(GError) error = NULL;
    assert_null(fetch(context, "rebind.test", scripted_server_port(good), &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    assert_int_equal(scripted_server_requests(good), 1);
    assert_int_equal(scripted_server_requests(private), 0);
}

static void a_name_with_a_private_address_beside_a_good_one_does_not_lead_there(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) private = scripted_server_new();
    guint port = scripted_server_port(private);
    context_allow(context, "127.0.0.2", port); /* where nobody listens */
    static const char *const orders[] = {"127.0.0.2 127.0.0.1", "127.0.0.1 127.0.0.2"};
    for (gsize i = 0; i < G_N_ELEMENTS(orders); i++) {
        g_autoptr(GError) error = NULL;
        next_name_means(orders[i]);
        g_clear_pointer(&context->session->curl, curl_easy_cleanup);
        assert_null(fetch(context, "two.test", port, &error));
        assert_int_equal(error->domain, HTTP_ERROR);
    }
    assert_int_equal(scripted_server_requests(private), 0);
}

static void a_local_name_is_refused_by_its_address(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GError) error = NULL;
    next_name_means("192.168.1.1");
    assert_null(fetch(context, "printer.local.test", 80, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
}

static void a_name_that_is_none_is_a_failed_connection(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GError) error = NULL;
    assert_null(fetch(context, "nowhere.test", 80, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_CONNECTION);
}

/* Gets the answer that the server was told to give and expects this error of HTTP_ERROR. */
static void assert_refused(HttpContext *context, HttpError code)
{
    g_autoptr(GError) error = NULL;
    assert_null(context_get(context, "/", &error));
    assert_error(error, HTTP_ERROR, code);
}

/* The same; the sink has had enough. */
static void assert_limited(HttpContext *context)
{
    g_autoptr(GError) error = NULL;
    assert_null(context_get(context, "/", &error));
    assert_error(error, sink_error(), 7);
    assert_in_range(context->body->len, 1, SINK_LIMIT);
    assert_in_range(context->max_piece, 1, CURL_MAX_WRITE_SIZE);
}

/* (transfer full) */
static GBytes *repeated(const char *text, guint times)
{
    GString *whole = g_string_new(NULL);
    for (guint i = 0; i < times; i++)
        g_string_append(whole, text);
    return g_string_free_to_bytes(whole);
}

/* (transfer full) */
static GBytes *zeros(gsize length)
{
    return g_bytes_new_take(g_malloc0(length), length);
}

static void a_body_without_end_is_stopped_by_the_limit(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\n\r\n", zeros(65536), 0);
    assert_limited(context);
}

static void chunks_without_end_are_stopped_by_the_limit(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                    repeated("8\r\n12345678\r\n", 1000), 0);
    assert_limited(context);
}

static void an_announced_length_does_not_matter_to_the_limit(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_endlessly(
        context->server, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", zeros(65536), 0);
    assert_limited(context);
}

static void a_body_that_nobody_wants_is_not_read_to_its_end(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 404 Gone\r\nETag: a\r\n\r\n", zeros(65536), 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = fetch(context, "127.0.0.1", scripted_server_port(context->server), &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 404);
    assert_string_equal(http_answer_header(answer, "etag"), "a");
    assert_int_equal(context->body->len, 0);
}

static void a_trickle_is_a_timeout(void **state)
{
    HttpContext *context = *state;
    context->timeout = 1;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\n\r\n", g_bytes_new_static("x", 1),
                                    20);
    assert_refused(context, HTTP_ERROR_TIMEOUT);
}

static void a_trickle_of_headers_is_a_timeout(void **state)
{
    HttpContext *context = *state;
    context->timeout = 1;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\n", g_bytes_new_static("X: y\r\n", 6),
                                    20);
    assert_refused(context, HTTP_ERROR_TIMEOUT);
}

static void a_body_shorter_than_announced_is_an_error(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_raw(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort");
    assert_refused(context, HTTP_ERROR_BODY);
}

static void what_follows_an_announced_body_is_not_part_of_it(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_raw(context->server,
                              "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntextHTTP/1.1 200");
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = context_get(context, "/", &error);
    assert_no_error(error);
    assert_string_equal(context->body->str, "text");
}

static void lengths_that_are_none_are_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const lengths[] = {"Content-Length: -1\r\n", "Content-Length: abc\r\n",
                                          "Content-Length: 4\r\nContent-Length: 5\r\n",
                                          "Content-Length: 5\r\ncontent-length: 4\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autofree char *reply = g_strconcat("HTTP/1.1 200 OK\r\n", lengths[i], "\r\ntext", NULL);
        scripted_server_reply_raw(context->server, reply);
        assert_refused(context, HTTP_ERROR_ANSWER);
        assert_string_equal(context->body->str, "");
    }
}

static void broken_chunks_are_an_error(void **state)
{
    HttpContext *context = *state;
    static const char *const bodies[] = {"5\r\ntext", "zz\r\ntext\r\n0\r\n\r\n", "4\r\ntext\r\n",
                                         "4\r\ntext\r\n0\r\n", "fffffffffffffffff\r\ntext\r\n0\r\n\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autofree char *reply =
            g_strconcat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", bodies[i], NULL);
        scripted_server_reply_raw(context->server, reply);
        assert_refused(context, HTTP_ERROR_BODY);
    }
}

/* `again` unpacks to 1 MiB of zeros wherever it stands in a packed stream. */
static void make_bomb(GBytes **head, GBytes **again)
{
    g_autoptr(GBytes) plain = zeros(1024 * 1024);
    Bytef packed[8192];
    z_stream stream = {.next_out = packed, .avail_out = sizeof packed};
    assert_int_equal(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    deflate(&stream, Z_FULL_FLUSH);
    gsize head_length = stream.total_out, plain_length;
    stream.next_in = (Bytef *)g_bytes_get_data(plain, &plain_length);
    stream.avail_in = (uInt)plain_length;
    assert_int_equal(deflate(&stream, Z_FULL_FLUSH), Z_OK);
    *head = g_bytes_new(packed, head_length);
    *again = g_bytes_new(packed + head_length, stream.total_out - head_length);
    deflateEnd(&stream);
}

/* About 1 MB that unpack to 1 GB. (transfer full) */
static GBytes *bomb_new(void)
{
    g_autoptr(GBytes) head = NULL;
    g_autoptr(GBytes) again = NULL;
    make_bomb(&head, &again);
    GByteArray *bomb = g_byte_array_new();
    g_byte_array_append(bomb, g_bytes_get_data(head, NULL), (guint)g_bytes_get_size(head));
    for (guint i = 0; i < 1024; i++)
        g_byte_array_append(bomb, g_bytes_get_data(again, NULL), (guint)g_bytes_get_size(again));
    return g_byte_array_free_to_bytes(bomb);
}

static void a_decompression_bomb_is_stopped_by_the_limit(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_bytes(context->server, answer_with("Content-Encoding: gzip\r\n", bomb_new()));
    assert_limited(context);
}

static void a_bomb_within_a_bomb_is_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const encodings[] = {"Content-Encoding: gzip, gzip\r\n",
                                            "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"};
    g_autoptr(GBytes) bomb = bomb_new();
    for (gsize i = 0; i < G_N_ELEMENTS(encodings); i++) {
        scripted_server_reply_bytes(context->server, answer_with(encodings[i], gzipped(bomb)));
        assert_refused(context, HTTP_ERROR_BODY);
        assert_int_equal(context->body->len, 0);
    }
}

static void packed_in_another_way_than_asked_for_is_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const encodings[] = {"br", "zstd", "deflate", "compress", "gzip;q=1", "x"};
    for (gsize i = 0; i < G_N_ELEMENTS(encodings); i++) {
        g_autofree char *header = g_strdup_printf("Content-Encoding: %s\r\n", encodings[i]);
        scripted_server_reply_bytes(context->server, answer_with(header, g_bytes_new_static("text", 4)));
        assert_refused(context, HTTP_ERROR_BODY);
    }
}

static void what_is_not_packed_as_announced_is_an_error(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_bytes(context->server, answer_with("Content-Encoding: gzip\r\n",
                                                             g_bytes_new_static("this is no gzip", 15)));
    assert_refused(context, HTTP_ERROR_BODY);
}

static void a_packed_body_that_breaks_off_is_an_error(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) plain = g_bytes_new_static("some text to be packed", 22);
    g_autoptr(GBytes) packed = gzipped(plain);
    scripted_server_reply_bytes(context->server,
                                answer_with("Content-Encoding: gzip\r\n",
                                            g_bytes_new_from_bytes(packed, 0, g_bytes_get_size(packed) - 9)));
    assert_refused(context, HTTP_ERROR_BODY);
}

static void headers_without_end_are_refused(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\n",
                                    repeated("X-Filler: aaaa\r\n", 1000), 0);
    assert_refused(context, HTTP_ERROR_ANSWER);
}

static void a_header_without_end_is_refused(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\nX: ", repeated("aaaaaaaa", 1000), 0);
    g_autoptr(GError) error = NULL;
    assert_null(context_get(context, "/", &error));
    assert_int_equal(error->domain, HTTP_ERROR);
}

static void provisional_answers_without_end_are_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const answers[] = {"HTTP/1.1 100 Continue\r\n\r\n",
                                          "HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        scripted_server_reply_endlessly(context->server, answers[i], repeated(answers[i], 1000), 0);
        assert_refused(context, HTTP_ERROR_ANSWER);
    }
}

static void a_provisional_answer_precedes_the_real_one(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_raw(context->server, "HTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\n"
                                               "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext");
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = context_get(context, "/", &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 200);
    assert_string_equal(context->body->str, "text");
}

static void a_connection_closed_in_any_phase_is_an_error(void **state)
{
    HttpContext *context = *state;
    static const char *const beginnings[] = {"",
                                             "HTT",
                                             "HTTP/1.1 200",
                                             "HTTP/1.1 200 OK\r\n",
                                             "HTTP/1.1 200 OK\r\nContent-Le",
                                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n",
                                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
                                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nte",
                                             "HTTP/1.1 100 Continue\r\n\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        scripted_server_reply_raw(context->server, beginnings[i]);
        g_autoptr(GError) error = NULL;
        assert_null(context_get(context, "/", &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_BODY);
    }
}

static void what_is_not_http_is_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const answers[] = {"<html>this is HTTP/0.9</html>",
                                          "SSH-2.0-OpenSSH_9.2\r\n",
                                          "HTTP/7.3 200 OK\r\nContent-Length: 0\r\n\r\n",
                                          "ICY 200 OK\r\n\r\nmusic",
                                          "+OK ready\r\n",
                                          "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        scripted_server_reply_raw(context->server, answers[i]);
        assert_refused(context, HTTP_ERROR_ANSWER);
        assert_string_equal(context->body->str, "");
    }
}

static void a_nul_in_a_header_is_refused(void **state)
{
    HttpContext *context = *state;
    static const char reply[] = "HTTP/1.1 302 Found\r\nLocation: /a\0b\r\nContent-Length: 0\r\n\r\n";
    scripted_server_reply_bytes(context->server, g_bytes_new_static(reply, sizeof reply - 1));
    assert_refused(context, HTTP_ERROR_ANSWER);
}

static void an_empty_body_is_a_body(void **state)
{
    HttpContext *context = *state;
    static const char *const answers[] = {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                                          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
                                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        scripted_server_reply_raw(context->server, answers[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(HttpAnswer) answer = context_get(context, "/", &error);
        assert_no_error(error);
        assert_int_equal(answer->status, 200);
        assert_int_equal(context->body->len, 0);
    }
}

/* RFC 9112, 7.1.2: fields that a server sends behind the last chunk. */
static void what_follows_the_last_chunk_is_part_of_the_answer(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply_raw(context->server,
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Etag\r\n\r\n"
                              "4\r\ntext\r\n0\r\nEtag: \"a\"\r\n\r\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = context_get(context, "/", &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 200);
    assert_string_equal(context->body->str, "text");
}

int main(void)
{
#define spec(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        spec(a_name_that_changes_its_meaning_is_checked_where_it_leads),
        spec(a_redirect_to_the_same_name_is_checked_again),
        spec(a_name_with_a_private_address_beside_a_good_one_does_not_lead_there),
        spec(a_local_name_is_refused_by_its_address),
        spec(a_name_that_is_none_is_a_failed_connection),
        spec(a_body_without_end_is_stopped_by_the_limit),
        spec(chunks_without_end_are_stopped_by_the_limit),
        spec(an_announced_length_does_not_matter_to_the_limit),
        spec(a_body_that_nobody_wants_is_not_read_to_its_end),
        spec(a_trickle_is_a_timeout),
        spec(a_trickle_of_headers_is_a_timeout),
        spec(a_body_shorter_than_announced_is_an_error),
        spec(what_follows_an_announced_body_is_not_part_of_it),
        spec(lengths_that_are_none_are_refused),
        spec(broken_chunks_are_an_error),
        spec(a_decompression_bomb_is_stopped_by_the_limit),
        spec(a_bomb_within_a_bomb_is_refused),
        spec(packed_in_another_way_than_asked_for_is_refused),
        spec(what_is_not_packed_as_announced_is_an_error),
        spec(a_packed_body_that_breaks_off_is_an_error),
        spec(headers_without_end_are_refused),
        spec(a_header_without_end_is_refused),
        spec(provisional_answers_without_end_are_refused),
        spec(a_provisional_answer_precedes_the_real_one),
        spec(a_connection_closed_in_any_phase_is_an_error),
        spec(what_is_not_http_is_refused),
        spec(a_nul_in_a_header_is_refused),
        spec(an_empty_body_is_a_body),
        spec(what_follows_the_last_chunk_is_part_of_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
