#include "importers/objects/issue_search_text.h"

#include "importers/gitlab/markdown_text.h"

#include <string.h>

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#define TEXT_MAXIMUM 1048576 /* characters; TSVECTOR_MAX_LENGTH */

typedef struct LongWords {
    const char *characters;
    gsize length; /* from which on a word is long */
    guint kept;   /* so many of them are kept all the same */
} LongWords;

/* "@user1@user1@user1...", which takes PostgreSQL too much time. */
static const LongWords VERY_LONG_WORDS = {LETTERS_AND_DIGITS "@", 500, 0};
/* Mostly Base64 in lines, which makes the vector too large. */
static const LongWords MANY_LONG_WORDS = {LETTERS_AND_DIGITS "+/", 50, 50};

/* Puts a space in the place of each long word. (transfer full) */
static char *without_long_words(const char *text, const LongWords *words)
{
    g_autoptr(GString) result = g_string_new(NULL);
    guint n = 0;
    for (const char *rest = text; *rest;) {
        gsize length = strspn(rest, words->characters);
        if (length >= words->length) {
            g_string_append_c(result, ' ');
            n++;
        } else {
            g_string_append_len(result, rest, (gssize)length);
        }
        rest += length;
        gsize others = strcspn(rest, words->characters);
        g_string_append_len(result, rest, (gssize)others);
        rest += others;
    }
    return n > words->kept ? g_string_free(g_steal_pointer(&result), FALSE) : g_strdup(text);
}

/* U+00C0 to U+017E. */
#define FIRST_LETTER 0xC0
static const char *const LATIN_LETTERS[] = {
    "A", "A",  "A",  "A",  "A", "A", "AE", "C",  "E",  "E", "E", "E",  "I",  "I",  "I", "I", "D", "N",
    "O", "O",  "O",  "O",  "O", "x", "O",  "U",  "U",  "U", "U", "Y",  "Th", "ss", "a", "a", "a", "a",
    "a", "a",  "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i",  "d",  "n",  "o", "o", "o", "o",
    "o", NULL, "o",  "u",  "u", "u", "u",  "y",  "th", "y", "A", "a",  "A",  "a",  "A", "a", "C", "c",
    "C", "c",  "C",  "c",  "C", "c", "D",  "d",  "D",  "d", "E", "e",  "E",  "e",  "E", "e", "E", "e",
    "E", "e",  "G",  "g",  "G", "g", "G",  "g",  "G",  "g", "H", "h",  "H",  "h",  "I", "i", "I", "i",
    "I", "i",  "I",  "i",  "I", "i", "IJ", "ij", "J",  "j", "K", "k",  "k",  "L",  "l", "L", "l", "L",
    "l", "L",  "l",  "L",  "l", "N", "n",  "N",  "n",  "N", "n", "'n", "NG", "ng", "O", "o", "O", "o",
    "O", "o",  "OE", "oe", "R", "r", "R",  "r",  "R",  "r", "S", "s",  "S",  "s",  "S", "s", "S", "s",
    "T", "t",  "T",  "t",  "T", "t", "U",  "u",  "U",  "u", "U", "u",  "U",  "u",  "U", "u", "U", "u",
    "W", "w",  "Y",  "y",  "Y", "Z", "z",  "Z",  "z",  "Z", "z",
};
#define CAPITAL_SHARP_S 0x1E9E

/* NULL: it has none. */
static const char *latin_letter(gunichar letter)
{
    if (letter == CAPITAL_SHARP_S)
        return "SS";
    if (letter < FIRST_LETTER || letter - FIRST_LETTER >= G_N_ELEMENTS(LATIN_LETTERS))
        return NULL;
    return LATIN_LETTERS[letter - FIRST_LETTER];
}

#define FIRST_MARK          0x300
#define FIRST_JAMO_VOWEL    0x1160
#define LAST_JAMO_CONSONANT 0x11FF
#define MARKS_MAXIMUM       30 /* a character can have; as in Unicode's stream-safe text */

/* Belongs to the character before it. */
static gboolean is_mark(gunichar character)
{
    return character >= FIRST_MARK && (g_unichar_combining_class(character) != 0 ||
                                       (character >= FIRST_JAMO_VOWEL && character <= LAST_JAMO_CONSONANT));
}

static const char *end_of_character(const char *text)
{
    const char *end = g_utf8_next_char(text);
    for (guint n = 0; n < MARKS_MAXIMUM && is_mark(g_utf8_get_char(end)); n++)
        end = g_utf8_next_char(end);
    return end;
}

/* A character with its marks. Composed by itself, because GLib takes quadratic time for a whole text. */
static void append_composed(GString *ascii, const char *text, gssize length)
{
    g_autofree char *composed = g_utf8_normalize(text, length, G_NORMALIZE_NFC);
    for (const char *character = composed; *character; character = g_utf8_next_char(character)) {
        const char *latin = latin_letter(g_utf8_get_char(character));
        if ((guchar)*character < 0x80)
            g_string_append_c(ascii, *character);
        else
            g_string_append(ascii, latin ? latin : "?");
    }
}

/* (transfer full) */
static char *in_ascii(const char *text)
{
    if (g_str_is_ascii(text))
        return g_strdup(text);
    g_autoptr(GString) ascii = g_string_sized_new(strlen(text));
    for (const char *end; *text; text = end) {
        end = end_of_character(text);
        gboolean marked = end != g_utf8_next_char(text);
        const char *latin = marked ? NULL : latin_letter(g_utf8_get_char(text));
        if (latin)
            g_string_append(ascii, latin);
        else if (!marked && (guchar)*text < 0x80)
            g_string_append_c(ascii, *text);
        else
            append_composed(ascii, text, end - text);
    }
    return g_string_free(g_steal_pointer(&ascii), FALSE);
}

/* PostgreSQL would leave out what is within the brackets of a tag. (transfer full) */
static char *without_brackets(const char *text)
{
    g_autoptr(GString) result = g_string_sized_new(strlen(text));
    const char *open, *close;
    while ((open = strchr(text, '<')) && (close = strchr(open, '>'))) {
        const char *inner = open + 1;
        if (*inner == '/' && inner + 1 < close)
            inner++;
        g_string_append_len(result, text, open - text);
        if (inner < close)
            g_string_append_printf(result, " %.*s ", (int)(close - inner), inner);
        else
            g_string_append(result, "<>");
        text = close + 1;
    }
    g_string_append(result, text);
    return g_string_free(g_steal_pointer(&result), FALSE);
}

char *issue_search_text(const char *text)
{
    if (!text || markdown_text_is_blank(text))
        return NULL;
    g_autofree char *shorter = without_long_words(text, &VERY_LONG_WORDS);
    g_autofree char *short_words = without_long_words(shorter, &MANY_LONG_WORDS);
    g_autofree char *head =
        g_utf8_substring(short_words, 0, MIN(g_utf8_strlen(short_words, -1), TEXT_MAXIMUM));
    g_autofree char *ascii = in_ascii(head);
    return without_brackets(ascii);
}
