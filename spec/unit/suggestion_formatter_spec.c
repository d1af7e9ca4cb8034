/* GitHub's suggestion blocks as GitLab's. What is expected was tried with Ruby's regular expression. */
#include "importers/objects/diff_notes/suggestion_formatter.h"

#include "protocol/autoptr_jansson.h"
#include "spec/support/cmocka_glib.h"

#include <string.h>

static void assert_formatted(const char *text, const char *expected, gboolean suggests)
{
    g_autoptr(json_t) note = json_pack("{s:s}", "note", text);
    gboolean contains = !suggests;
    g_autofree char *formatted = suggestion_formatter_text(note, &contains);
    assert_string_equal(formatted, expected);
    assert_int_equal(contains, suggests);
}

static void assert_unchanged(const char *text)
{
    assert_formatted(text, text, FALSE);
}

/* `lines` is the beginning of the representation. */
static void assert_range(const char *lines, const char *range)
{
    g_autofree char *text = g_strdup_printf("{%s,\"note\":\"```suggestion\\nx\"}", lines);
    g_autofree char *expected = g_strdup_printf("```suggestion:%s\nx", range);
    g_autoptr(json_t) note = json_loads(text, 0, NULL);
    g_autofree char *formatted = suggestion_formatter_text(note, NULL);
    assert_string_equal(formatted, expected);
}

static void a_suggestion_gets_its_range(G_GNUC_UNUSED void **state)
{
    assert_formatted("Try this:\n```suggestion\nx\n```\n", "Try this:\n```suggestion:-0+0\nx\n```\n", TRUE);
}

static void every_suggestion_of_a_note_does(G_GNUC_UNUSED void **state)
{
    assert_formatted("```suggestion\na\n```\nor\n```suggestion\nb\n```",
                     "```suggestion:-0+0\na\n```\nor\n```suggestion:-0+0\nb\n```", TRUE);
}

static void up_to_three_spaces_are_dropped(G_GNUC_UNUSED void **state)
{
    assert_formatted("   ```suggestion\nx", "```suggestion:-0+0\nx", TRUE);
    assert_unchanged("    ```suggestion\nx");
    assert_unchanged("\t```suggestion\nx");
}

static void the_rest_of_the_line_is_dropped(G_GNUC_UNUSED void **state)
{
    assert_formatted("```suggestion :-1+0 please\nx", "```suggestion:-0+0\nx", TRUE);
    assert_formatted("```suggestion-y\nx", "```suggestion:-0+0\nx", TRUE);
    assert_formatted("```suggestion\r\nx\r\n", "```suggestion:-0+0\nx\r\n", TRUE);
}

static void longer_words_are_no_suggestion(G_GNUC_UNUSED void **state)
{
    assert_unchanged("```suggestions\nx");
    assert_unchanged("```suggestion_\nx");
    assert_unchanged("```suggestion1\nx");
    assert_unchanged("```suggestion\u00e9\nx");
    assert_unchanged("```Suggestion\nx");
}

static void within_a_line_it_is_no_suggestion(G_GNUC_UNUSED void **state)
{
    assert_unchanged("a ```suggestion\nx");
    assert_unchanged("\r```suggestion\nx");
}

static void the_last_line_needs_a_line_break(G_GNUC_UNUSED void **state)
{
    assert_unchanged("```suggestion");
    assert_unchanged("x\n```suggestion and more");
}

/* Ruby takes the last of them, as `.` matches the others. */
static void any_line_break_will_do_there(G_GNUC_UNUSED void **state)
{
    assert_formatted("```suggestion\rfoo\rbar", "```suggestion:-0+0\rbar", TRUE);
    assert_formatted("```suggestion-x\u2028y\xc2\x85z", "```suggestion:-0+0\xc2\x85z", TRUE);
}

static void the_range_is_what_was_commented_on(G_GNUC_UNUSED void **state)
{
    assert_range("\"start_line\":3,\"end_line\":7", "-4+0");
    assert_range("\"start_line\":null,\"end_line\":7", "-0+0");
    assert_range("\"start_line\":3,\"end_line\":7,\"original_start_line\":1,\"original_end_line\":2", "-4+0");
}

static void an_outdated_comment_has_its_original_lines(G_GNUC_UNUSED void **state)
{
    assert_range("\"start_line\":null,\"end_line\":null,\"original_start_line\":1,\"original_end_line\":3",
                 "-2+0");
    assert_range("\"original_start_line\":null,\"original_end_line\":3", "-0+0");
}

static void a_note_without_text_has_none(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) note = json_pack("{s:n}", "note");
    gboolean contains = TRUE;
    assert_null(suggestion_formatter_text(note, &contains));
    assert_false(contains);
}

static void a_long_note_takes_no_longer_than_its_length(G_GNUC_UNUSED void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 100000; i++)
        g_string_append(text, "```suggestion\rx\n");
    g_autoptr(json_t) note = json_pack("{s:s}", "note", text->str);
    g_autofree char *formatted = suggestion_formatter_text(note, NULL);
    assert_int_equal(strlen(formatted), 100000 * strlen("```suggestion:-0+0\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suggestion_gets_its_range),
        cmocka_unit_test(every_suggestion_of_a_note_does),
        cmocka_unit_test(up_to_three_spaces_are_dropped),
        cmocka_unit_test(the_rest_of_the_line_is_dropped),
        cmocka_unit_test(longer_words_are_no_suggestion),
        cmocka_unit_test(within_a_line_it_is_no_suggestion),
        cmocka_unit_test(the_last_line_needs_a_line_break),
        cmocka_unit_test(any_line_break_will_do_there),
        cmocka_unit_test(the_range_is_what_was_commented_on),
        cmocka_unit_test(an_outdated_comment_has_its_original_lines),
        cmocka_unit_test(a_note_without_text_has_none),
        cmocka_unit_test(a_long_note_takes_no_longer_than_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
