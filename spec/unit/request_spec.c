#include "importers/github/github_metrics.h"
#include "protocol/error_class.h"
#include "spec/support/github_context.h"

#define PATH "repos/acme/rocket"

static json_t *get(void **state, GError **error)
{
    GithubContext *context = *state;
    return github_get(context->client, PATH, error);
}

static void sends_octokit_s_headers(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 200, NULL, "{\"id\":1}");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = get(state, &error);
    assert_no_error(error);
    assert_int_equal(json_integer_value(json_object_get(object, "id")), 1);
    assert_true(request_has(context, 0, "GET /api/v3/repos/acme/rocket HTTP/1.1\r\n"));
    assert_true(request_has(context, 0, "\r\nAuthorization: token " CONTEXT_TOKEN "\r\n"));
    assert_true(request_has(context, 0, "\r\nAccept: application/vnd.github.v3+json\r\n"));
    assert_true(request_has(context, 0, "\r\nX-GitHub-Api-Version: 2022-11-28\r\n"));
    assert_true(request_has(context, 0, "\r\nUser-Agent: hubferry/" HUBFERRY_VERSION "\r\n"));
    assert_true(request_has(context, 0, "\r\nAccept-Encoding: gzip\r\n"));
}

static void knows_the_project_s_addresses(void **state)
{
    GithubContext *context = *state;
    assert_string_equal(github_client_repository_path(context->client), PATH);
    assert_string_equal(github_client_web_endpoint(context->client), scripted_server_url(context->server));
    g_autofree char *expected = g_strdup_printf("http://" CONTEXT_TOKEN "@%s/acme/rocket.git",
                                                scripted_server_url(context->server) + strlen("http://"));
    assert_text(github_client_clone_url(context->client), expected);
}

