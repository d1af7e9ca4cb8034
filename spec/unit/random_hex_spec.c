#include "protocol/random_hex.h"
#include "spec/support/cmocka_glib.h"

static void gives_two_digits_a_byte(G_GNUC_UNUSED void **state)
{
    g_autofree char *text = random_hex(12);
    assert_true(g_regex_match_simple("^[0-9a-f]{24}$", text, 0, 0));
}

static void never_gives_the_same_twice(G_GNUC_UNUSED void **state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int i = 0; i < 1000; i++)
        assert_true(g_hash_table_add(seen, random_hex(12)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_two_digits_a_byte),
        cmocka_unit_test(never_gives_the_same_twice),
    };
    return cmocka_run_group_tests_name("random_hex", tests, NULL, NULL);
}
