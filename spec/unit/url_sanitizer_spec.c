#include "importers/gitlab/url_sanitizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_text(char *actual, const char *expected)
{
    if (expected)
        assert_string_equal(actual, expected);
    else
        assert_null(actual);
    g_free(actual);
}

static void masks_credentials_wherever_a_url_stands(G_GNUC_UNUSED void **state)
{
    assert_text(url_sanitizer_mask("fetch of https://tok:secret@github.com/a/b.git failed"),
                "fetch of https://*****:*****@github.com/a/b.git failed");
    assert_text(url_sanitizer_mask("https://ghp_token@github.com/a, http://u:p@h:80/x"),
                "https://*****@github.com/a, http://*****:*****@h:80/x");
    assert_text(url_sanitizer_mask("https://github.com/a mail@host x:y@z"),
                "https://github.com/a mail@host x:y@z");
    assert_text(url_sanitizer_mask("https://github.com/a?to=me@host"), "https://github.com/a?to=me@host");
    assert_text(url_sanitizer_mask("invalid \xff byte https://a:b@c"),
                "invalid \xff byte https://*****:*****@c");
    assert_text(url_sanitizer_mask(NULL), NULL);
}

static void strips_credentials(G_GNUC_UNUSED void **state)
{
    assert_text(url_sanitizer_strip("https://tok:p@w@github.com/a/b.git"), "https://github.com/a/b.git");
    assert_text(url_sanitizer_strip("https://github.com/a/b.git"), "https://github.com/a/b.git");
    assert_text(url_sanitizer_strip(NULL), NULL);
}

static void reduces_to_the_base(G_GNUC_UNUSED void **state)
{
    assert_text(url_sanitizer_base("https://tok@github.com/a/b.git"), "https://github.com");
    assert_text(url_sanitizer_base("http://ghe.example.com:8080/a/b.git?x#y"), "http://ghe.example.com:8080");
    assert_text(url_sanitizer_base("not a url"), NULL);
    assert_text(url_sanitizer_base(NULL), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_credentials_wherever_a_url_stands),
        cmocka_unit_test(strips_credentials),
        cmocka_unit_test(reduces_to_the_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
