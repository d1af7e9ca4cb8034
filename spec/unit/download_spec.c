#include "importers/http/download.h"

#include "protocol/error_class.h"
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

static const char *const credentials[] = {"Authorization: Bearer secret", NULL};

/* With credentials, into the context's sink. (transfer full) */
static HttpAnswer *fetch(HttpContext *context, const char *path, char **final_url, GError **error)
{
    g_autofree char *url = g_strconcat(scripted_server_url(context->server), path, NULL);
    const Download wanted = {
        .url = url, .headers = credentials, .redirects = DOWNLOAD_REDIRECTS, .sink = &context->sink};
    return download(context->session, &wanted, final_url, error);
}

static void redirect(ScriptedServer *server, guint status, const char *location)
{
    g_autofree char *header = g_strdup_printf("Location: %s\r\n", location);
    scripted_server_reply(server, status, header, "<html>moved</html>");
}

/* A second server; whether it may be called is the caller's to say. */
static ScriptedServer *other_server(HttpContext *context, gboolean allowed)
{
    ScriptedServer *server = scripted_server_new();
    if (allowed)
        context_allow(context, "127.0.0.1", scripted_server_port(server));
    return server;
}

static void a_file_arrives(void **state)
{
    HttpContext *context = *state;
    g_autofree char *final_url = NULL;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 200, NULL, "content");
    g_autoptr(HttpAnswer) answer = fetch(context, "/a", &final_url, &error);
    assert_no_error(error);
    assert_int_equal(answer->status, 200);
    assert_string_equal(context->body->str, "content");
    assert_true(g_str_has_suffix(final_url, "/a"));
    assert_true(request_has(context->server, 0, "Authorization: Bearer secret"));
}

static void an_error_page_is_no_file(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 404, NULL, "not found");
    g_autoptr(HttpAnswer) answer = fetch(context, "/a", NULL, NULL);
    assert_int_equal(answer->status, 404);
    assert_string_equal(context->body->str, "");
}

/* Net::HTTPRedirection with a Location. */
static void redirects_are_followed(void **state)
{
    HttpContext *context = *state;
    static const guint statuses[] = {300, 301, 302, 303, 305, 307, 308};
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autofree char *final_url = NULL;
        g_autoptr(GError) error = NULL;
        g_string_truncate(context->body, 0);
        redirect(context->server, statuses[i], "/b?c=d");
        scripted_server_reply(context->server, 200, NULL, "content");
        g_autoptr(HttpAnswer) answer = fetch(context, "/a", &final_url, &error);
        assert_no_error(error);
        assert_int_equal(answer->status, 200);
        assert_string_equal(context->body->str, "content");
        assert_true(g_str_has_suffix(final_url, "/b?c=d"));
    }
}

static void not_modified_and_a_redirect_to_nowhere_are_answers(void **state)
{
    HttpContext *context = *state;
    scripted_server_reply(context->server, 304, "Location: /b\r\n", "");
    scripted_server_reply(context->server, 302, NULL, "");
    g_autoptr(HttpAnswer) not_modified = fetch(context, "/a", NULL, NULL);
    g_autoptr(HttpAnswer) nowhere = fetch(context, "/a", NULL, NULL);
    assert_int_equal(not_modified->status, 304);
    assert_int_equal(nowhere->status, 302);
}

static void a_redirect_is_an_answer_when_none_is_to_be_followed(void **state)
{
    HttpContext *context = *state;
    redirect(context->server, 302, "https://elsewhere.test/");
    const Download wanted = {.url = scripted_server_url(context->server), .headers = credentials};
    g_autofree char *final_url = NULL;
    g_autoptr(HttpAnswer) answer = download(context->session, &wanted, &final_url, NULL);
    assert_int_equal(answer->status, 302);
    assert_string_equal(http_answer_header(answer, "location"), "https://elsewhere.test/");
    assert_string_equal(final_url, scripted_server_url(context->server));
}

static void targets_are_seen_from_where_they_are_named(void **state)
{
    HttpContext *context = *state;
    redirect(context->server, 302, "/folder/b");
    redirect(context->server, 302, "c?x=a b");
    redirect(context->server, 302, "../d#part");
    scripted_server_reply(context->server, 200, NULL, "");
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = fetch(context, "/a", NULL, &error);
    assert_no_error(error);
    assert_true(request_has(context->server, 1, "GET /folder/b HTTP"));
    assert_true(request_has(context->server, 2, "GET /folder/c?x=a"));
    assert_true(request_has(context->server, 3, "GET /d HTTP"));
}

