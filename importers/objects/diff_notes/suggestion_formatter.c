#include "importers/objects/diff_notes/suggestion_formatter.h"

#include "importers/objects/representation.h"

#include <string.h>

#define MARK       "```suggestion"
#define MAX_INDENT 3

/* GitHub keeps a comment on the last line of its range. The lines of an outdated one are null; the original
 * ones never are. */
static gint64 lines_above(const json_t *note)
{
    static const char *const ranges[][2] = {
        {"start_line", "end_line"},
        {"original_start_line", "original_end_line"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++) {
        const json_t *first = json_object_get(note, ranges[i][0]);
        const json_t *last = json_object_get(note, ranges[i][1]);
        if (json_is_integer(first) && json_is_integer(last))
            return json_integer_value(last) - json_integer_value(first);
    }
    return 0;
}

/* \w of Ruby's regular expressions. */
static gboolean is_word(const char *at)
{
    switch (g_unichar_type(g_utf8_get_char(at))) {
    case G_UNICODE_CONNECT_PUNCTUATION:
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_SPACING_MARK:
        return TRUE;
    default:
        return g_unichar_isalpha(g_utf8_get_char(at));
    }
}

/* What follows the mark at the beginning of the line; NULL: there is none. */
static const char *behind_mark(const char *line)
{
    const char *at = line;
    while (*at == ' ' && at - line < MAX_INDENT)
        at++;
    if (!g_str_has_prefix(at, MARK))
        return NULL;
    at += strlen(MARK);
    return *at && is_word(at) ? NULL : at;
}

/* \R of Ruby's regular expressions. */
static gboolean is_line_break(gunichar character)
{
    return (character >= '\n' && character <= '\r') || character == 0x85 || character == 0x2028 ||
           character == 0x2029;
}

/* Where the line that goes on at `at` breaks: at its line feed. The last line has none; there any other
 * character that breaks lines will do, the last of them. NULL: there is none. */
static const char *line_break(const char *at)
{
    const char *last = strchr(at, '\n');
    if (last)
        return last;
    for (const char *c = at; *c; c = g_utf8_next_char(c))
        if (is_line_break(g_utf8_get_char(c)))
            last = c;
    return last;
}

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

char *suggestion_formatter_text(const json_t *note, gboolean *contains)
{
    g_autofree char *text = representation_text(note, "note");
    gboolean found = FALSE;
    GString *formatted = g_string_new(NULL);
    for (const char *line = text; line && *line; line = next_line(line)) {
        const char *rest = behind_mark(line), *end = rest ? line_break(rest) : NULL;
        if (end)
            g_string_append_printf(formatted, MARK ":-%" G_GINT64_FORMAT "+0", lines_above(note));
        g_string_append_len(formatted, end ? end : line, next_line(line) - (end ? end : line));
        found = found || end;
    }
    if (contains)
        *contains = found;
    return g_string_free(formatted, text == NULL);
}
