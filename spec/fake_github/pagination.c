#include "spec/fake_github/pagination.h"

#include <string.h>

enum { DEFAULT_PER_PAGE = 30, MAXIMUM_PER_PAGE = 100 };

static const char CURSOR_PREFIX[] = "cursor:v2:";

static char *encode_cursor(guint position)
{
    g_autofree char *text = g_strdup_printf("%s%u", CURSOR_PREFIX, position);
    g_autofree char *encoded = g_base64_encode((const guchar *)text, strlen(text));
    return g_uri_escape_string(encoded, NULL, FALSE);
}

static gboolean decode_cursor(const char *cursor, guint *position)
{
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode(cursor, &length);
    g_autofree char *text = g_strndup((const char *)bytes, length);
    guint64 value = 0;
    if (!g_str_has_prefix(text, CURSOR_PREFIX) ||
        !g_ascii_string_to_unsigned(text + strlen(CURSOR_PREFIX), 10, 0, G_MAXINT, &value, NULL)) {
        return FALSE;
    }
    *position = (guint)value;
    return TRUE;
}

gboolean page_parse(Page *page, const Request *request, guint total, const PageRules *rules)
{
    const char *after = rules->cursors ? request_parameter(request, "after") : NULL;
    page->per_page =
        MIN(request_positive_parameter(request, "per_page", DEFAULT_PER_PAGE), (guint)MAXIMUM_PER_PAGE);
    page->number = request_positive_parameter(request, "page", 1);
    page->total = total;
    page->rules = *rules;
    guint64 first = (guint64)(page->number - 1) * page->per_page;
    page->first = (guint)MIN(first, total);
    if (after != NULL && !decode_cursor(after, &page->first)) {
        return FALSE;
    }
    if (rules->cursors && after == NULL && page->number > rules->last_numbered_page) {
        return FALSE;
    }
    if (rules->limit > 0 && first >= rules->limit) {
        return FALSE;
    }
    page->first = MIN(page->first, total);
    page->count = MIN(page->per_page, total - page->first);
    return TRUE;
}

/* The client's query without its position, which the link states anew. */
static GString *query_without_position(const char *query)
{
    static const char *const POSITIONS[] = {"page=", "after=", "before="};
    g_auto(GStrv) parameters = g_strsplit(query, "&", -1);
    GString *kept = g_string_new(NULL);
    for (char **parameter = parameters; *parameter != NULL; parameter++) {
        gboolean is_position = **parameter == '\0';
        for (gsize i = 0; i < G_N_ELEMENTS(POSITIONS); i++) {
            is_position = is_position || g_str_has_prefix(*parameter, POSITIONS[i]);
        }
        if (!is_position) {
            g_string_append_printf(kept, "%s&", *parameter);
        }
    }
    return kept;
}

typedef struct {
    GString *header;
    const char *url;
    const char *query;
} Links;

static void add_link(Links *links, const char *relation, const char *cursor, guint number)
{
    if (links->header->len > 0) {
        g_string_append(links->header, ", ");
    }
    g_string_append_printf(links->header, "<%s?%s", links->url, links->query);
    if (cursor != NULL) {
        g_string_append_printf(links->header, "after=%s&", cursor);
    }
    g_string_append_printf(links->header, "page=%u>; rel=\"%s\"", number, relation);
}

static void add_numbered_links(Links *links, const Page *page)
{
    guint end = (page->total + page->per_page - 1) / page->per_page;
    guint last = page->rules.limit > 0 ? MIN(end, page->rules.limit / page->per_page) : end;
    if (page->number > 1) {
        add_link(links, "prev", NULL, MIN(page->number - 1, end));
    }
    if (page->number < end) {
        add_link(links, "next", NULL, page->number + 1);
        add_link(links, "last", NULL, last);
    }
    if (page->number > 1) {
        add_link(links, "first", NULL, 1);
    }
}

static void add_cursor_links(Links *links, const Page *page)
{
    if (page->first >= page->per_page) {
        g_autofree char *cursor = encode_cursor(page->first - page->per_page);
        add_link(links, "prev", cursor, MAX(page->number, 2) - 1);
    }
    if (page->first + page->count < page->total) {
        g_autofree char *cursor = encode_cursor(page->first + page->count);
        add_link(links, "next", cursor, page->number + 1);
    }
}

char *page_link_header(const Page *page, const char *url, const char *query)
{
    if (page->total <= page->per_page) {
        return NULL;
    }
    GString *kept = query_without_position(query);
    Links links = {g_string_new(NULL), url, kept->str};
    if (page->rules.cursors) {
        add_cursor_links(&links, page);
    } else {
        add_numbered_links(&links, page);
    }
    g_string_free(kept, TRUE);
    return g_string_free(links.header, FALSE);
}
