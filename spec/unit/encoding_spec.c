/*
 * Texts from git as GitLab's encoding_helper_spec.rb has them, and as Ruby converts them.
 */
#include "importers/git/encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LITERAL(text) (text), sizeof(text) - 1

static void assert_text(const char *bytes, gsize length, const char *expected)
{
    g_autofree char *text = encoding_text(bytes, length);
    assert_string_equal(text, expected);
}

/* `text` in another encoding. */
static char *encoded(const char *text, const char *encoding, gsize *length)
{
    g_autoptr(GError) error = NULL;
    char *bytes = g_convert(text, -1, encoding, "UTF-8", NULL, length, &error);
    assert_null(error);
    return bytes;
}

static void assert_recognized(const char *text, const char *encoding)
{
    gsize length;
    gboolean binary;
    g_autofree char *bytes = encoded(text, encoding, &length);
    assert_text(bytes, length, text);
    g_autofree char *diff = encoding_diff(bytes, length, &binary);
    assert_string_equal(diff, text);
    assert_false(binary);
}

static void utf8_stays_as_it_is(G_GNUC_UNUSED void **state)
{
    assert_text(LITERAL(""), "");
    assert_text(LITERAL("ascii only string"), "ascii only string");
    assert_text(LITERAL("multibyte string №∑∉ 🐤"), "multibyte string №∑∉ 🐤");
}

static void bytes_that_are_not_utf8_are_removed_when_the_guess_is_unsure(G_GNUC_UNUSED void **state)
{
    assert_text(LITERAL("my bad string\xE5"), "my bad string");
    assert_text(LITERAL("Lorem ipsum\xC3\n dolor sit amet, xy\xC3\xA0y\xC3\xB9"
                        "abcd\xC3\xB9"
                        "efg"),
                "Lorem ipsum\n dolor sit amet, xyàyùabcdùefg");
    assert_text(LITERAL("🐤🐤🐤🐤\xF0\x9F\x90"), "🐤🐤🐤🐤");
    assert_text(LITERAL("日本語のテキスト\xed\xa0\x80。"), "日本語のテキスト。");
}

static void utf16_with_a_byte_order_mark_is_text(G_GNUC_UNUSED void **state)
{
    assert_text(LITERAL("\xFE\xFF\x00\x41"), "\xEF\xBB\xBF"
                                             "A");
    assert_text(LITERAL("\xFF\xFE\x41\x00"), "\xEF\xBB\xBF"
                                             "A");
}

static void an_encoding_that_ruby_does_not_know_is_told(G_GNUC_UNUSED void **state)
{
    assert_text(LITERAL("\xFF"
                        "e,i\xFF,\xB8oi,'\xB8,\xFF,-"),
                "--broken encoding: IBM420_ltr");
}

static void encodings_are_guessed(G_GNUC_UNUSED void **state)
{
    assert_recognized("Rüby ist eine Programmiersprache. Wir verlängern den Text, damit ICU die Sprache "
                      "erkennen kann.",
                      "ISO-8859-1");
    assert_recognized("Il était une fois un roi et une reine qui étaient si fâchés de n’avoir pas d’enfants, "
                      "si fâchés qu’on ne saurait dire. Ils allèrent à toutes les eaux du monde.",
                      "CP1252");
    assert_recognized("吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。〜", "SHIFT_JIS");
    assert_recognized("吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。", "EUC-JP");
    assert_recognized("道可道，非常道。名可名，非常名。无名天地之始；有名万物之母。", "GB18030");
    assert_recognized("道可道，非常道。名可名，非常名。無名天地之始；有名萬物之母。", "BIG5");
    assert_recognized("나라의 말이 중국과 달라 문자와 서로 통하지 아니하므로 이런 까닭으로", "EUC-KR");
    assert_recognized("Широка страна моя родная, много в ней лесов, полей и рек.", "KOI8-R");
}

static void text_never_contains_nul(G_GNUC_UNUSED void **state)
{
    assert_text(LITERAL("one\0two\0"), "onetwo");
    assert_text(LITERAL("one\0two\xff"), "onetwo");
}

