#include "importers/github/client.h"
#include "importers/github/url.h"
#include "spec/support/cmocka_glib.h"

static void endpoints_follow_the_import_url(void **state)
{
    (void)state;
    static const struct {
        const char *import_url, *site, *api, *web;
    } cases[] = {
        {"https://github.com/a/b.git", NULL, "https://api.github.com", "https://github.com"},
        {"https://github.com/a/b.git", "https://api.github.com/", "https://api.github.com",
         "https://github.com"},
        {"https://github.com/a/b.git", "https://ghe.test/api/v3/", "https://ghe.test/api/v3",
         "https://ghe.test"},
        {"https://ghe.test/a/b.git", NULL, "https://ghe.test/api/v3", "https://ghe.test"},
        {"http://user:pw@ghe.test:8080/x/a/b.git", NULL, "http://ghe.test:8080/api/v3",
         "http://ghe.test:8080"},
        {"https://sub.ghe.com/a/b.git", "https://api.github.com", "https://sub.ghe.com/api/v3",
         "https://sub.ghe.com"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *api = github_api_endpoint(cases[i].import_url, cases[i].site, NULL);
        g_autofree char *web = github_web_endpoint(cases[i].import_url, cases[i].site, NULL);
        assert_string_equal(api, cases[i].api);
        assert_string_equal(web, cases[i].web);
    }
}

static void other_schemes_are_refused_without_quoting_the_url(void **state)
{
    (void)state;
    static const char *const urls[] = {
        NULL, "", "github.com/a/b", "ftp://sekret@host/a", "file:///etc/passwd", "https:///a"};
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(github_api_endpoint(urls[i], NULL, &error));
        assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL));
        assert_null(strstr(error->message, "sekret"));
    }
}

static void token_becomes_the_user(void **state)
{
    (void)state;
    g_autofree char *url = github_url_with_token("https://old@ghe.test:8443/a/b.git", "t/k@n", NULL);
    assert_string_equal(url, "https://t%2Fk%40n@ghe.test:8443/a/b.git");
}

static void paths_are_escaped_and_queries_are_not(void **state)
{
    (void)state;
    g_autofree char *bot = github_request_url("https://api.github.com", "users/dependabot[bot]", NULL, 0);
    assert_string_equal(bot, "https://api.github.com/users/dependabot%5Bbot%5D");
    g_autofree char *branch =
        github_request_url("https://h/api/v3", "repos/a/b/branches/feature/x#1", NULL, 0);
    assert_string_equal(branch, "https://h/api/v3/repos/a/b/branches/feature/x%231");
    g_autofree char *page = github_request_url("https://h", "repos/a/b/issues", "state=all&sort=created", 50);
    assert_string_equal(page, "https://h/repos/a/b/issues?state=all&sort=created&per_page=50");
    g_autofree char *plain = github_request_url("https://h", "repos/a/b/labels", NULL, 100);
    assert_string_equal(plain, "https://h/repos/a/b/labels?per_page=100");
}

static void only_the_same_host_is_trusted(void **state)
{
    (void)state;
    assert_true(github_url_trusted("https://API.github.com/repositories/1?page=2", "https://api.github.com"));
    assert_true(github_url_trusted("https://ghe.test/x", "http://ghe.test/api/v3"));
    assert_false(github_url_trusted("http://api.github.com/x", "https://api.github.com"));
    assert_false(github_url_trusted("https://api.github.com.evil.test/x", "https://api.github.com"));
    assert_false(github_url_trusted("https://api.github.com@evil.test/x", "https://api.github.com"));
    assert_false(github_url_trusted("not a url", "https://api.github.com"));
}

static void page_number_is_read_from_the_url(void **state)
{
    (void)state;
    assert_int_equal(github_url_page("https://h/repositories/1/issues?per_page=100&page=12"), 12);
    assert_int_equal(github_url_page("https://h/x?after=Y3Vyc29y&per_page=100&page=3"), 3);
    assert_int_equal(github_url_page("https://h/x?per_page=100"), 0);
    assert_int_equal(github_url_page("https://h/x"), 0);
}

static void redirect_targets_may_be_relative(void **state)
{
    (void)state;
    g_autofree char *url = github_url_resolve("https://h/repos/a/b?x=1", "/repositories/7", NULL);
    assert_string_equal(url, "https://h/repositories/7");
    g_autoptr(GError) error = NULL;
    assert_null(github_url_resolve("https://h/", "file:///etc/passwd", &error));
    assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL));
}

static void repositories_are_owner_and_name(void **state)
{
    (void)state;
    assert_true(github_repository_valid("acme/rocket.js-2_x"));
    static const char *const bad[] = {NULL,    "",      "acme",          "acme/", "/rocket",
                                      "a/b/c", "a b/c", "acme/rocket\n", "a/b?c"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_false(github_repository_valid(bad[i]));
}

static void secrets_are_cut_out(void **state)
{
    (void)state;
    g_autofree char *text =
        github_redact("GET https://h/x?access_token=abc&page=2&api_key=d: the token is t0ken", "t0ken");
    assert_string_equal(
        text, "GET https://h/x?access_token=(redacted)&page=2&api_key=(redacted) the token is (redacted)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_follow_the_import_url),
        cmocka_unit_test(other_schemes_are_refused_without_quoting_the_url),
        cmocka_unit_test(token_becomes_the_user),
        cmocka_unit_test(paths_are_escaped_and_queries_are_not),
        cmocka_unit_test(only_the_same_host_is_trusted),
        cmocka_unit_test(page_number_is_read_from_the_url),
        cmocka_unit_test(redirect_targets_may_be_relative),
        cmocka_unit_test(repositories_are_owner_and_name),
        cmocka_unit_test(secrets_are_cut_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
