#include "importers/github/client.h"
#include "importers/github/link_header.h"
#include "spec/support/cmocka_glib.h"

static char *next_of(const char *header)
{
    char *next;
    g_autoptr(GError) error = NULL;
    assert_true(link_header_next(header, &next, &error));
    assert_null(error);
    return next;
}

static void next_is_found_wherever_it_stands(void **state)
{
    (void)state;
    g_autofree char *first =
        next_of("<https://h/r/1?page=2>; rel=\"next\", <https://h/r/1?page=9>; rel=\"last\"");
    assert_string_equal(first, "https://h/r/1?page=2");
    g_autofree char *later =
        next_of("<https://h/r/1?page=1>; rel=\"prev\", <https://h/r/1?page=3&a=x,y>; rel=\"next\"");
    assert_string_equal(later, "https://h/r/1?page=3&a=x,y");
}

static void no_next_is_the_end(void **state)
{
    (void)state;
    assert_null(next_of(NULL));
    assert_null(next_of(""));
    assert_null(next_of("<https://h/r/1?page=1>; rel=\"prev\", <https://h/r/1?page=1>; rel=\"first\""));
}

static void other_forms_are_errors_not_ends(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "<https://h/2>; rel=next",
        "<https://h/2>;rel=\"next\"",
        "<https://h/2>; title=\"x\"; rel=\"next\"",
        "https://h/2; rel=\"next\"",
        "<https://h/1>; rel=\"prev\",<https://h/2>; rel=\"next\"",
        "<https://h/2>; rel=\"next\", garbage",
        "<https://h/\xFF\xF0",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(headers); i++) {
        char *next;
        g_autoptr(GError) error = NULL;
        assert_false(link_header_next(headers[i], &next, &error));
        assert_null(next);
        assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL));
        assert_true(g_utf8_validate(error->message, -1, NULL));
    }
}

static void bytes_that_are_no_utf_8_are_bytes(void **state)
{
    (void)state;
    g_autofree char *next = next_of("<https://h/\xFF\xF0>; rel=\"next\"");
    assert_string_equal(next, "https://h/\xFF\xF0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_is_found_wherever_it_stands),
        cmocka_unit_test(no_next_is_the_end),
        cmocka_unit_test(other_forms_are_errors_not_ends),
        cmocka_unit_test(bytes_that_are_no_utf_8_are_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
