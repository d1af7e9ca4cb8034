#include "importers/objects/diff_notes/suggestion_blocks.h"
#include "spec/support/cmocka_glib.h"

/* Each block as "above+below:text|". */
static void assert_blocks(const char *markdown, const char *expected)
{
    g_autoptr(GPtrArray) blocks = suggestion_blocks(markdown);
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; i < blocks->len; i++) {
        const SuggestionBlock *block = blocks->pdata[i];
        g_string_append_printf(all, "%d+%d:%s|", (int)block->lines_above, (int)block->lines_below,
                               block->text);
    }
    assert_string_equal(all->str, expected);
}

/* The example of GitLab's own spec (spec/lib/gitlab/diff/suggestions_parser_spec.rb). */
static void reads_blocks_and_their_ranges(void **state)
{
    (void)state;
    assert_blocks("```suggestion:-2+1\n  # above and below\n```\n\n```\n  nothing\n```\n\n"
                  "```suggestion:-3\n  # only above\n```\n\n```suggestion:+3\n  # only below\n```\n\n"
                  "```thing\n  this is not a suggestion, it's a thing\n```\n",
                  "2+1:  # above and below|3+0:  # only above|0+3:  # only below|");
    assert_blocks("```suggestion\n  foo\n  bar\n```\n", "0+0:  foo\n  bar|");
}

static void takes_other_parameters_for_none(void **state)
{
    (void)state;
    assert_blocks("```suggestion:1-2\na\n```", "0+0:a|");
    assert_blocks("```suggestion:-1+2x\na\n```", "0+0:a|");
    assert_blocks("``` suggestion:-1+2 more\na\n```", "1+2:a|");
    assert_blocks("```suggestion -1+2\na\n```", "1+2:a|");
    assert_blocks("```suggestion:-99999999999+0\n```", "2147483647+0:|");
    assert_blocks("```suggestions\na\n```", "");
    assert_blocks("```Suggestion\na\n```", "");
}

static void keeps_empty_lines_and_indentation(void **state)
{
    (void)state;
    assert_blocks("```suggestion:-0+0\n\n\ta\n\n\n```", "0+0:\n\ta\n\n|");
    assert_blocks("```suggestion:-0+0\n```", "0+0:|");
    assert_blocks("  ```suggestion:-0+0\n    a\n b\n```", "0+0:  a\nb|");
}

static void reads_the_line_ends_of_browsers(void **state)
{
    (void)state;
    assert_blocks("```suggestion:-0+0\r\na\r\n\r\nb\r\n```\r\nrest\r\n", "0+0:a\n\nb|");
}

static void knows_the_fences_of_common_mark(void **state)
{
    (void)state;
    assert_blocks("~~~suggestion:-1+0\na\n```\n~~~\n", "1+0:a\n```|");
    assert_blocks("````suggestion:-1+0\n```\na\n```\n`````  \nrest", "1+0:```\na\n```|");
    assert_blocks("````\n```suggestion:-1+0\na\n```\n````\n", "");
    assert_blocks("    ```suggestion:-1+0\na\n", "");
    assert_blocks("``suggestion:-1+0\na\n``", "");
    assert_blocks("```suggestion:-1+0 ` \na\n", "");
    assert_blocks("```suggestion:-1+0\nno end", "1+0:no end|");
    assert_blocks("```suggestion:-1+0\na\n    ```\n```", "1+0:a\n    ```|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_blocks_and_their_ranges),
        cmocka_unit_test(takes_other_parameters_for_none),
        cmocka_unit_test(keeps_empty_lines_and_indentation),
        cmocka_unit_test(reads_the_line_ends_of_browsers),
        cmocka_unit_test(knows_the_fences_of_common_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