/* Every row of Octokit's table, how often it is asked for and what it is called. */
static void statuses_become_octokit_s_errors(void **state)
{
    GithubContext *context = *state;
    static const struct {
        guint status;
        const char *body;
        GithubErrorCode code;
        guint requests;
        const char *class_name;
    } cases[] = {
        {400, "{}", GITHUB_ERROR_BAD_REQUEST, 1, "Octokit::BadRequest"},
        {401, "{\"message\":\"Bad credentials\"}", GITHUB_ERROR_UNAUTHORIZED, 1, "Octokit::Unauthorized"},
        {402, "", GITHUB_ERROR_CLIENT, 1, "Octokit::ClientError"},
        {403, "Maximum number of LOGIN ATTEMPTS exceeded, abuse", GITHUB_ERROR_TOO_MANY_LOGIN_ATTEMPTS, 1,
         "Octokit::TooManyLoginAttempts"},
        {403, "This API returns blobs up to 1 MB in size", GITHUB_ERROR_TOO_LARGE_CONTENT, 1,
         "Octokit::TooLargeContent"},
        {403, "used for blobs between 1-100 MB", GITHUB_ERROR_TOO_LARGE_CONTENT, 1,
         "Octokit::TooLargeContent"},
        {403, "{\"message\":\"Repository access blocked\"}", GITHUB_ERROR_REPOSITORY_UNAVAILABLE, 1,
         "Octokit::RepositoryUnavailable"},
        {403, "At least one email address must be verified", GITHUB_ERROR_UNVERIFIED_EMAIL, 1,
         "Octokit::UnverifiedEmail"},
        {403, "Sorry. Your account was suspended", GITHUB_ERROR_ACCOUNT_SUSPENDED, 1,
         "Octokit::AccountSuspended"},
        {403, "disabled because of a Billing issue", GITHUB_ERROR_BILLING_ISSUE, 1, "Octokit::BillingIssue"},
        {403, "Resource protected by organization SAML enforcement.", GITHUB_ERROR_SAML_PROTECTED, 1,
         "Octokit::SAMLProtected"},
        {403, "the owner suspended your access", GITHUB_ERROR_INSTALLATION_SUSPENDED, 1,
         "Octokit::InstallationSuspended"},
        {403, "This installation has been suspended", GITHUB_ERROR_INSTALLATION_SUSPENDED, 1,
         "Octokit::InstallationSuspended"},
        {403, "not UTF-8: \xff", GITHUB_ERROR_FORBIDDEN, 1, "Octokit::Forbidden"},
        {404, "{\"message\":\"Not Found\"}", GITHUB_ERROR_NOT_FOUND, 1, "Octokit::NotFound"},
        {404, "{\"message\":\"Branch not protected\"}", GITHUB_ERROR_BRANCH_NOT_PROTECTED, 1,
         "Octokit::BranchNotProtected"},
        {405, "", GITHUB_ERROR_METHOD_NOT_ALLOWED, 1, "Octokit::MethodNotAllowed"},
        {406, "", GITHUB_ERROR_NOT_ACCEPTABLE, 1, "Octokit::NotAcceptable"},
        {409, "", GITHUB_ERROR_CONFLICT, 1, "Octokit::Conflict"},
        {410, "{}", GITHUB_ERROR_DEPRECATED, 1, "Octokit::Deprecated"},
        {415, "", GITHUB_ERROR_UNSUPPORTED_MEDIA_TYPE, 1, "Octokit::UnsupportedMediaType"},
        {418, "", GITHUB_ERROR_CLIENT, 1, "Octokit::ClientError"},
        {422, "{}", GITHUB_ERROR_UNPROCESSABLE, 1, "Octokit::UnprocessableEntity"},
        {451, "{}", GITHUB_ERROR_UNAVAILABLE_FOR_LEGAL_REASONS, 1, "Octokit::UnavailableForLegalReasons"},
        {500, "", GITHUB_ERROR_INTERNAL_SERVER, 3, "Octokit::InternalServerError"},
        {501, "", GITHUB_ERROR_NOT_IMPLEMENTED, 3, "Octokit::NotImplemented"},
        {502, "<html>bad gateway</html>", GITHUB_ERROR_BAD_GATEWAY, 3, "Octokit::BadGateway"},
        {503, "", GITHUB_ERROR_SERVICE_UNAVAILABLE, 3, "Octokit::ServiceUnavailable"},
        {504, "", GITHUB_ERROR_SERVER, 3, "Octokit::ServerError"},
        {599, "", GITHUB_ERROR_SERVER, 3, "Octokit::ServerError"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint before = scripted_server_requests(context->server);
        for (guint n = 0; n < cases[i].requests; n++)
            scripted_server_reply(context->server, cases[i].status, NULL, cases[i].body);
        g_autoptr(GError) error = NULL;
        assert_null(get(state, &error));
        assert_error(error, GITHUB_ERROR, cases[i].code);
        assert_string_equal(error_class(error), cases[i].class_name);
        assert_int_equal(scripted_server_requests(context->server) - before, cases[i].requests);
    }
}

static void every_code_has_a_class(G_GNUC_UNUSED void **state)
{
    for (int code = GITHUB_ERROR_RATE_LIMIT; code <= GITHUB_ERROR_BLOCKED_URL; code++) {
        g_autoptr(GError) error = g_error_new_literal(GITHUB_ERROR, code, "");
        assert_non_null(error_class(error));
    }
}

static void a_header_asks_for_a_one_time_password(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 401, "X-GitHub-OTP: required; app\r\n", "{}");
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_ONE_TIME_PASSWORD_REQUIRED);
    assert_string_equal(error_class(error), "Octokit::OneTimePasswordRequired");

    g_autoptr(GError) plain = NULL;
    scripted_server_reply(context->server, 401, "X-GitHub-OTP: optional\r\n", "{}");
    assert_null(get(state, &plain));
    assert_error(plain, GITHUB_ERROR, GITHUB_ERROR_UNAUTHORIZED);
}

