/* Each expectation is what Ruby's URI.extract(text, %w[http https]).first says. */
#include "importers/attachments/uri_extract.h"

#include "spec/support/cmocka_glib.h"

static void assert_first(const char *text, const char *expected)
{
    assert_text(uri_extract_first(text), expected);
}

static void an_address_ends_where_rfc_2396_ends_it(G_GNUC_UNUSED void **state)
{
    assert_first("see https://github.com/a/b?c=[d]#e?f here", "https://github.com/a/b?c=[d]#e?f");
    assert_first("<https://github.com/a>", "https://github.com/a");
    assert_first("\"https://github.com/a\"", "https://github.com/a");
    assert_first("https://github.com/a|b", "https://github.com/a");
    assert_first("https://github.com/a\\b", "https://github.com/a");
    assert_first("https://github.com/\xC3\xA9", "https://github.com/");
    assert_first("https://github.com/a[b", "https://github.com/a");
    assert_first("https://github.com/a#b#c", "https://github.com/a#b");
}

static void what_may_be_part_of_an_address_is_part_of_it(G_GNUC_UNUSED void **state)
{
    assert_first("(https://github.com/a)", "https://github.com/a)");
    assert_first("https://github.com/a.", "https://github.com/a.");
    assert_first("https://github.com/a, b", "https://github.com/a,");
    assert_first("https://github.com/a;b;/c!*'()~", "https://github.com/a;b;/c!*'()~");
    assert_first("https://github.com/a?", "https://github.com/a?");
    assert_first("https://github.com/a#", "https://github.com/a#");
}

static void only_whole_escapes_count(G_GNUC_UNUSED void **state)
{
    assert_first("https://github.com/%41%c3", "https://github.com/%41%c3");
    assert_first("https://github.com/a%4", "https://github.com/a");
    assert_first("https://github.com/a%zz", "https://github.com/a");
}

static void the_first_one_counts_whatever_it_is(G_GNUC_UNUSED void **state)
{
    assert_first("http://a.b and https://github.com/c", "http://a.b");
    assert_first("http: https://github.com/c", "http:");
    assert_first("http:// https://github.com/c", "http://");
    assert_first("http:a/b https://github.com/c", "http:a/b");
    assert_first("http:/a//b", "http:/a//b");
    assert_first("http:[a", "http:");
    assert_first("http:#a", "http:#a");
}

static void a_server_has_a_user_a_host_and_a_port(G_GNUC_UNUSED void **state)
{
    assert_first("https://u:p@h:80/x", "https://u:p@h:80/x");
    assert_first("https://u@/x", "https://u");
    assert_first("https://h:/x", "https://h:/x");
    assert_first("https://h:8o", "https://h:8");
    assert_first("https://a_b/x", "https://a");
    assert_first("https://[::1]:8080/x", "https://[::1]:8080/x");
    assert_first("https://[zz]/x", "https://");
    assert_first("https:///x", "https:///x");
    assert_first("https://h?q", "https://h?q");
}

static void it_may_begin_within_a_word(G_GNUC_UNUSED void **state)
{
    assert_first("xhttps://a", "https://a");
    assert_first("httphttp:a", "http:a");
    assert_first("httpss://a", NULL);
}

static void other_schemes_are_none(G_GNUC_UNUSED void **state)
{
    assert_first("HTTPS://a Http://b ftp://c file:///d javascript:e git+ssh://f", NULL);
    assert_first("http https", NULL);
    assert_first("", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_ends_where_rfc_2396_ends_it),
        cmocka_unit_test(what_may_be_part_of_an_address_is_part_of_it),
        cmocka_unit_test(only_whole_escapes_count),
        cmocka_unit_test(the_first_one_counts_whatever_it_is),
        cmocka_unit_test(a_server_has_a_user_a_host_and_a_port),
        cmocka_unit_test(it_may_begin_within_a_word),
        cmocka_unit_test(other_schemes_are_none),
    };
    return cmocka_run_group_tests_name("uri_extract", tests, NULL, NULL);
}
