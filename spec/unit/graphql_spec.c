/* importers/github/graphql.h: GitHub's GraphQL API over the REST client's rules. */
#include "importers/github/graphql.h"

#include "importers/github/url.h"
#include "protocol/json.h"
#include "spec/support/github_context.h"

#define QUERY "query($l0:String!){u0:user(login:$l0){name}}"

static json_t *ask_for_errors(GithubContext *context, json_t **errors, GError **error)
{
    return github_graphql(context->client, QUERY, json_pack("{s:s}", "l0", "mi\"ra"), errors, error);
}

static json_t *ask(GithubContext *context, GError **error)
{
    g_autoptr(json_t) errors = NULL;
    g_autoptr(json_t) data = ask_for_errors(context, &errors, error);
    assert_null(errors);
    return g_steal_pointer(&data);
}

static void assert_fails(GithubContext *context, guint status, const char *headers, const char *body,
                         int code)
{
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, status, headers, body);
    assert_null(ask(context, &error));
    assert_true(g_error_matches(error, GITHUB_ERROR, code));
    assert_null(strstr(error->message, CONTEXT_TOKEN));
}

static void the_endpoint_is_beside_the_rest_api(G_GNUC_UNUSED void **state)
{
    g_autofree char *github = github_graphql_endpoint("https://api.github.com");
    g_autofree char *enterprise = github_graphql_endpoint("https://ghe.example.com:8443/api/v3");
    assert_string_equal(github, "https://api.github.com/graphql");
    assert_string_equal(enterprise, "https://ghe.example.com:8443/api/graphql");
}

static void posts_query_and_variables_with_the_token(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 200, NULL, "{\"data\":{\"u0\":{\"name\":\"Mira\"}}}");
    g_autoptr(json_t) data = ask(context, &error);
    assert_null(error);
    assert_string_equal(json_string_value(json_object_get(json_object_get(data, "u0"), "name")), "Mira");
    assert_true(request_has(context, 0, "POST /api/graphql HTTP/1.1"));
    assert_true(request_has(context, 0, "Authorization: token " CONTEXT_TOKEN));
    assert_true(request_has(context, 0, "Content-Type: application/json"));
    assert_true(request_has(context, 0, "{\"query\":\"" QUERY "\",\"variables\":{\"l0\":\"mi\\\"ra\"}}"));
}

static void data_beside_errors_is_the_answer(void **state)
{
    GithubContext *context = *state;
    g_autoptr(json_t) errors = NULL;
    scripted_server_reply(
        context->server, 200, NULL,
        "{\"data\":{\"u0\":null},\"errors\":[{\"type\":\"NOT_FOUND\",\"message\":\"no\"}]}");
    g_autoptr(json_t) data = ask_for_errors(context, &errors, NULL);
    assert_true(json_is_null(json_object_get(data, "u0")));
    assert_string_equal(json_string_field(json_array_get(errors, 0), "type"), "NOT_FOUND");
}

static void errors_without_data_are_an_error(void **state)
{
    assert_fails(*state, 200, NULL,
                 "{\"errors\":[{\"type\":\"INSUFFICIENT_SCOPES\",\"message\":\"no " CONTEXT_TOKEN "\"}]}",
                 GITHUB_ERROR_GRAPHQL);
    assert_fails(*state, 200, NULL, "{\"data\":null}", GITHUB_ERROR_GRAPHQL);
    assert_fails(*state, 200, NULL, "<html>", GITHUB_ERROR_BODY);
}

static void a_refusal_names_the_request(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 401, NULL, "{\"message\":\"Bad credentials\"}");
    assert_null(ask(context, &error));
    assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_UNAUTHORIZED));
    assert_non_null(strstr(error->message, "POST http://"));
}

static void redirects_are_not_followed(void **state)
{
    GithubContext *context = *state;
    assert_fails(context, 307, "Location: /elsewhere\r\n", "{}", GITHUB_ERROR_CLIENT);
    assert_int_equal(scripted_server_requests(context->server), 1);
}

static void server_errors_are_repeated_twice(void **state)
{
    GithubContext *context = *state;
    for (guint i = 0; i < REQUEST_RETRIES_AFTER; i++)
        scripted_server_reply(context->server, 502, NULL, "");
    assert_fails(context, 502, NULL, "", GITHUB_ERROR_BAD_GATEWAY);
    assert_int_equal(scripted_server_requests(context->server), 1 + REQUEST_RETRIES_AFTER);
}

static void a_rate_limit_told_in_the_body_is_one(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(
        context->server, 200, "Retry-After: 30\r\n",
        "{\"errors\":[{\"type\":\"RATE_LIMITED\",\"message\":\"API rate limit exceeded\"}]}");
    assert_null(ask(context, &error));
    assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT));
    assert_true(github_error_reset_in(error) == 30);
}

static void its_rate_limit_is_not_that_of_rest(void **state)
{
    GithubContext *context = *state;
    g_autofree char *window =
        g_strdup_printf("X-RateLimit-Resource: graphql\r\nX-RateLimit-Limit: 5000\r\n"
                        "X-RateLimit-Remaining: 10\r\nX-RateLimit-Reset: %" G_GINT64_FORMAT "\r\n",
                        g_get_real_time() / G_USEC_PER_SEC + 600);
    g_autoptr(GError) error = NULL;
    scripted_server_reply(context->server, 200, window, "{\"data\":{}}");
    g_autoptr(json_t) data = ask(context, NULL);
    assert_non_null(data);
    assert_null(ask(context, &error));
    assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT));
    assert_int_equal(scripted_server_requests(context->server), 1);
    scripted_server_reply(context->server, 200, NULL, "{}");
    g_autoptr(json_t) rest = github_get(context->client, "rate_limit", NULL);
    assert_non_null(rest);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, github_context_setup, github_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_endpoint_is_beside_the_rest_api),
        TEST(posts_query_and_variables_with_the_token),
        TEST(data_beside_errors_is_the_answer),
        TEST(errors_without_data_are_an_error),
        TEST(a_refusal_names_the_request),
        TEST(redirects_are_not_followed),
        TEST(server_errors_are_repeated_twice),
        TEST(a_rate_limit_told_in_the_body_is_one),
        TEST(its_rate_limit_is_not_that_of_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