static void not_acceptable_hints_at_the_api_s_address(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 406, NULL, "");
    assert_null(get(state, &error));
    assert_non_null(strstr(error->message, "/api/v3?"));
}

static void texts_have_octokit_s_shape_and_no_token(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 422, NULL,
                          "{\"message\":\"Validation Failed for " CONTEXT_TOKEN
                          "\",\"documentation_url\":\"https://docs/x\","
                          "\"errors\":[{\"resource\":\"Issue\",\"code\":7},\"plain\"]}");
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    g_autofree char *expected =
        g_strdup_printf("GET %s/api/v3/repos/acme/rocket: 422 - Validation Failed for (redacted)\n"
                        "Error summary:\n  resource: Issue\n  code: 7\n  plain // See: https://docs/x",
                        scripted_server_url(context->server));
    assert_string_equal(error->message, expected);
}

static void a_server_error_may_pass(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 502, NULL, "");
    scripted_server_reply(context->server, 503, NULL, "");
    scripted_server_reply(context->server, 200, NULL, "{}");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = get(state, &error);
    assert_no_error(error);
    assert_non_null(object);
    assert_int_equal(scripted_server_requests(context->server), 3);
}

static void connections_are_tried_three_times(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_CONNECTION);
    assert_int_equal(scripted_server_requests(context->server), 3);
}

static void a_truncated_body_is_a_lost_connection(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply_raw(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":1}");
    scripted_server_reply_raw(context->server,
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"id\":1}");
    scripted_server_reply(context->server, 200, NULL, "{\"id\":2}");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = get(state, &error);
    assert_no_error(error);
    assert_int_equal(json_integer_value(json_object_get(object, "id")), 2);
    assert_int_equal(scripted_server_requests(context->server), 3);
}

static void silence_is_a_timeout(void **state)
{
    GithubContext *context = *state;
    context->client->http.timeout = 1;
    for (guint i = 0; i < 3; i++)
        scripted_server_reply_never(context->server);
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_TIMEOUT);
    assert_int_equal(scripted_server_requests(context->server), 3);
}

static void large_bodies_are_refused(void **state)
{
    GithubContext *context = *state;
    context->client->http.max_body = 8;
    scripted_server_reply(context->server, 200, NULL, "[1,2,3,4]");
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_TOO_LARGE);
    assert_int_equal(scripted_server_requests(context->server), 1);
}

static void json_with_too_many_values_is_refused(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GString) body = g_string_new("{\"list\":[0");
    for (guint i = 1; i < 249998; i++)
        g_string_append(body, ",0");
    g_autofree char *allowed = g_strconcat(body->str, "]}", NULL);
    g_autofree char *refused = g_strconcat(body->str, ",{}]}", NULL);
    scripted_server_reply(context->server, 200, NULL, allowed);
    g_autoptr(json_t) object = get(state, NULL);
    assert_int_equal(json_array_size(json_object_get(object, "list")), 249998);
    scripted_server_reply(context->server, 200, NULL, refused);
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_TOO_LARGE);
}

static void broken_json_is_an_error(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 200, NULL, "{\"id\":");
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_BODY);
    assert_int_equal(scripted_server_requests(context->server), 1);
}

static void what_is_not_utf8_in_an_answer_is_left_out(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 200, NULL, "{\"body\":\"a\\ud83db\xff\xc3(\"}");
    g_autoptr(json_t) object = get(state, &error);
    assert_null(error);
    assert_string_equal(json_string_value(json_object_get(object, "body")), "ab(");
}

static void redirects_are_followed(void **state)
{
    GithubContext *context = *state;
    static const guint statuses[] = {301, 302, 307};
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++)
        scripted_server_reply(context->server, statuses[i], "Location: /api/v3/repositories/7\r\n", "");
    scripted_server_reply(context->server, 200, NULL, "{}");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = get(state, &error);
    assert_no_error(error);
    assert_true(request_has(context, 3, "GET /api/v3/repositories/7 HTTP/1.1\r\n"));
    assert_true(request_has(context, 3, "Authorization: token " CONTEXT_TOKEN));
}

