/* What is beyond the limits becomes plain text of the same length, and nothing else changes. Texts that
 * cmark-gfm 0.29.0.gfm.6 needs minutes for (CVE-2023-22483, -22484, -22486, -24824) end. */
#include "importers/attachments/markdown_limits.h"

#include "importers/attachments/attachment.h"
#include "spec/support/cmocka_glib.h"

#include <string.h>

#define E "https://github.com"

/* (transfer full) */
static char *repeated(const char *unit, guint times)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < times; i++)
        g_string_append(text, unit);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* `before` and `last` stay, or `last` becomes `limited`. */
static void assert_limited(const char *before, const char *last, const char *limited)
{
    g_autofree char *text = g_strconcat(before, last, NULL), *expected = g_strconcat(before, limited, NULL);
    markdown_limit(text);
    assert_string_equal(text, expected);
}

static void assert_unlimited(const char *before, const char *last)
{
    assert_limited(before, last, last);
}

static void no_list_begins_far_to_the_right(G_GNUC_UNUSED void **state)
{
    g_autofree char *bullets = repeated("+ ", 100), *numbers = repeated("12) ", 50),
                    *deep = repeated(">", 200), *indented = repeated("\t", 200),
                    *line = g_strconcat("a\r\n", bullets, NULL);
    assert_limited(bullets, "+ a", "^ a");
    assert_limited(numbers, "1. a", "^. a");
    assert_limited(deep, "> - a", "^ - a");
    assert_limited(indented, "* a", "^ a");
    assert_limited(line, "- a", "^ a");
    assert_unlimited(bullets + 2, "+ a");
    assert_unlimited(deep, "-a 1.5 +");
    assert_unlimited("a ", bullets);
}

static void rulers_of_any_length_stay(G_GNUC_UNUSED void **state)
{
    g_autofree char *dashes = repeated("-", 500), *digits = repeated("1", 500);
    assert_unlimited("a\n", dashes);
    assert_unlimited("a\n", digits);
}

static void a_paragraph_has_so_many_images(G_GNUC_UNUSED void **state)
{
    g_autofree char *images = repeated("![a](b)\n", MARKDOWN_MAX_IMAGES);
    g_autofree char *with_line_ends = repeated("![a](b)\r\n", MARKDOWN_MAX_IMAGES);
    assert_limited(images, "![a](b)", "^[a](b)");
    assert_limited(with_line_ends, "![a](b)", "^[a](b)");
    assert_unlimited(images, " \n![a](b)");
    assert_unlimited(with_line_ends, "\r\n![a](b)");
    assert_unlimited(images, "!a [b](c)");
}

static void a_paragraph_has_so_much_markup(G_GNUC_UNUSED void **state)
{
    g_autofree char *instructions = repeated("<?a ", MARKDOWN_MAX_MARKUP);
    g_autofree char *tags = repeated("<img src=\"a\"><!-- b -->", MARKDOWN_MAX_MARKUP);
    assert_limited(instructions, "<?b", "^?b");
    assert_limited(instructions, "<!DOCTYPE b>", "^!DOCTYPE b>");
    assert_limited(instructions, "<![CDATA[b", "^![CDATA[b");
    assert_unlimited(instructions, "\n\t\n<?b");
    assert_unlimited(instructions, "<b> <!-- c -->");
    assert_unlimited(tags, "<?b");
}

/* Half a text of the one, half of the other. */
static void texts_that_take_quadratic_time_end(G_GNUC_UNUSED void **state)
{
    static const char *const texts[][2] = {
        {"1. ", "\n"},   {"+ ", "[a]"},  {"> + ", "\n"},      {"- \n", "\n"},
        {"* ", "a"},     {"<?", "<?"},   {"<?", "a"},         {"<!A ", "b"},
        {"![[]()", "a"}, {"![[](", ")"}, {"<![CDATA[", "]]"}, {"    <?\n", "> "},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GString) text = g_string_new("![x](" E "/1)\n\na\n");
        while (text->len < 32 * 1024)
            g_string_append(text, texts[i][0]);
        while (text->len < 64 * 1024)
            g_string_append(text, texts[i][1]);
        g_string_append(text, "\n\n![x](" E "/2)\n");
        g_autoptr(GPtrArray) urls = attachments_find(text->str, E);
        assert_true(urls->len > 0);
        assert_string_equal(urls->pdata[0], E "/1");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_list_begins_far_to_the_right),
        cmocka_unit_test(rulers_of_any_length_stay),
        cmocka_unit_test(a_paragraph_has_so_many_images),
        cmocka_unit_test(a_paragraph_has_so_much_markup),
        cmocka_unit_test(texts_that_take_quadratic_time_end),
    };
    return cmocka_run_group_tests_name("markdown_limits", tests, NULL, NULL);
}
