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

/* An error may quote an address of 65,536 characters from somebody's comment. */
static void long_texts_end(G_GNUC_UNUSED void **state)
{
    g_autoptr(GString) text = g_string_new("https://h/");
    while (text->len < 64 * 1024)
        g_string_append(text, "abcdefgh");
    g_autoptr(GString) expected = g_string_new(text->str);
    g_string_append(text, "://?@://a:b@c");
    g_string_append(expected, "://?@://a:b@c");
    assert_text(url_sanitizer_mask(text->str), expected->str);
    assert_text(url_sanitizer_strip(text->str), expected->str);
}

static void a_scheme_of_any_length_hides_nothing(G_GNUC_UNUSED void **state)
{
    g_autofree char *scheme = g_strnfill(100, 'a');
    g_autofree char *url = g_strconcat(scheme, "://user:secret@h", NULL);
    g_autofree char *masked = g_strconcat(scheme, "://*****:*****@h", NULL);
    g_autofree char *stripped = g_strconcat(scheme, "://h", NULL);
    assert_text(url_sanitizer_mask(url), masked);
    assert_text(url_sanitizer_strip(url), stripped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_credentials_wherever_a_url_stands),
        cmocka_unit_test(strips_credentials),
        cmocka_unit_test(reduces_to_the_base),
        cmocka_unit_test(long_texts_end),
        cmocka_unit_test(a_scheme_of_any_length_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
