/*
 * A parser of its own, for two reasons: every job passes through it, and it refuses what Ruby's parser
 * refuses and nothing else, save what jansson's values cannot hold.
 */
#include "protocol/error_class.h"
#include "protocol/json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define MAX_NESTING 100 /* Ruby's */

typedef struct Parser {
    const char *start, *cursor, *end;
    guint depth;
    gboolean lenient;   /* what is not UTF-8 is left out */
    GString *unescaped; /* of the string at hand; NULL before the first one that needs it */
    GError **error;
} Parser;

static const char *json_error_class(int code)
{
    switch (code) {
    case JSON_ERROR_SHAPE:
        return "TypeError";
    case JSON_ERROR_UNREPRESENTABLE:
        return "RangeError";
    default:
        return "JSON::ParserError";
    }
}

DEFINE_ERROR_DOMAIN(json_error, json_error_class)

static void fail(Parser *parser, JsonError code, const char *reason)
{
    g_set_error(parser->error, JSON_ERROR, code, "JSON, byte %" G_GSIZE_FORMAT ": %s",
                (gsize)(parser->cursor - parser->start), reason);
}

/* The next byte; NUL at the end, which is no more allowed in the text than the end is. */
static char peek(const Parser *parser)
{
    return parser->cursor < parser->end ? *parser->cursor : '\0';
}

/* Ruby skips comments, which nobody writes into jobs. */
static void fail_unexpected(Parser *parser)
{
    if (peek(parser) == '/')
        fail(parser, JSON_ERROR_UNREPRESENTABLE, "a comment");
    else
        fail(parser, JSON_ERROR_SYNTAX, parser->cursor < parser->end ? "unexpected byte" : "unexpected end");
}

static char skip_space(Parser *parser)
{
    while (parser->cursor < parser->end && (*parser->cursor == ' ' || *parser->cursor == '\n' ||
                                            *parser->cursor == '\r' || *parser->cursor == '\t'))
        parser->cursor++;
    return peek(parser);
}

static json_t *parse_value(Parser *parser);

static json_t *parse_word(Parser *parser, const char *word, json_t *value)
{
    gsize length = strlen(word);
    if ((gsize)(parser->end - parser->cursor) >= length && memcmp(parser->cursor, word, length) == 0) {
        parser->cursor += length;
        return value;
    }
    fail_unexpected(parser);
    return NULL;
}

static const char *skip_digits(const char *cursor, const char *end)
{
    while (cursor < end && g_ascii_isdigit(*cursor))
        cursor++;
    return cursor;
}

/* The end of fraction and exponent behind the integer digits, or NULL when they are not complete. */
static const char *skip_fraction(const char *cursor, const char *end)
{
    if (cursor < end && *cursor == '.') {
        const char *digits = cursor + 1;
        cursor = skip_digits(digits, end);
        if (cursor == digits)
            return NULL;
    }
    if (cursor < end && (*cursor == 'e' || *cursor == 'E')) {
        const char *digits = cursor + 1;
        if (digits < end && (*digits == '+' || *digits == '-'))
            digits++;
        cursor = skip_digits(digits, end);
        if (cursor == digits)
            return NULL;
    }
    return cursor;
}

static json_t *integer_of(Parser *parser, const char *text)
{
    errno = 0;
    gint64 number = g_ascii_strtoll(text, NULL, 10);
    if (errno != ERANGE)
        return json_integer(number);
    fail(parser, JSON_ERROR_UNREPRESENTABLE, "an integer beyond 64 bits");
    return NULL;
}

static json_t *real_of(Parser *parser, const char *text)
{
    double number = g_ascii_strtod(text, NULL);
    if (isfinite(number))
        return json_real(number);
    fail(parser, JSON_ERROR_UNREPRESENTABLE, "a real number beyond the range of a double");
    return NULL;
}

static json_t *parse_number(Parser *parser)
{
    const char *begin = parser->cursor, *digits = begin + (*begin == '-');
    const char *integer_end = skip_digits(digits, parser->end);
    const char *number_end = skip_fraction(integer_end, parser->end);
    if (integer_end == digits || (*digits == '0' && integer_end > digits + 1) || !number_end) {
        fail(parser, JSON_ERROR_SYNTAX, "not a number");
        return NULL;
    }
    char text[32];
    gsize length = (gsize)(number_end - begin);
    g_autofree char *long_text = length < sizeof text ? NULL : g_strndup(begin, length);
    if (!long_text) {
        memcpy(text, begin, length);
        text[length] = '\0';
    }
    const char *number = long_text ? long_text : text;
    json_t *value = number_end == integer_end ? integer_of(parser, number) : real_of(parser, number);
    parser->cursor = number_end;
    return value;
}

