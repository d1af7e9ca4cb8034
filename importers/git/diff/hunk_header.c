#include "importers/git/diff/hunk_header.h"

#include <string.h>

#define FUNCTION_MAX 80 /* bytes */

void hunk_headers_begin(HunkHeaders *headers, const char *old_text, gsize length)
{
    *headers = (HunkHeaders){.position = old_text, .end = old_text + length};
}

/* git's def_ff(), for files that no attribute gives a language. */
static gboolean is_function(char first)
{
    return g_ascii_isalpha(first) || first == '_' || first == '$';
}

static void skip_line(HunkHeaders *headers)
{
    const char *line = headers->position;
    const char *line_end = memchr(line, '\n', (gsize)(headers->end - line));
    headers->position = line_end ? line_end + 1 : headers->end;
    headers->line++;
    if (is_function(*line)) {
        headers->function = line;
        headers->function_length = (gsize)(headers->position - line);
    }
}

static gboolean is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void append_function(const HunkHeaders *headers, GString *text)
{
    const char *valid_end;
    gsize length = MIN(headers->function_length, FUNCTION_MAX);
    while (is_space(headers->function[length - 1]))
        length--;
    g_utf8_validate_len(headers->function, length, &valid_end);
    g_string_append_c(text, ' ');
    g_string_append_len(text, headers->function, valid_end - headers->function);
}

static void append_range(GString *text, char sign, gsize start, gsize lines)
{
    g_string_append_printf(text, "%c%" G_GSIZE_FORMAT, sign, start);
    if (lines != 1)
        g_string_append_printf(text, ",%" G_GSIZE_FORMAT, lines);
    g_string_append_c(text, ' ');
}

void hunk_headers_append(HunkHeaders *headers, const HunkRange *range, GString *text)
{
    gsize lines_before = range->old_lines ? range->old_start - 1 : range->old_start;
    while (headers->line < lines_before && headers->position < headers->end)
        skip_line(headers);
    g_string_append(text, "@@ ");
    append_range(text, '-', range->old_start, range->old_lines);
    append_range(text, '+', range->new_start, range->new_lines);
    g_string_append(text, "@@");
    if (headers->function)
        append_function(headers, text);
    g_string_append_c(text, '\n');
}