static void the_fourth_redirect_is_refused(void **state)
{
    GithubContext *context = *state;
    for (guint i = 0; i < 4; i++)
        scripted_server_reply(context->server, 303,
                              "Location: /again?access_token=abc&t=" CONTEXT_TOKEN "&b=\xff\r\n", "");
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_CLIENT);
    assert_non_null(strstr(error->message, "/again?access_token=(redacted)&t=(redacted)&b="));
    assert_true(g_utf8_validate(error->message, -1, NULL));
    assert_int_equal(scripted_server_requests(context->server), 4);
}

static void what_is_no_object_is_no_answer(void **state)
{
    GithubContext *context = *state;
    static const char *const answers[] = {"[]", "null", "7"};
    for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autoptr(GError) error = NULL;
        scripted_server_reply(context->server, 200, NULL, answers[i]);
        assert_null(get(state, &error));
        assert_error(error, GITHUB_ERROR, GITHUB_ERROR_BODY);
    }
}

static void another_host_never_sees_the_token(void **state)
{
    GithubContext *context = *state;
    g_autofree char *other = g_strdup_printf("Location: http://localhost:%s/elsewhere\r\n",
                                             strrchr(scripted_server_url(context->server), ':') + 1);
    scripted_server_reply(context->server, 302, other, "");
    scripted_server_reply(context->server, 200, NULL, "{}");
    g_autoptr(json_t) object = get(state, NULL);
    assert_non_null(object);
    assert_true(request_has(context, 1, "GET /elsewhere HTTP/1.1\r\n"));
    assert_true(request_has(context, 1, "Authorization: dummy\r\n"));
    assert_false(request_has(context, 1, CONTEXT_TOKEN));
}

static void redirects_to_other_schemes_are_refused(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 302, "Location: file:///etc/passwd\r\n", "");
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL);
}

static void etags_make_requests_conditional(void **state)
{
    GithubContext *context = *state;
    g_autofree char *etag = NULL;
    gboolean not_modified = TRUE;
    scripted_server_reply(context->server, 200, "ETag: W/\"abc\"\r\n", "{\"email\":null}");
    g_autoptr(json_t) first =
        github_get_conditional(context->client, "users/ann", &etag, &not_modified, NULL);
    assert_non_null(first);
    assert_false(not_modified);
    assert_string_equal(etag, "W/\"abc\"");

    GithubMetrics before, after;
    github_metrics_read(&before);
    scripted_server_reply(context->server, 304, "ETag: W/\"abc\"\r\n", "");
    g_autoptr(GError) error = NULL;
    assert_null(github_get_conditional(context->client, "users/ann", &etag, &not_modified, &error));
    assert_no_error(error);
    assert_true(not_modified);
    assert_string_equal(etag, "W/\"abc\"");
    assert_true(request_has(context, 1, "If-None-Match: W/\"abc\"\r\n"));
    assert_false(request_has(context, 0, "If-None-Match"));
    github_metrics_read(&after);
    assert_int_equal(after.not_modified - before.not_modified, 1);
    assert_int_equal(after.requests - before.requests, 1);
}

