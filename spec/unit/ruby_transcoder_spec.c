/*
 * ICU's tables against Ruby's: digests of what Ruby 3.1 makes of every byte, and of every pair of bytes.
 */
#include "importers/git/ruby_transcoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct Table {
    const char *encoding, *digest;
} Table;

static void assert_digest(const GString *bytes, const Table *table)
{
    g_autofree char *text = ruby_transcode(bytes->str, bytes->len, table->encoding);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
    if (strcmp(digest, table->digest) != 0)
        fail_msg("%s differs from Ruby's", table->encoding);
}

static void every_byte_is_rubys_character(G_GNUC_UNUSED void **state)
{
    static const Table TABLES[] = {
        {"ISO-8859-1", "63e0d32df516e32a902de1d4db190d255692b505"},
        {"ISO-8859-2", "a0be261571c4d71845160014203fdabef9d4d52e"},
        {"ISO-8859-5", "fd7495ddef780141a86566170728a0248d7e8cde"},
        {"ISO-8859-6", "87b9e2bbddb57a05c63891c76ae5f4d1548881bf"},
        {"ISO-8859-7", "7485de2f5f221dc54efff1f07a5b1b24a5d65f22"},
        {"ISO-8859-8", "88a601e2e11f051d54c7cc8eaa480a17f82d5c54"},
        {"ISO-8859-9", "ac23df1a1cccb18c20dcbb233f2f761a57102397"},
        {"KOI8-R", "30ef88dc70d835fe05ee20915c0101eb33a23990"},
        {"windows-1250", "bae841c052d62420db8792506db0e7654c91a40a"},
        {"windows-1251", "11be95368600498de34db78beaa4db634ace9e11"},
        {"windows-1252", "1476509fd4a78ad67092c065908434a548a6d51c"},
        {"windows-1253", "fe302a5e47b846f579b12cfc33cc0265a67776a9"},
        {"windows-1254", "a7da05e7aa0f13ed5754037862f9f35d9286da55"},
        {"windows-1256", "2036db2583091cd6b1f27c22d6c8ce9ee1d64505"},
    };
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (int byte = 1; byte <= 0xff; byte++)
        g_string_append_c(bytes, (char)byte);
    for (gsize i = 0; i < G_N_ELEMENTS(TABLES); i++)
        assert_digest(bytes, &TABLES[i]);
}

static void every_pair_of_bytes_is_rubys_character(G_GNUC_UNUSED void **state)
{
    static const Table TABLES[] = {
        {"Shift_JIS", "784b43866ceb0433359e5119306f051a0ea0fd6a"},
        {"Big5", "273b531be0b29e78861e57df419505438ac052dc"},
    };
    g_autoptr(GString) bytes = g_string_new(NULL);
    for (int lead = 0x81; lead <= 0xfc; lead++)
        for (int trail = 0x40; trail <= 0xfc; trail++)
            g_string_append_printf(bytes, "%c%c\n", lead, trail);
    for (gsize i = 0; i < G_N_ELEMENTS(TABLES); i++)
        assert_digest(bytes, &TABLES[i]);
}

static void assert_transcoded(const char *bytes, gsize length, const char *encoding, const char *expected)
{
    g_autofree char *text = ruby_transcode(bytes, length, encoding);
    assert_string_equal(text, expected);
}

static void control_characters_stay_in_shift_jis(G_GNUC_UNUSED void **state)
{
    assert_transcoded("\x1a\x1c\x7f\t\\~", 6, "Shift_JIS", "\x1a\x1c\x7f\t\\~");
}

static void rows_of_vendors_are_no_characters(G_GNUC_UNUSED void **state)
{
    assert_transcoded("\x87\x40-\xed\x40-\xfa\x40-\xf0\x40", 11, "Shift_JIS", "---");
    assert_transcoded("\x81\x60\x87", 3, "Shift_JIS", "〜");
}

static void what_is_cut_or_undefined_is_dropped(G_GNUC_UNUSED void **state)
{
    assert_transcoded("\xc6\xfc\xcb", 3, "EUC-JP", "日");
    assert_transcoded("a\x80z", 3, "EUC-KR", "az");
    assert_transcoded("\0a\xd8\0\0z\0", 7, "UTF-16BE", "az");
    assert_transcoded("a\xe6\x97z\xed\xa0\x80", 7, "UTF-8", "az");
}

static void an_unknown_encoding_is_none(G_GNUC_UNUSED void **state)
{
    static const char *const UNKNOWN[] = {"IBM420_ltr", "IBM424_rtl", "ISO-8859-8-I", "ISO-2022-KR",
                                          "ISO-2022-CN"};
    for (gsize i = 0; i < G_N_ELEMENTS(UNKNOWN); i++)
        assert_null(ruby_transcode("a", 1, UNKNOWN[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_rubys_character),
        cmocka_unit_test(every_pair_of_bytes_is_rubys_character),
        cmocka_unit_test(control_characters_stay_in_shift_jis),
        cmocka_unit_test(rows_of_vendors_are_no_characters),
        cmocka_unit_test(what_is_cut_or_undefined_is_dropped),
        cmocka_unit_test(an_unknown_encoding_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