static void redirects_without_end_are_an_error(void **state)
{
    HttpContext *context = *state;
    for (guint i = 0; i < 10; i++)
        redirect(context->server, 302, "/a");
    g_autoptr(GError) error = NULL;
    assert_null(fetch(context, "/a", NULL, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_REDIRECTS);
    assert_string_equal(error_class(error), "HTTParty::RedirectionTooDeep");
    assert_int_equal(scripted_server_requests(context->server), 5);
}

static void credentials_stay_with_their_server(void **state)
{
    HttpContext *context = *state;
    redirect(context->server, 302, "/b");
    scripted_server_reply(context->server, 200, NULL, "");
    g_autoptr(HttpAnswer) answer = fetch(context, "/a", NULL, NULL);
    assert_true(request_has(context->server, 1, "GET /b"));
    assert_true(request_has(context->server, 1, "Authorization: Bearer secret"));
}

static void credentials_do_not_reach_another_server(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) other = other_server(context, TRUE);
    redirect(context->server, 302, scripted_server_url(other));
    scripted_server_reply(other, 200, NULL, "content");
    g_autoptr(GError) error = NULL;
    g_autoptr(HttpAnswer) answer = fetch(context, "/a", NULL, &error);
    assert_no_error(error);
    assert_int_equal(scripted_server_requests(other), 1);
    assert_false(request_has(other, 0, "Authorization"));
    assert_string_equal(context->body->str, "content");
}

/* Another server may not choose what is asked for with the token. */
static void credentials_do_not_come_back_from_another_server(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) other = other_server(context, TRUE);
    g_autofree char *back = g_strconcat(scripted_server_url(context->server), "/private", NULL);
    redirect(context->server, 302, scripted_server_url(other));
    redirect(other, 302, back);
    scripted_server_reply(context->server, 200, NULL, "content");
    g_autoptr(HttpAnswer) answer = fetch(context, "/a", NULL, NULL);
    assert_true(request_has(context->server, 1, "GET /private"));
    assert_false(request_has(context->server, 1, "Authorization"));
}

static void credentials_in_a_target_are_not_used(void **state)
{
    HttpContext *context = *state;
    g_autofree char *target =
        g_strdup_printf("http://user:word@127.0.0.1:%u/b", scripted_server_port(context->server));
    redirect(context->server, 302, target);
    scripted_server_reply(context->server, 200, NULL, "");
    g_autofree char *final_url = NULL;
    const Download wanted = {
        .url = scripted_server_url(context->server), .redirects = 1, .sink = &context->sink};
    g_autoptr(HttpAnswer) answer = download(context->session, &wanted, &final_url, NULL);
    assert_true(request_has(context->server, 1, "GET /b"));
    assert_false(request_has(context->server, 1, "Authorization"));
    assert_null(strstr(final_url, "user"));
}

static void a_redirect_to_a_private_server_is_refused(void **state)
{
    HttpContext *context = *state;
    g_autoptr(ScriptedServer) private = other_server(context, FALSE);
    redirect(context->server, 302, scripted_server_url(private));
    g_autoptr(GError) error = NULL;
    assert_null(fetch(context, "/a", NULL, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    assert_string_equal(error->message, "URL is blocked: Requests to localhost are not allowed");
    assert_int_equal(scripted_server_requests(private), 0);
}

static void a_redirect_to_a_private_network_is_refused(void **state)
{
    HttpContext *context = *state;
    static const struct {
        const char *location, *text;
    } cases[] = {
        {"http://169.254.169.254/latest/meta-data/",
         "URL is blocked: Requests to the link local network are not allowed"},
        {"//10.0.0.1/", "URL is blocked: Requests to the local network are not allowed"},
        {"https://[fd00::1]/", "URL is blocked: Requests to the local network are not allowed"},
        {"http://2852039166/", "URL is blocked: Requests to the link local network are not allowed"},
        {"http://0/", "URL is blocked: Requests to localhost are not allowed"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        redirect(context->server, 302, cases[i].location);
        g_autoptr(GError) error = NULL;
        assert_null(fetch(context, "/a", NULL, &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
        assert_string_equal(error->message, cases[i].text);
    }
}

static void a_redirect_to_another_protocol_is_refused(void **state)
{
    HttpContext *context = *state;
    static const char *const locations[] = {
        "file:///etc/passwd",         "ftp://127.0.0.1/x",        "gopher://127.0.0.1:6379/_FLUSHALL",
        "data:text/html,<script>",    "javascript:alert(1)",      "dict://127.0.0.1:11211/stats",
        "http+unix://%2Frun%2Fx/get", "http://127.0.0.1:0x50/\t", "http://[::1"};
    for (gsize i = 0; i < G_N_ELEMENTS(locations); i++) {
        redirect(context->server, 302, locations[i]);
        g_autoptr(GError) error = NULL;
        assert_null(fetch(context, "/a", NULL, &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_INVALID_URL);
    }
    assert_int_equal(scripted_server_requests(context->server), G_N_ELEMENTS(locations));
}

int main(void)
{
#define spec(name) cmocka_unit_test_setup_teardown(name, setup, http_context_teardown)
    const struct CMUnitTest tests[] = {
        spec(a_file_arrives),
        spec(an_error_page_is_no_file),
        spec(redirects_are_followed),
        spec(not_modified_and_a_redirect_to_nowhere_are_answers),
        spec(a_redirect_is_an_answer_when_none_is_to_be_followed),
        spec(targets_are_seen_from_where_they_are_named),
        spec(redirects_without_end_are_an_error),
        spec(credentials_stay_with_their_server),
        spec(credentials_do_not_reach_another_server),
        spec(credentials_do_not_come_back_from_another_server),
        spec(credentials_in_a_target_are_not_used),
        spec(a_redirect_to_a_private_server_is_refused),
        spec(a_redirect_to_a_private_network_is_refused),
        spec(a_redirect_to_another_protocol_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
