#include "importers/git/diff/quoted_path.h"

#include <string.h>

static gboolean needs_escape(guchar byte)
{
    return byte < ' ' || byte >= 0x7f || byte == '"' || byte == '\\';
}

static gboolean needs_quotes(const char *path)
{
    while (*path && !needs_escape((guchar)*path))
        path++;
    return *path != 0;
}

static void append_escaped(GString *text, guchar byte)
{
    static const char codes[] = "\a\b\t\n\v\f\r\"\\", letters[] = "abtnvfr\"\\";
    const char *code = strchr(codes, byte);
    g_string_append_c(text, '\\');
    if (code)
        g_string_append_c(text, letters[code - codes]);
    else
        g_string_append_printf(text, "%03o", byte);
}

void append_quoted_path(GString *text, const char *prefix, const char *path)
{
    if (!needs_quotes(path)) {
        g_string_append(text, prefix);
        g_string_append(text, path);
        return;
    }
    g_string_append_c(text, '"');
    g_string_append(text, prefix);
    for (; *path; path++) {
        if (needs_escape((guchar)*path))
            append_escaped(text, (guchar)*path);
        else
            g_string_append_c(text, *path);
    }
    g_string_append_c(text, '"');
}
