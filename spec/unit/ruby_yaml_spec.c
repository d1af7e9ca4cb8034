#include "importers/gitlab/ruby_yaml.h"
#include "spec/support/cmocka_glib.h"

static void assert_written(const char *text, const char *expected)
{
    g_autoptr(GString) yaml = g_string_new(NULL);
    ruby_yaml_append_string(yaml, text);
    assert_string_equal(yaml->str, expected);
}

static void writes_ordinary_paths_and_ids_as_they_are(void **state)
{
    (void)state;
    assert_written("lib/a-b_c.rb", "lib/a-b_c.rb");
    assert_written("README", "README");
    assert_written("12ab567890123456789012345678901234567890", "12ab567890123456789012345678901234567890");
}

static void quotes_what_would_be_no_string(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",     "true", "No",         "null", "y",         "1234567890123456789012345678901234567890",
        "12e3", "1.5",  "2020-01-01", "~",    "a: b",      "a #b",
        " a",   "-a",   "*a",         "[a]",  ".github/a",
    };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *expected = g_strdup_printf("\"%s\"", texts[i]);
        assert_written(texts[i], expected);
    }
}

static void escapes_what_yaml_does_not_take(void **state)
{
    (void)state;
    assert_written("a\"\\b", "\"a\\\"\\\\b\"");
    assert_written("a\n\t\x7f", "\"a\\u000A\\u0009\\u007F\"");
    assert_written("\xc2\x85\u2028\ufeff", "\"\\u0085\\u2028\\uFEFF\"");
    assert_written("日本😀", "\"日本😀\"");
}

/* Through Psych itself. */
static void is_loaded_by_ruby_as_the_same_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "lib/a-b_c.rb",
        "true",
        "nUll",
        "12e3",
        "0x1f",
        "1_000",
        "a: b",
        "- a",
        "? a",
        "a #b",
        " a ",
        "'a'",
        "\"",
        "\\",
        "@a",
        "`a",
        "%a",
        "!a",
        "&a",
        "{a}",
        "|",
        ">",
        "=",
        "<<",
        "...",
        "---",
        "\n\na\r\n\n",
        "a\tb",
        "\xc2\x85\u2028",
        "\ufeff",
        "日本😀",
        "\x01\x1f\x7f",
        "e",
        "e1",
        "fe",
        "1e",
        "+1",
        ".inf",
        "12:30",
    };
    g_autoptr(GString) yaml = g_string_new(NULL);
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_string_append(yaml, "- ");
        ruby_yaml_append_string(yaml, texts[i]);
        g_string_append_c(yaml, '\n');
        for (const char *at = texts[i]; *at; at++)
            g_string_append_printf(bytes, "%02x", (guint8)*at);
        g_string_append_c(bytes, '\n');
    }
    char *argv[] = {
        (char *)"ruby",
        (char *)"-ryaml",
        (char *)"-e",
        (char *)"Encoding.default_external = 'UTF-8';"
                "YAML.load(ARGV[0].dup.force_encoding('UTF-8')).each { |text| puts text.unpack1('H*') }",
        (char *)"--",
        yaml->str,
        NULL};
    g_autofree char *loaded = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &loaded, NULL, NULL, &error));
    assert_string_equal(loaded, bytes->str);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_ordinary_paths_and_ids_as_they_are),
        cmocka_unit_test(quotes_what_would_be_no_string),
        cmocka_unit_test(escapes_what_yaml_does_not_take),
        cmocka_unit_test(is_loaded_by_ruby_as_the_same_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
