/* What of an issue's text goes into its search vector: the steps of PgFullTextSearchable. */
#include "importers/objects/issue_search_text.h"
#include "spec/support/cmocka_glib.h"

static void assert_searchable(const char *text, const char *expected)
{
    assert_text(issue_search_text(text), expected);
}

/* `n` times `word` with `separator` after each. (transfer full) */
static char *repeated(const char *word, const char *separator, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append_printf(text, "%s%s", word, separator);
    return g_string_free(text, FALSE);
}

static void a_blank_text_contributes_nothing(G_GNUC_UNUSED void **state)
{
    assert_searchable(NULL, NULL);
    assert_searchable("", NULL);
    assert_searchable(" \r\n\t\xc2\xa0", NULL);
}

static void plain_text_stays_as_it_is(G_GNUC_UNUSED void **state)
{
    assert_searchable("Pump leaks\r\n@mira", "Pump leaks\r\n@mira");
}

static void a_very_long_word_is_left_out(G_GNUC_UNUSED void **state)
{
    g_autofree char *long_word = repeated("@user", "", 100), *shorter = g_strndup(long_word, 499);
    g_autofree char *with_long = g_strdup_printf("a %s b", long_word);
    g_autofree char *with_shorter = g_strdup_printf("a %s b", shorter);
    assert_searchable(with_long, "a   b");
    assert_searchable(with_shorter, with_shorter);
}

static void long_words_are_left_out_when_there_are_many(G_GNUC_UNUSED void **state)
{
    g_autofree char *word = repeated("Ab3/+", "", 10);
    g_autofree char *fifty = repeated(word, "\n", 50), *more = repeated(word, "\n", 51);
    g_autofree char *blanks = repeated(" ", "\n", 51);
    assert_searchable(fifty, fifty);
    assert_searchable(more, blanks);
}

static void a_text_ends_after_a_megabyte_of_characters(G_GNUC_UNUSED void **state)
{
    g_autofree char *text = repeated("\xc3\xa9 ", "", 600000);
    g_autofree char *searchable = issue_search_text(text);
    assert_int_equal(strlen(searchable), 1048576);
}

static void letters_lose_their_accents(G_GNUC_UNUSED void **state)
{
    assert_searchable("\xc3\x89t\xc3\xa9 Stra\xc3\x9f"
                      "e \xc3\x86sir \xc3\x9eor \xc5\x81\xc3\xb3"
                      "d\xc5\xba \xc5\x92uvre",
                      "Ete Strasse AEsir Thor Lodz OEuvre");
    assert_searchable("e\xcc\x81t\xc3\xa9", "ete"); /* a combining accent */
    assert_searchable("\xc5\x89\xc5\x8a\xc4\xb2", "'nNGIJ");
    assert_searchable("\xe1\xba\x9e", "SS");
    assert_searchable("\xc3\x80\xc5\xbe", "Az"); /* the first and the last of the table */
}

static void long_texts_of_letters_and_marks_are_no_trouble(G_GNUC_UNUSED void **state)
{
    g_autofree char *letters = repeated("\xc3\xa9\xed\x95\x9c", "", 300000);
    g_autofree char *marks = repeated("\xcc\x81\xcc\xa3", "", 300000);
    g_autofree char *searchable_letters = issue_search_text(letters);
    g_autofree char *searchable_marks = issue_search_text(marks);
    assert_int_equal(strlen(searchable_letters), 600000);
    assert_int_equal(strlen(searchable_marks), 600000);
}

static void what_has_no_letter_in_ascii_becomes_a_question_mark(G_GNUC_UNUSED void **state)
{
    assert_searchable("\xf0\x9f\x9a\x80 \xe6\xbc\xa2 \xc3\xb7 \xc5\xbf \xc2\xa9", "? ? ? ? ?");
    assert_searchable("x\xcc\x81", "x?");
    assert_searchable("\xe2\x84\xab\xe2\x84\xaa", "AK");            /* Angstrom, Kelvin: NFC knows better */
    assert_searchable("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "?"); /* one syllable of three letters */
}

static void tags_lose_their_brackets(G_GNUC_UNUSED void **state)
{
    assert_searchable("<b class=\"x\">bold</b>", " b class=\"x\" bold b ");
    assert_searchable("a < b and c > d", "a   b and c   d");
    assert_searchable("a << b>", "a  < b ");
    assert_searchable("<> </> </ > <", "<>  /      <");
    assert_searchable("a <unclosed", "a <unclosed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blank_text_contributes_nothing),
        cmocka_unit_test(plain_text_stays_as_it_is),
        cmocka_unit_test(a_very_long_word_is_left_out),
        cmocka_unit_test(long_words_are_left_out_when_there_are_many),
        cmocka_unit_test(a_text_ends_after_a_megabyte_of_characters),
        cmocka_unit_test(letters_lose_their_accents),
        cmocka_unit_test(long_texts_of_letters_and_marks_are_no_trouble),
        cmocka_unit_test(what_has_no_letter_in_ascii_becomes_a_question_mark),
        cmocka_unit_test(tags_lose_their_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
