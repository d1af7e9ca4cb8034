/* Lines of a hunk and their numbers, as GitLab's parser has them, and line codes. */
#include "importers/objects/diff_notes/hunk.h"

#include "spec/support/cmocka_glib.h"

#include <string.h>

/* Each line as "TYPE OLD NEW", separated by commas. */
static void assert_lines(const char *hunk, const char *expected)
{
    g_autoptr(GArray) lines = hunk_parse(hunk);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < lines->len; i++) {
        const HunkLine *line = &g_array_index(lines, HunkLine, i);
        g_string_append_printf(text, "%s%c %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, i > 0 ? "," : "",
                               line->type, line->old_line, line->new_line);
    }
    assert_string_equal(text->str, expected);
}

static void lines_have_both_numbers(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three", "  1 1,- 2 2,+ 3 2,  3 3");
}

static void an_added_line_has_the_number_of_the_next_old_one(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -1,2 +1,3 @@\n one\n+two", "  1 1,+ 2 2");
}

static void a_header_is_a_line_unless_the_hunk_is_at_the_top(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -5,2 +7,3 @@ def a\n+x", "@ 5 7,+ 5 7");
    assert_lines("@@ -0,0 +1,2 @@\n+x\n+y", "+ 0 1,+ 0 2");
    assert_lines("@@ -1 +1 @@", "");
    assert_lines("@@ -4 +4 @@", "@ 4 4");
}

static void several_hunks_begin_anew(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -1 +1 @@\n-a\n+b\n@@ -9 +10 @@\n c", "- 1 1,+ 2 1,@ 9 10,  9 10");
}

static void a_missing_line_end_is_a_line_that_moves_nothing(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a", "- 1 1,\\ 2 1,+ 2 1");
}

static void names_of_files_before_the_hunk_are_no_lines(G_GNUC_UNUSED void **state)
{
    assert_lines("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a", "- 1 1");
    assert_lines("--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a", "+ 0 1");
}

static void removed_lines_that_look_like_names_are_lines(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -1,2 +1 @@\n--- a comment\n-x", "- 1 1,- 2 1");
    assert_lines("@@ -1,2 +1 @@\n-x\n--- a comment", "- 1 1,- 2 1");
}

/* Ruby forgets after a context line that it is within a hunk. */
static void after_a_context_line_they_are_lost_as_in_ruby(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -1,3 +1,2 @@\n x\n--- a comment\n-y", "  1 1,- 2 2");
}

static void an_empty_line_is_context(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -2,2 +2,3 @@\n\n+x\n", "@ 2 2,  2 2,+ 3 3");
}

static void text_without_header_counts_from_one(G_GNUC_UNUSED void **state)
{
    assert_lines("context not found", "  1 1");
}

static void nothing_and_binary_files_have_no_lines(G_GNUC_UNUSED void **state)
{
    assert_lines("", "");
    assert_lines("Binary files a/x.png and b/x.png differ\n", "");
    assert_lines("Binary files are nice", "  1 1");
}

static void numbers_beyond_all_files_do_no_harm(G_GNUC_UNUSED void **state)
{
    assert_lines("@@ -99999999999999999999 +1 @@\n x", "@ 2147483647 1,  2147483647 1");
    assert_lines("@@ -x +\n7", "  0 0");
}

static void the_text_of_a_line_is_without_line_feed(G_GNUC_UNUSED void **state)
{
    g_autoptr(GArray) lines = hunk_parse("@@ -1 +1 @@\n-a\r\n+b");
    const HunkLine *first = &g_array_index(lines, HunkLine, 0), *last = &g_array_index(lines, HunkLine, 1);
    assert_int_equal(first->length, strlen("-a\r"));
    assert_memory_equal(first->text, "-a\r", first->length);
    assert_int_equal(last->length, strlen("+b"));
}

static void a_line_code_is_path_old_and_new_number(G_GNUC_UNUSED void **state)
{
    g_autofree char *code = hunk_line_code("lib/a.rb", 2, 3);
    assert_string_equal(code, "82159df5eac2037318d0e00bb37bde7aa2143832_2_3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_both_numbers),
        cmocka_unit_test(an_added_line_has_the_number_of_the_next_old_one),
        cmocka_unit_test(a_header_is_a_line_unless_the_hunk_is_at_the_top),
        cmocka_unit_test(several_hunks_begin_anew),
        cmocka_unit_test(a_missing_line_end_is_a_line_that_moves_nothing),
        cmocka_unit_test(names_of_files_before_the_hunk_are_no_lines),
        cmocka_unit_test(removed_lines_that_look_like_names_are_lines),
        cmocka_unit_test(after_a_context_line_they_are_lost_as_in_ruby),
        cmocka_unit_test(an_empty_line_is_context),
        cmocka_unit_test(text_without_header_counts_from_one),
        cmocka_unit_test(nothing_and_binary_files_have_no_lines),
        cmocka_unit_test(numbers_beyond_all_files_do_no_harm),
        cmocka_unit_test(the_text_of_a_line_is_without_line_feed),
        cmocka_unit_test(a_line_code_is_path_old_and_new_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
