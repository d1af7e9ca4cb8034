/* st_diff: written here, read by Ruby's own YAML, as GitLab does. */
#include "importers/objects/diff_notes/st_diff.h"

#include "spec/support/cmocka_glib.h"

/* The map that Ruby reads, as it prints it. (transfer full) */
static char *ruby_reads(const char *yaml)
{
    char *argv[] = {
        (char *)"ruby",
        (char *)"-Ku",
        (char *)"-ryaml",
        (char *)"-e",
        (char *)"YAML.safe_load(ARGV[0].dup.force_encoding('UTF-8'), permitted_classes: [Symbol]).each"
                " { |key, value| puts \"#{key.inspect} #{value.dump rescue value.inspect}\" }",
        (char *)"--",
        (char *)yaml,
        NULL,
    };
    char *output = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL, &error));
    assert_no_error(error);
    return output;
}

static void assert_read(const char *hunk, const char *path, const char *expected)
{
    g_autofree char *yaml = st_diff_yaml(hunk, path);
    g_autofree char *read = ruby_reads(yaml);
    assert_string_equal(read, expected);
}

static void ruby_reads_the_map_of_diff_hash(G_GNUC_UNUSED void **state)
{
    assert_read("@@ -1,2 +1,3 @@ def a\n one\n+two: \"x\"\n three", "lib/a.rb",
                ":diff \"@@ -1,2 +1,3 @@ def a\\n one\\n+two: \\\"x\\\"\\n three\"\n"
                ":new_path \"lib/a.rb\"\n:old_path \"lib/a.rb\"\n:a_mode \"100644\"\n:b_mode \"100644\"\n"
                ":new_file false\n");
}

static void texts_come_back_whatever_they_hold(G_GNUC_UNUSED void **state)
{
    assert_read("@@ -1 +1 @@\n+\t\"a\\\" \r\n+: # \x01\x7f \xc2\x85\u2028\ufeff \u00e9\U0001F680\n\n", "true",
                ":diff \"@@ -1 +1 @@\\n+\\t\\\"a\\\\\\\" \\r\\n+: # \\x01\\x7F"
                " \\u0085\\u2028\\uFEFF \\u00E9\\u{1F680}\\n\\n\"\n"
                ":new_path \"true\"\n:old_path \"true\"\n:a_mode \"100644\"\n:b_mode \"100644\"\n"
                ":new_file false\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ruby_reads_the_map_of_diff_hash),
        cmocka_unit_test(texts_come_back_whatever_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