/* GitLab keeps such bytes, which PostgreSQL then refuses. */
static void text_that_looks_like_an_image_is_cleaned(G_GNUC_UNUSED void **state)
{
    assert_text(LITERAL("GIF89a\xff\xfe.txt"), "GIF89a.txt");
    assert_text(LITERAL("\x89PNG\r\n\x1a\n"), "PNG\r\n\x1a\n");
}

static void a_path_tells_whether_it_is_another_one(G_GNUC_UNUSED void **state)
{
    gboolean changed;
    g_autofree char *plain = encoding_path(LITERAL("docs/é.md"), &changed);
    assert_string_equal(plain, "docs/é.md");
    assert_false(changed);
    g_autofree char *cleaned = encoding_path(LITERAL("docs/\xe9.md"), &changed);
    assert_string_equal(cleaned, "docs/.md");
    assert_true(changed);
    g_autofree char *unasked = encoding_path(LITERAL("\xff"), NULL);
    assert_string_equal(unasked, "");
}

static void assert_base64(const char *bytes, gsize length, const char *expected)
{
    gboolean binary;
    g_autofree char *diff = encoding_diff(bytes, length, &binary);
    assert_true(binary);
    assert_string_equal(diff, expected);
}

static void a_diff_with_nul_becomes_base64(G_GNUC_UNUSED void **state)
{
    assert_base64(LITERAL("@@ -1 +1 @@\n-a\0b\n+c\n"), "QEAgLTEgKzEgQEAKLWEAYgorYwo=");
    assert_base64(LITERAL("\0\xff"), "AP8=");
}

static void base64_has_no_line_breaks(G_GNUC_UNUSED void **state)
{
    char zeros[600] = {0};
    gboolean binary;
    g_autofree char *diff = encoding_diff(zeros, sizeof(zeros), &binary);
    assert_true(binary);
    assert_int_equal(strlen(diff), 800);
    assert_null(strchr(diff, '\n'));
}

static void a_diff_without_nul_stays_text(G_GNUC_UNUSED void **state)
{
    gboolean binary;
    g_autofree char *plain = encoding_diff(LITERAL("@@ -1 +1 @@\n-ä\n+ö\n"), &binary);
    assert_string_equal(plain, "@@ -1 +1 @@\n-ä\n+ö\n");
    assert_false(binary);
    g_autofree char *cut = encoding_diff(LITERAL("@@ -9,3 +9,4 @@ 日本語\xe6\x97\n+ö\n"), &binary);
    assert_string_equal(cut, "@@ -9,3 +9,4 @@ 日本語\n+ö\n");
    assert_false(binary);
}

static guint32 next_random(guint32 *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void garbage_becomes_valid_text(G_GNUC_UNUSED void **state)
{
    guint32 seed = 7;
    for (int round = 0; round < 2000; round++) {
        char bytes[200];
        gsize length = next_random(&seed) % sizeof(bytes);
        for (gsize i = 0; i < length; i++)
            bytes[i] = (char)(round % 2 ? next_random(&seed) : 0x80 | next_random(&seed));
        g_autofree char *text = encoding_text(bytes, length);
        assert_true(g_utf8_validate(text, -1, NULL));
        gboolean binary;
        g_autofree char *diff = encoding_diff(bytes, length, &binary);
        assert_true(g_utf8_validate(diff, -1, NULL));
        assert_int_equal(binary, memchr(bytes, '\0', length) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_stays_as_it_is),
        cmocka_unit_test(bytes_that_are_not_utf8_are_removed_when_the_guess_is_unsure),
        cmocka_unit_test(utf16_with_a_byte_order_mark_is_text),
        cmocka_unit_test(an_encoding_that_ruby_does_not_know_is_told),
        cmocka_unit_test(encodings_are_guessed),
        cmocka_unit_test(text_never_contains_nul),
        cmocka_unit_test(text_that_looks_like_an_image_is_cleaned),
        cmocka_unit_test(a_path_tells_whether_it_is_another_one),
        cmocka_unit_test(a_diff_with_nul_becomes_base64),
        cmocka_unit_test(base64_has_no_line_breaks),
        cmocka_unit_test(a_diff_without_nul_stays_text),
        cmocka_unit_test(garbage_becomes_valid_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
