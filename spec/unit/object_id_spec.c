/* Object ids as text and as keys. */
#include "importers/git/object_id.h"

#include "spec/support/cmocka_glib.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static void only_a_full_id_is_one(G_GNUC_UNUSED void **state)
{
    git_oid id;
    char text[GIT_OID_HEXSZ + 1];
    assert_true(object_id_parse(ONE, &id));
    assert_string_equal(git_oid_tostr(text, sizeof(text), &id), ONE);
    assert_false(object_id_parse("111", &id));
    assert_false(object_id_parse(ONE "1", &id));
    assert_false(object_id_parse("x111111111111111111111111111111111111111", &id));
    assert_false(object_id_parse("", &id));
    assert_false(object_id_parse(NULL, &id));
}

static void equal_ids_are_one_key(G_GNUC_UNUSED void **state)
{
    g_autoptr(GHashTable) names = g_hash_table_new(object_id_hash, object_id_equal);
    git_oid one, same, two;
    object_id_parse(ONE, &one);
    object_id_parse(ONE, &same);
    object_id_parse(TWO, &two);
    g_hash_table_insert(names, &one, (gpointer) "one");
    assert_string_equal(g_hash_table_lookup(names, &same), "one");
    assert_null(g_hash_table_lookup(names, &two));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_full_id_is_one),
        cmocka_unit_test(equal_ids_are_one_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
