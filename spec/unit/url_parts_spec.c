#include "importers/http/url_parts.h"

#include "importers/http/exchange.h"
#include "spec/support/cmocka_glib.h"

static void assert_host(const char *text, const char *host, guint port)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CurlUrl) url = url_parts_parse(text, &error);
    assert_no_error(error);
    assert_text(url_parts_host(url), host);
    assert_int_equal(url_parts_port(url), port);
}

static void the_host_is_the_one_that_is_connected_to(G_GNUC_UNUSED void **state)
{
    assert_host("https://github.com/a", "github.com", 443);
    assert_host("http://github.com:8080", "github.com", 8080);
    assert_host("HTTP://user:word@GitHub.com/", "GitHub.com", 80);
    assert_host("http://github.com@evil.test/", "evil.test", 80);
    assert_host("http://evil.test#@github.com/", "evil.test", 80);
    assert_host("http://evil.test?@github.com/", "evil.test", 80);
    assert_host("http://[::1]:81/", "::1", 81);
    assert_host("http://2130706433/", "127.0.0.1", 80);
    assert_host("http://0x7f.1/", "127.0.0.1", 80);
    assert_host("http://0177.0.0.1/", "127.0.0.1", 80);
}

static void a_target_is_seen_from_where_it_is_named(G_GNUC_UNUSED void **state)
{
    static const struct {
        const char *location, *expected;
    } cases[] = {
        {"/x", "https://github.com/x"},
        {"x", "https://github.com/o/x"},
        {"?q", "https://github.com/o/r?q"},
        {"//other.test/x", "https://other.test/x"},
        {"http://user:word@other.test/x#part", "http://other.test/x"},
        {"/a b", "https://github.com/a%20b"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *followed = url_parts_follow("https://github.com/o/r?a=b", cases[i].location, &error);
        assert_no_error(error);
        assert_string_equal(followed, cases[i].expected);
    }
}

static void a_target_that_is_no_address_is_refused_without_being_quoted(G_GNUC_UNUSED void **state)
{
    static const char *const locations[] = {"file:///secret", "http://[secret", "http://secret\n.test/"};
    for (gsize i = 0; i < G_N_ELEMENTS(locations); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(url_parts_follow("https://github.com/", locations[i], &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_INVALID_URL);
        assert_null(strstr(error->message, "secret"));
    }
}

static void a_server_is_scheme_host_and_port(G_GNUC_UNUSED void **state)
{
    const char *url = "https://github.com/a";
    assert_true(url_parts_same_server(url, "https://GITHUB.com:443/b?c"));
    assert_false(url_parts_same_server(url, "http://github.com/a"));
    assert_false(url_parts_same_server(url, "http://github.com:443/a"));
    assert_false(url_parts_same_server(url, "https://github.com:444/a"));
    assert_false(url_parts_same_server(url, "https://api.github.com/a"));
    assert_false(url_parts_same_server(url, "https://github.com@evil.test/a"));
    assert_false(url_parts_same_server(url, "file:///a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_host_is_the_one_that_is_connected_to),
        cmocka_unit_test(a_target_is_seen_from_where_it_is_named),
        cmocka_unit_test(a_target_that_is_no_address_is_refused_without_being_quoted),
        cmocka_unit_test(a_server_is_scheme_host_and_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
