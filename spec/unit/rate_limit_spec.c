#include "importers/github/github_metrics.h"
#include "protocol/error_class.h"
#include "spec/support/github_context.h"

static void reply_with_window(GithubContext *context, guint status, gint64 limit, gint64 remaining,
                              gint64 reset_in, const char *body)
{
    g_autofree char *headers =
        g_strdup_printf("X-RateLimit-Limit: %" G_GINT64_FORMAT "\r\nX-RateLimit-Remaining: %" G_GINT64_FORMAT
                        "\r\nX-RateLimit-Reset: %" G_GINT64_FORMAT "\r\n",
                        limit, remaining, g_get_real_time() / G_USEC_PER_SEC + reset_in);
    scripted_server_reply(context->server, status, headers, body);
}

static void assert_allowed(GithubClient *client)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = github_get(client, "x", &error);
    assert_no_error(error);
    assert_non_null(object);
}

/* Refused for about `wait` seconds. */
static void assert_limited(GithubClient *client, double wait, const char *message)
{
    g_autoptr(GError) error = NULL;
    assert_null(github_get(client, "x", &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT);
    assert_string_equal(error_class(error), "Gitlab::GithubImport::RateLimitError");
    assert_string_equal(error->message, message);
    assert_true(github_error_reset_in(error) > wait - 5 && github_error_reset_in(error) <= wait);
}

static void fifty_one_requests_left_are_enough_and_fifty_are_not(void **state)
{
    GithubContext *context = *state;
    reply_with_window(context, 200, 5000, 51, 600, "{}");
    reply_with_window(context, 200, 5000, 50, 600, "{}");
    assert_allowed(context->client);
    assert_allowed(context->client);
    assert_limited(context->client, 605, "Internal threshold reached");
    assert_int_equal(scripted_server_requests(context->server), 2);
}

static void the_search_limit_has_a_lower_threshold(void **state)
{
    GithubContext *context = *state;
    reply_with_window(context, 200, 30, 4, 60, "{}");
    reply_with_window(context, 200, 30, 3, 60, "{}");
    assert_allowed(context->client);
    assert_allowed(context->client);
    assert_limited(context->client, 65, "Internal threshold reached");
}

static void a_window_that_ended_is_forgotten(void **state)
{
    GithubContext *context = *state;
    reply_with_window(context, 200, 5000, 0, -1, "{}");
    reply_with_window(context, 200, 5000, 4999, 3600, "{}");
    assert_allowed(context->client);
    assert_allowed(context->client);
}

static void all_clients_of_a_token_share_its_limit(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GithubClient) other =
        client_of(context, scripted_server_url(context->server), rules_new(TRUE), NULL);
    reply_with_window(context, 200, 5000, 10, 600, "{}");
    assert_allowed(context->client);
    assert_limited(other, 605, "Internal threshold reached");
}

static void requests_under_way_count(void **state)
{
    GithubContext *context = *state;
    RateLimit *limit = context->client->limit;
    reply_with_window(context, 200, 5000, 52, 600, "{}");
    assert_allowed(context->client);
    assert_true(rate_limit_start(limit, NULL));
    g_autoptr(GError) error = NULL;
    assert_true(rate_limit_start(limit, &error));
    assert_false(rate_limit_start(limit, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT);
    rate_limit_finish(limit, NULL);
    assert_true(rate_limit_start(limit, NULL));
}

static void other_tokens_are_not_affected(void **state)
{
    GithubContext *context = *state;
    reply_with_window(context, 200, 5000, 0, 600, "{}");
    assert_allowed(context->client);
    assert_false(rate_limit_start(context->client->limit, NULL));
    assert_true(rate_limit_start(rate_limit_for(context->client->endpoint, "another token"), NULL));
    assert_true(rate_limit_start(rate_limit_for("https://api.github.com", CONTEXT_TOKEN), NULL));
}

static void the_primary_limit_waits_for_the_reset(void **state)
{
    GithubContext *context = *state;
    static const char body[] = "{\"message\":\"API rate limit exceeded for user ID 1.\"}";
    reply_with_window(context, 403, 5000, 0, 900, body);
    assert_limited(context->client, 905, body);
    assert_limited(context->client, 905, "Internal threshold reached");
    assert_int_equal(scripted_server_requests(context->server), 1);
}

static void refusals_are_recognised(void **state)
{
    GithubContext *context = *state;
    static const struct {
        guint status;
        const char *headers, *body;
        double wait;
    } cases[] = {
        {403, "Retry-After: 120\r\n", "{\"message\":\"You have exceeded a secondary rate limit.\"}", 120},
        {403, "Retry-After: 30\r\n", "{\"message\":\"You have triggered an abuse detection mechanism.\"}",
         30},
        {403, NULL, "{\"message\":\"You have exceeded a secondary rate limit.\"}", 60},
        {429, "Retry-After: 17\r\n", "slow down", 17},
        {429, NULL, "", 60},
        {429, "Retry-After: 0\r\n", "", 1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *token = g_strdup_printf("token-%" G_GSIZE_FORMAT, i);
        context->client->limit = rate_limit_for(context->client->endpoint, token);
        scripted_server_reply(context->server, cases[i].status, cases[i].headers, cases[i].body);
        assert_limited(context->client, cases[i].wait, cases[i].body);
        assert_int_equal(scripted_server_requests(context->server), i + 1);
        assert_false(rate_limit_start(context->client->limit, NULL));
    }
}

static void the_wait_survives_propagation(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 429, "Retry-After: 40\r\n", "");
    g_autoptr(GError) cause = NULL;
    assert_null(github_get(context->client, "x", &cause));
    g_autoptr(GError) copy = NULL;
    g_propagate_prefixed_error(&copy, g_error_copy(cause), "Issues: ");
    assert_true(github_error_reset_in(copy) == github_error_reset_in(cause));
    assert_true(github_error_reset_in(copy) > 39);
}

static void numbers_are_published(void **state)
{
    GithubContext *context = *state;
    GithubMetrics before, after;
    github_metrics_read(&before);
    reply_with_window(context, 200, 5000, 42, 600, "{}");
    assert_allowed(context->client);
    assert_limited(context->client, 605, "Internal threshold reached");
    github_metrics_read(&after);
    assert_int_equal(after.requests - before.requests, 1);
    assert_int_equal(after.rate_limit_hits - before.rate_limit_hits, 1);
    assert_int_equal(after.limit, 5000);
    assert_int_equal(after.remaining, 42);
    assert_true(after.reset > g_get_real_time() / G_USEC_PER_SEC);
}

#define WITH_CONTEXT(test)                                                                                   \
    cmocka_unit_test_setup_teardown(test, github_context_setup, github_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(fifty_one_requests_left_are_enough_and_fifty_are_not),
        WITH_CONTEXT(the_search_limit_has_a_lower_threshold),
        WITH_CONTEXT(a_window_that_ended_is_forgotten),
        WITH_CONTEXT(all_clients_of_a_token_share_its_limit),
        WITH_CONTEXT(requests_under_way_count),
        WITH_CONTEXT(other_tokens_are_not_affected),
        WITH_CONTEXT(the_primary_limit_waits_for_the_reset),
        WITH_CONTEXT(refusals_are_recognised),
        WITH_CONTEXT(the_wait_survives_propagation),
        WITH_CONTEXT(numbers_are_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
