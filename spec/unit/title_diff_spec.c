/* Change marks in titles. Expected texts are those of diff-match-patch with the Ruby gem's scores. */
#include "importers/objects/title_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_marked(const char *old_title, const char *new_title, const char *old_marked,
                          const char *new_marked)
{
    g_autofree char *expected =
        g_strdup_printf("changed title from **%s** to **%s**", old_marked, new_marked);
    g_autofree char *text = title_diff_text(old_title, new_title);
    assert_string_equal(text, expected);
}

static void deleted_and_inserted_characters_are_marked(G_GNUC_UNUSED void **state)
{
    assert_marked("Fix login bug", "Fix logout bug", "Fix log{-in-} bug", "Fix log{+out+} bug");
    assert_marked("a", "b", "{-a-}", "{+b+}");
    assert_marked("crash on start", "crash", "crash{- on start-}", "crash");
    assert_marked("crash", "", "{-crash-}", "");
}

static void equal_titles_have_no_marks(G_GNUC_UNUSED void **state)
{
    assert_marked("same", "same", "same", "same");
}

static void an_empty_old_title_has_no_marks(G_GNUC_UNUSED void **state)
{
    assert_marked("", "new", "", "new");
    assert_marked("", "", "", "");
}

static void characters_are_code_points(G_GNUC_UNUSED void **state)
{
    assert_marked("caf\u00e9 \u65e5", "caf\u00e8 \u65e5", "caf{-\u00e9-} \u65e5", "caf{+\u00e8+} \u65e5");
}

static void nothing_is_escaped(G_GNUC_UNUSED void **state)
{
    assert_marked("<b>*x*</b>", "<b>*y*</b>", "<b>*{-x-}*</b>", "<b>*{+y+}*</b>");
}

static void chance_matches_count_as_rewritten(G_GNUC_UNUSED void **state)
{
    assert_marked("mouse", "sofas", "{-mouse-}", "{+sofas+}");
}

static void single_edits_are_aligned_to_words(G_GNUC_UNUSED void **state)
{
    assert_marked("The came", "The cat came", "The came", "The {+cat +}came");
    assert_marked("fix the the bug", "fix the bug", "fix the {-the -}bug", "fix the bug");
    assert_marked("a aaaa", "a a aaaa", "a aaaa", "a {+a +}aaaa");
}

static void the_overlap_of_old_and_new_text_stays(G_GNUC_UNUSED void **state)
{
    assert_marked("abcxxx", "xxxdef", "{-abc-}xxx", "xxx{+def+}");
    assert_marked("xxxabc", "defxxx", "xxx{-abc-}", "{+def+}xxx");
}

static void edits_repeating_their_surroundings_are_moved(G_GNUC_UNUSED void **state)
{
    assert_marked("ac", "abac", "ac", "{+ab+}ac");
}

static void a_half_that_both_share_divides_the_rest(G_GNUC_UNUSED void **state)
{
    assert_marked("1234567890", "a345678z", "{-12-}345678{-90-}", "{+a+}345678{+z+}");
}

/* Found by comparing with the original on random titles. */
static void rewritten_titles_are_marked_as_in_gitlab(G_GNUC_UNUSED void **state)
{
    assert_marked("Crash when user opens the settings dialog",
                  "Crash if a user opened settings in the dialog",
                  "Crash {-when-} user open{-s th-}e settings dialog",
                  "Crash {+if a+} user opene{+d+} settings {+in the +}dialog");
    assert_marked("[WIP] add support for retries (#12)", "Add retry support, closes #12",
                  "{-[WIP] add support for retri-}es {-(-}#12{-)-}", "{+Add retry support, clos+}es #12");
    assert_marked("memory leak: bed red on remove", "remove bed: memory leak on red",
                  "{-m-}emo{-ry leak: bed red-} on re{-move-}", "{+r+}emo{+ve bed: memory leak+} on re{+d+}");
}

static void texts_beyond_any_title_are_one_edit(G_GNUC_UNUSED void **state)
{
    g_autofree char *old_title = g_strnfill(5000, 'a');
    g_autofree char *new_title = g_strnfill(5001, 'a');
    g_autofree char *old_marked = g_strdup_printf("{-%s-}", old_title);
    g_autofree char *new_marked = g_strdup_printf("{+%s+}", new_title);
    assert_marked(old_title, new_title, old_marked, new_marked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deleted_and_inserted_characters_are_marked),
        cmocka_unit_test(equal_titles_have_no_marks),
        cmocka_unit_test(an_empty_old_title_has_no_marks),
        cmocka_unit_test(characters_are_code_points),
        cmocka_unit_test(nothing_is_escaped),
        cmocka_unit_test(chance_matches_count_as_rewritten),
        cmocka_unit_test(single_edits_are_aligned_to_words),
        cmocka_unit_test(the_overlap_of_old_and_new_text_stays),
        cmocka_unit_test(edits_repeating_their_surroundings_are_moved),
        cmocka_unit_test(a_half_that_both_share_divides_the_rest),
        cmocka_unit_test(rewritten_titles_are_marked_as_in_gitlab),
        cmocka_unit_test(texts_beyond_any_title_are_one_edit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
