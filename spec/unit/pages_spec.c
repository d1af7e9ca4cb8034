#include "spec/support/github_context.h"

/* A page of one object, with a Link header to `next` (a path on this server, or a whole URL; NULL: none). */
static void reply_page(GithubContext *context, int id, const char *next)
{
    const char *host = next && *next == '/' ? scripted_server_url(context->server) : "";
    g_autofree char *link =
        next ? g_strdup_printf("Link: <%s%s>; rel=\"next\", <http://h/x>; rel=\"last\"\r\n", host, next)
             : NULL;
    g_autofree char *body = g_strdup_printf("[{\"number\":%d}]", id);
    scripted_server_reply(context->server, 200, link, body);
}

static void assert_page(json_t *objects, int id)
{
    g_autoptr(json_t) owned = objects;
    assert_int_equal(json_array_size(owned), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(owned, 0), "number")), id);
}

static void links_are_followed_to_the_end(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    reply_page(context, 1, "/api/v3/repositories/9/issues?state=all&per_page=100&page=2");
    reply_page(context, 2, "/api/v3/repositories/9/issues?after=Y3Vy&per_page=100&page=3");
    reply_page(context, 3, NULL);
    g_autoptr(GithubPages) pages =
        github_pages(context->client, "repos/acme/rocket/issues", "state=all", NULL);
    for (int id = 1; id <= 3; id++) {
        assert_page(github_pages_next(pages, &error), id);
        assert_int_equal(github_pages_number(pages), id);
    }
    assert_null(github_pages_next(pages, &error));
    assert_null(github_pages_next(pages, &error));
    assert_no_error(error);
    assert_int_equal(scripted_server_requests(context->server), 3);
    assert_true(request_has(context, 0, "GET /api/v3/repos/acme/rocket/issues?state=all&per_page=100 "));
    assert_true(request_has(context, 1, "GET /api/v3/repositories/9/issues?state=all&per_page=100&page=2 "));
    assert_true(request_has(context, 2, "?after=Y3Vy&per_page=100&page=3 "));
}

static void an_earlier_run_is_resumed_at_its_page(void **state)
{
    GithubContext *context = *state;
    g_autofree char *url =
        g_strconcat(scripted_server_url(context->server), "/api/v3/repositories/9/issues?page=7", NULL);
    reply_page(context, 70, "/api/v3/repositories/9/issues?page=8");
    g_autoptr(GithubPages) pages =
        github_pages(context->client, "repos/acme/rocket/issues", "state=all", url);
    assert_null(github_pages_url(pages));
    assert_page(github_pages_next(pages, NULL), 70);
    assert_int_equal(github_pages_number(pages), 7);
    assert_string_equal(github_pages_url(pages), url);
    assert_true(request_has(context, 0, "GET /api/v3/repositories/9/issues?page=7 "));
}

static void the_size_of_pages_can_be_set(void **state)
{
    GithubContext *context = *state;
    reply_page(context, 9, NULL);
    g_autoptr(GithubPages) pages = github_pages(context->client, "p", "state=all", NULL);
    github_pages_set_size(pages, 1);
    assert_page(github_pages_next(pages, NULL), 9);
    assert_true(request_has(context, 0, "GET /api/v3/p?state=all&per_page=1 "));
}

static void a_failed_page_can_be_asked_for_again(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GError) error = NULL;
    reply_page(context, 1, "/api/v3/p?page=2");
    scripted_server_reply(context->server, 404, NULL, "{}");
    reply_page(context, 2, NULL);
    g_autoptr(GithubPages) pages = github_pages(context->client, "p", NULL, NULL);
    assert_page(github_pages_next(pages, NULL), 1);
    g_autofree char *first = g_strdup(github_pages_url(pages));
    assert_null(github_pages_next(pages, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND);
    assert_string_equal(github_pages_url(pages), first);
    assert_int_equal(github_pages_number(pages), 1);
    assert_page(github_pages_next(pages, NULL), 2);
    assert_null(github_pages_next(pages, NULL));
}

static void assert_refused(GithubContext *context, GithubPages *pages, guint requests)
{
    g_autoptr(GError) error = NULL;
    assert_null(github_pages_next(pages, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL);
    assert_int_equal(scripted_server_requests(context->server), requests);
}

static void a_next_link_to_another_host_is_refused(void **state)
{
    GithubContext *context = *state;
    reply_page(context, 1, "http://evil.test/api/v3/p?page=2");
    g_autoptr(GithubPages) pages = github_pages(context->client, "p", NULL, NULL);
    assert_page(github_pages_next(pages, NULL), 1);
    assert_refused(context, pages, 1);
}

static void a_resume_url_of_another_host_is_refused(void **state)
{
    GithubContext *context = *state;
    g_autoptr(GithubPages) pages = github_pages(context->client, "p", NULL, "http://evil.test/p?page=2");
    assert_refused(context, pages, 0);
}

static void a_broken_link_header_is_no_end(void **state)
{
    GithubContext *context = *state;
    scripted_server_reply(context->server, 200, "Link: <http://h/p?page=2>; rel=next\r\n", "[]");
    g_autoptr(GithubPages) pages = github_pages(context->client, "p", NULL, NULL);
    assert_refused(context, pages, 1);
}

/* An intermediary's apology, for example: with an empty page the collection would end, and its objects be
 * lost.
 */
static void what_is_no_list_is_no_page(void **state)
{
    GithubContext *context = *state;
    static const char *const answers[] = {"{\"message\":\"try again\"}", "null", "\"[]\""};
    g_autoptr(GithubPages) pages = github_pages(context->client, "p", NULL, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autoptr(GError) error = NULL;
        scripted_server_reply(context->server, 200, NULL, answers[i]);
        assert_null(github_pages_next(pages, &error));
        assert_error(error, GITHUB_ERROR, GITHUB_ERROR_BODY);
    }
    reply_page(context, 1, NULL);
    assert_page(github_pages_next(pages, NULL), 1);
}

#define WITH_CONTEXT(test)                                                                                   \
    cmocka_unit_test_setup_teardown(test, github_context_setup, github_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(links_are_followed_to_the_end),
        WITH_CONTEXT(an_earlier_run_is_resumed_at_its_page),
        WITH_CONTEXT(the_size_of_pages_can_be_set),
        WITH_CONTEXT(a_failed_page_can_be_asked_for_again),
        WITH_CONTEXT(a_next_link_to_another_host_is_refused),
        WITH_CONTEXT(a_resume_url_of_another_host_is_refused),
        WITH_CONTEXT(a_broken_link_header_is_no_end),
        WITH_CONTEXT(what_is_no_list_is_no_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
