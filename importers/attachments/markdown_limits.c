#include "importers/attachments/markdown_limits.h"

#include <glib.h>
#include <string.h>

#define BLANK   " \t"
#define NOTHING '^' /* has no meaning in Markdown, and cannot be part of an address */

/* How often what is limited has begun since the last empty line. */
typedef struct Begun {
    guint images, markup;
} Begun;

/* ">", "-" or "12." with the blank behind it; 0: neither. */
static gsize marker_length(const char *at)
{
    if (*at == '>')
        return 1;
    gsize digits = strspn(at, "0123456789");
    const char *end = at + digits;
    gboolean is_marker = digits > 0 ? *end == '.' || *end == ')' : strchr("-+*", *end) != NULL;
    return *end && is_marker && (end[1] == ' ' || end[1] == '\t') ? digits + 2 : 0;
}

static void limit_prefix(char *line)
{
    char *at = line + strspn(line, BLANK);
    for (gsize length; (length = marker_length(at)) > 0; at += strspn(at, BLANK)) {
        if (at - line >= MARKDOWN_MAX_PREFIX) {
            *at = NOTHING;
            return;
        }
        at += length;
    }
}

static gboolean begins_markup(const char *at)
{
    return g_str_has_prefix(at, "<?") || g_str_has_prefix(at, "<![") ||
           (g_str_has_prefix(at, "<!") && g_ascii_isalpha(at[2]));
}

static gboolean is_one_too_many(guint *begun, guint limit)
{
    if (*begun == limit)
        return TRUE;
    ++*begun;
    return FALSE;
}

static void limit_openings(char *line, const char *end, Begun *begun)
{
    for (char *at = line; (at += strcspn(at, "!<\r\n")) < end; at++)
        if ((g_str_has_prefix(at, "![") && is_one_too_many(&begun->images, MARKDOWN_MAX_IMAGES)) ||
            (begins_markup(at) && is_one_too_many(&begun->markup, MARKDOWN_MAX_MARKUP)))
            *at = NOTHING;
}

void markdown_limit(char *text)
{
    Begun begun = {0};
    for (char *line = text; *line;) {
        char *end = line + strcspn(line, "\r\n");
        if (line + strspn(line, BLANK) == end)
            begun = (Begun){0};
        limit_prefix(line);
        limit_openings(line, end, &begun);
        line = end + (g_str_has_prefix(end, "\r\n") ? 2 : *end != '\0');
    }
}
