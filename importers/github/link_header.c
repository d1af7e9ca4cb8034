#include "importers/github/link_header.h"

#include "importers/github/client.h"

static GRegex *link_pattern(void)
{
    static gsize once;
    static GRegex *pattern;
    if (g_once_init_enter(&once)) {
        pattern = g_regex_new("\\A<([^>]*)>; rel=\"(\\w+)\"\\z", G_REGEX_RAW, 0, NULL);
        g_once_init_leave(&once, 1);
    }
    return pattern;
}

gboolean link_header_next(const char *header, char **next, GError **error)
{
    *next = NULL;
    g_auto(GStrv) pieces = g_strsplit(header ? header : "", ", ", -1);
    g_autofree char *found = NULL;
    for (char **piece = pieces; *piece; piece++) {
        g_autoptr(GMatchInfo) match = NULL;
        if (!g_regex_match(link_pattern(), *piece, 0, &match)) {
            g_autofree char *valid = g_utf8_make_valid(*piece, -1);
            g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL, "Invalid Link header: %s", valid);
            return FALSE;
        }
        g_autofree char *relation = g_match_info_fetch(match, 2);
        if (!found && g_str_equal(relation, "next"))
            found = g_match_info_fetch(match, 1);
    }
    *next = g_steal_pointer(&found);
    return TRUE;
}