/* Four hex digits at the cursor, or -1. */
static int read_utf16_unit(Parser *parser)
{
    int unit = 0;
    if (parser->end - parser->cursor < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(parser->cursor[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    parser->cursor += 4;
    return unit;
}

/* Behind a high surrogate: the code point of the pair, or -1 when no low surrogate follows. */
static int read_low_surrogate(Parser *parser, int high)
{
    const char *begin = parser->cursor;
    if (parser->end - begin >= 2 && memcmp(begin, "\\u", 2) == 0) {
        parser->cursor += 2;
        int low = read_utf16_unit(parser);
        if (low >= 0xdc00 && low <= 0xdfff)
            return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    parser->cursor = begin;
    return -1;
}

/* Behind "\u". */
static gboolean unescape_code_point(Parser *parser)
{
    int code_point = read_utf16_unit(parser);
    if (code_point < 0) {
        fail(parser, JSON_ERROR_SYNTAX, "not four hex digits behind \\u");
        return FALSE;
    }
    if (code_point >= 0xd800 && code_point <= 0xdbff)
        code_point = read_low_surrogate(parser, code_point);
    if (code_point < 0 || (code_point >= 0xdc00 && code_point <= 0xdfff)) {
        if (!parser->lenient)
            fail(parser, JSON_ERROR_UNREPRESENTABLE, "half of a surrogate pair");
        return parser->lenient;
    }
    char utf8[6];
    g_string_append_len(parser->unescaped, utf8, g_unichar_to_utf8((gunichar)code_point, utf8));
    return TRUE;
}

/* Behind a backslash. */
static gboolean unescape(Parser *parser)
{
    static const char meanings[] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    guchar letter = (guchar)peek(parser);
    if (letter == 'u') {
        parser->cursor++;
        return unescape_code_point(parser);
    }
    if (letter < 0x20) {
        fail_unexpected(parser);
        return FALSE;
    }
    if (letter >= sizeof meanings || !meanings[letter]) {
        fail(parser, JSON_ERROR_UNREPRESENTABLE, "an unknown escape");
        return FALSE;
    }
    g_string_append_c(parser->unescaped, meanings[letter]);
    parser->cursor++;
    return TRUE;
}

/* Moves behind the bytes that stand for themselves; FALSE when they are not UTF-8 and have to be. */
static gboolean skip_plain(Parser *parser, gboolean *is_utf8)
{
    const char *begin = parser->cursor, *cursor = begin;
    guchar all = 0;
    while (cursor < parser->end && *cursor != '"' && *cursor != '\\' && (guchar)*cursor >= 0x20)
        all |= (guchar)*cursor++;
    *is_utf8 = all < 0x80 || g_utf8_validate_len(begin, (gsize)(cursor - begin), NULL);
    if (!*is_utf8 && !parser->lenient) {
        fail(parser, JSON_ERROR_UNREPRESENTABLE, "a string that is not UTF-8");
        return FALSE;
    }
    parser->cursor = cursor;
    return TRUE;
}

/* The bytes from `begin` to the cursor, without those that are not UTF-8. */
static void append_plain(Parser *parser, const char *begin, gboolean is_utf8)
{
    const char *valid_end;
    while (!is_utf8) {
        is_utf8 = g_utf8_validate_len(begin, (gsize)(parser->cursor - begin), &valid_end);
        g_string_append_len(parser->unescaped, begin, valid_end - begin);
        begin = is_utf8 ? valid_end : valid_end + 1;
    }
    g_string_append_len(parser->unescaped, begin, parser->cursor - begin);
}

/* At the first backslash, or the end, of a string whose bytes before it begin at `begin`. */
static gboolean unescape_rest(Parser *parser, const char *begin, gboolean is_utf8)
{
    if (!parser->unescaped)
        parser->unescaped = g_string_sized_new(256);
    g_string_truncate(parser->unescaped, 0);
    append_plain(parser, begin, is_utf8);
    while (peek(parser) == '\\') {
        parser->cursor++;
        if (!unescape(parser))
            return FALSE;
        begin = parser->cursor;
        if (!skip_plain(parser, &is_utf8))
            return FALSE;
        append_plain(parser, begin, is_utf8);
    }
    return TRUE;
}

/* At the opening quote. *text points into the JSON text where it is what the string says, else into
 * parser->unescaped. */
static gboolean parse_text(Parser *parser, const char **text, gsize *length)
{
    const char *begin = ++parser->cursor;
    gboolean is_utf8;
    if (!skip_plain(parser, &is_utf8))
        return FALSE;
    *text = begin;
    *length = (gsize)(parser->cursor - begin);
    if (!is_utf8 || peek(parser) == '\\') {
        if (!unescape_rest(parser, begin, is_utf8))
            return FALSE;
        *text = parser->unescaped->str;
        *length = parser->unescaped->len;
    }
    if (peek(parser) != '"') {
        fail(parser, JSON_ERROR_SYNTAX, "a string without end, or a control character in it");
        return FALSE;
    }
    parser->cursor++;
    return TRUE;
}

static json_t *parse_string(Parser *parser)
{
    const char *text;
    gsize length;
    return parse_text(parser, &text, &length) ? json_stringn_nocheck(text, length) : NULL;
}

static gboolean enter(Parser *parser)
{
    parser->cursor++;
    if (++parser->depth <= MAX_NESTING)
        return TRUE;
    fail(parser, JSON_ERROR_SYNTAX, "nested too deeply");
    return FALSE;
}

/* Behind an element: at its comma (TRUE, moved behind it), at the closing bracket (FALSE, moved behind it),
 * or a failure. */
static gboolean next_element(Parser *parser, char closing, gboolean *failed)
{
    char found = skip_space(parser);
    *failed = found != ',' && found != closing;
    if (*failed)
        fail_unexpected(parser);
    else
        parser->cursor++;
    return found == ',';
}

static json_t *parse_array(Parser *parser)
{
    if (!enter(parser))
        return NULL;
    g_autoptr(json_t) array = json_array();
    gboolean failed = FALSE, more = skip_space(parser) != ']';
    if (!more)
        parser->cursor++;
    while (more) {
        if (json_array_append_new(array, parse_value(parser)) != 0)
            return NULL;
        more = next_element(parser, ']', &failed);
    }
    parser->depth--;
    return failed ? NULL : g_steal_pointer(&array);
}

static gboolean parse_member(Parser *parser, json_t *object)
{
    if (skip_space(parser) != '"') {
        fail_unexpected(parser);
        return FALSE;
    }
    const char *text;
    gsize length;
    if (!parse_text(parser, &text, &length))
        return FALSE;
    if (memchr(text, '\0', length)) {
        fail(parser, JSON_ERROR_UNREPRESENTABLE, "NUL in a key");
        return FALSE;
    }
    /* Values may need the buffer that an unescaped key is in. */
    g_autofree char *copy =
        parser->unescaped && text == parser->unescaped->str ? g_memdup2(text, length) : NULL;
    if (skip_space(parser) != ':') {
        fail_unexpected(parser);
        return FALSE;
    }
    parser->cursor++;
    return json_object_setn_new_nocheck(object, copy ? copy : text, length, parse_value(parser)) == 0;
}

static json_t *parse_object(Parser *parser)
{
    if (!enter(parser))
        return NULL;
    g_autoptr(json_t) object = json_object();
    gboolean failed = FALSE, more = skip_space(parser) != '}';
    if (!more)
        parser->cursor++;
    while (more) {
        if (!parse_member(parser, object))
            return NULL;
        more = next_element(parser, '}', &failed);
    }
    parser->depth--;
    return failed ? NULL : g_steal_pointer(&object);
}

static json_t *parse_value(Parser *parser)
{
    char first = skip_space(parser);
    switch (first) {
    case '{':
        return parse_object(parser);
    case '[':
        return parse_array(parser);
    case '"':
        return parse_string(parser);
    case 't':
        return parse_word(parser, "true", json_true());
    case 'f':
        return parse_word(parser, "false", json_false());
    case 'n':
        return parse_word(parser, "null", json_null());
    default:
        if (first == '-' || g_ascii_isdigit(first))
            return parse_number(parser);
        fail_unexpected(parser);
        return NULL;
    }
}

static json_t *parse(const char *text, gsize length, gboolean lenient, GError **error)
{
    Parser parser = {.start = text, .cursor = text, .end = text + length, .lenient = lenient, .error = error};
    g_autoptr(json_t) value = parse_value(&parser);
    if (parser.unescaped)
        g_string_free(parser.unescaped, TRUE);
    if (!value)
        return NULL;
    skip_space(&parser);
    if (parser.cursor == parser.end)
        return g_steal_pointer(&value);
    fail_unexpected(&parser);
    return NULL;
}

json_t *json_parse(const char *text, gsize length, GError **error)
{
    return parse(text, length, FALSE, error);
}

json_t *json_parse_lenient(const char *text, gsize length, GError **error)
{
    return parse(text, length, TRUE, error);
}
