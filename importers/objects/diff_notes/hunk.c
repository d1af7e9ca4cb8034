#include "importers/objects/diff_notes/hunk.h"

#include <string.h>

static gsize line_length(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? (gsize)(end - line) : strlen(line);
}

/* The names of the file, before the first hunk. */
static gboolean is_file_name(const char *line)
{
    static const char *const beginnings[] = {
        "--- /dev/null", "+++ /dev/null", "--- a", "+++ b", "+++ a", "--- /tmp/diffy", "+++ /tmp/diffy",
    };
    for (guint i = 0; i < G_N_ELEMENTS(beginnings); i++)
        if (g_str_has_prefix(line, beginnings[i]))
            return TRUE;
    return FALSE;
}

/* "Binary files a/x and b/x differ" has no lines (lib/gitlab/git/diff.rb). */
static gboolean has_binary_notice(const char *hunk)
{
    if (!g_str_has_prefix(hunk, "Binary files "))
        return FALSE;
    g_autofree char *line = g_strndup(hunk, line_length(hunk));
    const char *second = strstr(line, " and ");
    return second && strstr(second, " differ");
}

/* The digits behind the first `sign` of the line; 0: there are none. */
static gint64 number_behind(const char *line, gsize length, char sign)
{
    const char *at = memchr(line, sign, length);
    return at && g_ascii_isdigit(at[1]) ? MIN(g_ascii_strtoll(at + 1, NULL, 10), G_MAXINT) : 0;
}

static char type_of(const char *line)
{
    if (g_str_has_prefix(line, "@@ -"))
        return '@';
    return *line == '+' || *line == '-' || *line == '\\' ? *line : ' ';
}

GArray *hunk_parse(const char *hunk)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(HunkLine));
    gint64 old_line = 1, new_line = 1;
    gboolean in_content = FALSE; /* Ruby forgets it after each context line */
    if (has_binary_notice(hunk))
        return lines;
    for (const char *line = hunk; *line;) {
        gsize length = line_length(line);
        char type = type_of(line);
        const char *next = line[length] == '\n' ? line + length + 1 : line + length;
        if (!is_file_name(line) || in_content) {
            if (type == '@') {
                old_line = number_behind(line, length, '-');
                new_line = number_behind(line, length, '+');
            }
            HunkLine parsed = {type, old_line, new_line, line, length};
            if (type != '@' || old_line > 1 || new_line > 1)
                g_array_append_val(lines, parsed);
            old_line += type == '-' || type == ' ';
            new_line += type == '+' || type == ' ';
            in_content = type != ' ';
        }
        line = next;
    }
    return lines;
}

char *hunk_line_code(const char *path, gint64 old_line, gint64 new_line)
{
    g_autofree char *file = g_compute_checksum_for_string(G_CHECKSUM_SHA1, path, -1);
    return g_strdup_printf("%s_%" G_GINT64_FORMAT "_%" G_GINT64_FORMAT, file, old_line, new_line);
}