static void local_servers_are_refused_unless_allowed(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GithubClient) client =
        client_of(context, scripted_server_url(context->server), rules_new(FALSE), &error);
    assert_no_error(error);
    assert_null(github_get(client, PATH, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_BLOCKED_URL);
    assert_string_equal(error->message, "Requests to localhost are not allowed");
    assert_string_equal(error_class(error), "Gitlab::HTTP_V2::UrlBlocker::BlockedUrlError");
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void broken_tls_is_an_ssl_error(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply_raw(context->server, "this is no TLS");
    g_autofree char *url =
        g_strdup_printf("https://%s", scripted_server_url(context->server) + strlen("http://"));
    g_autoptr(GithubClient) client = client_of(context, url, rules_new(TRUE), NULL);
    g_autoptr(GError) error = NULL;
    assert_null(github_get(client, PATH, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_TLS);
    assert_int_equal(scripted_server_requests(context->server), 1);
}

static void clients_need_a_token(void **state)
{
    GithubContext *context = *state;
    const Project project = {.import_url = (char *)"https://github.com/a/b.git",
                             .import_source = (char *)"a/b"};
    const ImportData without = {.pagination_limit = 100};
    g_autoptr(GError) canceled = NULL, error = NULL;
    assert_null(github_client_new(context->session, &project, NULL, &canceled));
    assert_error(canceled, GITHUB_ERROR, GITHUB_ERROR_NO_TOKEN);
    assert_null(github_client_new(context->session, &project, &without, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_NO_TOKEN);
}

static void clients_need_an_owner_and_a_name(void **state)
{
    GithubContext *context = *state;
    const Project project = {.import_url = (char *)"https://github.com/a.git", .import_source = (char *)"a"};
    const ImportData data = {.token = (char *)"t", .pagination_limit = 100};
    g_autoptr(GError) error = NULL;
    assert_null(github_client_with_rules(context->session, &project, &data, rules_new(FALSE), &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_REPOSITORY);
}

static gpointer stop_soon(gpointer data)
{
    g_usleep(100 * 1000);
    g_atomic_int_set((gint *)data, 1);
    return NULL;
}

static void stopping_ends_a_silent_request(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply_never(context->server);
    GThread *thread = g_thread_new("stop", stop_soon, &context->stopping);
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_int_equal(scripted_server_requests(context->server), 1);
    g_thread_join(thread);
}

static void stopping_ends_the_wait_for_a_retry(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply_raw(context->server, "");
    GThread *thread = g_thread_new("stop", stop_soon, &context->stopping);
    g_autoptr(GError) error = NULL;
    assert_null(get(state, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_int_equal(scripted_server_requests(context->server), 1);
    g_thread_join(thread);
}

#define WITH_CONTEXT(test)                                                                                   \
    cmocka_unit_test_setup_teardown(test, github_context_setup, github_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(sends_octokit_s_headers),
        WITH_CONTEXT(knows_the_project_s_addresses),
        WITH_CONTEXT(statuses_become_octokit_s_errors),
        cmocka_unit_test(every_code_has_a_class),
        WITH_CONTEXT(a_header_asks_for_a_one_time_password),
        WITH_CONTEXT(not_acceptable_hints_at_the_api_s_address),
        WITH_CONTEXT(texts_have_octokit_s_shape_and_no_token),
        WITH_CONTEXT(a_server_error_may_pass),
        WITH_CONTEXT(connections_are_tried_three_times),
        WITH_CONTEXT(a_truncated_body_is_a_lost_connection),
        WITH_CONTEXT(silence_is_a_timeout),
        WITH_CONTEXT(large_bodies_are_refused),
        WITH_CONTEXT(json_with_too_many_values_is_refused),
        WITH_CONTEXT(broken_json_is_an_error),
        WITH_CONTEXT(what_is_not_utf8_in_an_answer_is_left_out),
        WITH_CONTEXT(redirects_are_followed),
        WITH_CONTEXT(the_fourth_redirect_is_refused),
        WITH_CONTEXT(what_is_no_object_is_no_answer),
        WITH_CONTEXT(another_host_never_sees_the_token),
        WITH_CONTEXT(redirects_to_other_schemes_are_refused),
        WITH_CONTEXT(etags_make_requests_conditional),
        WITH_CONTEXT(local_servers_are_refused_unless_allowed),
        WITH_CONTEXT(broken_tls_is_an_ssl_error),
        WITH_CONTEXT(clients_need_a_token),
        WITH_CONTEXT(clients_need_an_owner_and_a_name),
        WITH_CONTEXT(stopping_ends_a_silent_request),
        WITH_CONTEXT(stopping_ends_the_wait_for_a_retry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
