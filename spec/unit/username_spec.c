#include "importers/gitlab/username.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_prefix(const char *login, const char *expected)
{
    g_autofree char *prefix = username_placeholder_prefix(login);
    assert_string_equal(prefix, expected);
}

static void the_prefix_is_the_login_without_special_characters(G_GNUC_UNUSED void **state)
{
    assert_prefix("mira", "mira_placeholder");
    assert_prefix("Dependabot[bot]", "Dependabotbot_placeholder");
    assert_prefix("---", "github_placeholder");
    assert_prefix("\xc3\xa9", "github_placeholder");
    assert_prefix(NULL, "github_placeholder");
}

static void the_prefix_is_cut_to_200_characters(G_GNUC_UNUSED void **state)
{
    g_autofree char *login = g_strnfill(250, 'x');
    g_autofree char *prefix = username_placeholder_prefix(login);
    assert_int_equal(strlen(prefix), 200 + strlen("_placeholder"));
}

static void the_segment_is_rubys_crc32_in_base_36(G_GNUC_UNUSED void **state)
{
    g_autofree char *segment = username_placeholder_segment("acme-group", "1042");
    assert_string_equal(segment, "k1eacm");
    g_autofree char *nothing = username_placeholder_segment("", "");
    assert_string_equal(nothing, "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prefix_is_the_login_without_special_characters),
        cmocka_unit_test(the_prefix_is_cut_to_200_characters),
        cmocka_unit_test(the_segment_is_rubys_crc32_in_base_36),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
