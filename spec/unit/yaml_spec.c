#include "worker/config/yaml.h"

#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"

static void assert_yaml(const char *yaml, const char *json)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) value = yaml_load(yaml, strlen(yaml), &error);
    assert_no_error(error);
    assert_text(json_dump(value), json);
}

static void assert_refused(const char *yaml, YamlError code)
{
    g_autoptr(GError) error = NULL;
    assert_null(yaml_load(yaml, strlen(yaml), &error));
    assert_error(error, YAML_ERROR, code);
}

static void scalars_have_their_types(G_GNUC_UNUSED void **state)
{
    assert_yaml(
        "a: text\nb: 6379\nc: -1\nd: true\ne: no\nf: ~\ng:\nh: 1.5\n",
        "{\"a\":\"text\",\"b\":6379,\"c\":-1,\"d\":true,\"e\":false,\"f\":null,\"g\":null,\"h\":\"1.5\"}");
}

static void quoted_scalars_and_leading_zeros_stay_text(G_GNUC_UNUSED void **state)
{
    assert_yaml("a: '6379'\nb: \"true\"\nc: 0123\nd: 0\n",
                "{\"a\":\"6379\",\"b\":\"true\",\"c\":\"0123\",\"d\":0}");
}

static void aliases_and_merge_keys_are_resolved(G_GNUC_UNUSED void **state)
{
    assert_yaml("base: &base {host: a, port: 1}\nproduction:\n  <<: *base\n  port: 2\nsame: *base\n",
                "{\"base\":{\"host\":\"a\",\"port\":1},\"production\":{\"port\":2,\"host\":\"a\"},"
                "\"same\":{\"host\":\"a\",\"port\":1}}");
}

static void the_first_of_several_merged_mappings_wins(G_GNUC_UNUSED void **state)
{
    assert_yaml("a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: [*a, *b]}\n",
                "{\"a\":{\"x\":1},\"b\":{\"x\":2,\"y\":3},\"c\":{\"x\":1,\"y\":3}}");
}

static void symbol_keys_lose_their_colon(G_GNUC_UNUSED void **state)
{
    assert_yaml(":host: a\n\":quoted\": b\n", "{\"host\":\"a\",\":quoted\":\"b\"}");
}

static void rules_of_the_router_are_read(G_GNUC_UNUSED void **state)
{
    assert_yaml("rules:\n  - [\"queue_namespace=github_importer\", \"github_importer\"]\n  - ['*', null]\n",
                "{\"rules\":[[\"queue_namespace=github_importer\",\"github_importer\"],[\"*\",null]]}");
}

static void an_empty_document_is_null(G_GNUC_UNUSED void **state)
{
    assert_yaml("", "null");
    assert_yaml("# nothing\n---\n", "null");
}

static void what_is_not_yaml_is_refused(G_GNUC_UNUSED void **state)
{
    assert_refused("a: [1, 2\nb: c", YAML_ERROR_SYNTAX);
    assert_refused("a: *nowhere", YAML_ERROR_SYNTAX);
    assert_refused("[1]: x", YAML_ERROR_SYNTAX);
    assert_refused("a: {<<: text}", YAML_ERROR_SYNTAX);
    assert_refused("a: \"\xff\xfe\"", YAML_ERROR_SYNTAX);
}

static void documents_that_grow_without_end_are_refused(G_GNUC_UNUSED void **state)
{
    assert_refused("a: &a [*a]", YAML_ERROR_SIZE);
    GString *bomb = g_string_new("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 8; i++)
        g_string_append_printf(bomb, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1,
                               i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_refused(bomb->str, YAML_ERROR_SIZE);
    g_string_free(bomb, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_have_their_types),
        cmocka_unit_test(quoted_scalars_and_leading_zeros_stay_text),
        cmocka_unit_test(aliases_and_merge_keys_are_resolved),
        cmocka_unit_test(the_first_of_several_merged_mappings_wins),
        cmocka_unit_test(symbol_keys_lose_their_colon),
        cmocka_unit_test(rules_of_the_router_are_read),
        cmocka_unit_test(an_empty_document_is_null),
        cmocka_unit_test(what_is_not_yaml_is_refused),
        cmocka_unit_test(documents_that_grow_without_end_are_refused),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
