#include "importers/attachments/attachment.h"
#include "importers/attachments/autoptr_cmark.h"
#include "importers/attachments/html_image.h"
#include "importers/attachments/markdown_limits.h"
#include "importers/attachments/uri_extract.h"

#include <string.h>

/* The last letters of an address; neither a dot nor the case is Ruby's concern. */
static const char *const MEDIA_TYPES[] = {"gif", "jpeg", "jpg", "mov", "mp4", "png", "svg", "webm", NULL};
static const char *const DOC_TYPES[] = {
    "csv", "docx", "fodg", "fodp", "fods", "fodt", "gz",  "log", "md",   "odf", "odg",
    "odp", "ods",  "odt",  "pdf",  "pptx", "tgz",  "txt", "xls", "xlsx", "zip", NULL,
};

static gboolean ends_with(const char *url, const char *const *types)
{
    while (*types && !g_str_has_suffix(url, *types))
        types++;
    return *types != NULL;
}

/* What the server itself is asked to show may be an image without saying so. */
static gboolean is_media(const char *url, const char *web_endpoint)
{
    return g_str_has_prefix(url, web_endpoint) ||
           (g_str_has_prefix(url, GITHUB_MEDIA_CDN) && ends_with(url, MEDIA_TYPES));
}

static gboolean is_document(const char *url, const char *web_endpoint)
{
    return g_str_has_prefix(url, web_endpoint) && ends_with(url, DOC_TYPES);
}

/* --- nodes --- */

static void append_plain_text(GString *text, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
    case CMARK_NODE_CODE:
        g_string_append(text, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK:
        g_string_append_c(text, ' ');
        break;
    default:
        break;
    }
}

/* (transfer full) */
static char *paragraph_text(cmark_node *paragraph)
{
    g_autoptr(cmark_iter) nodes = cmark_iter_new(paragraph);
    GString *text = g_string_new(NULL);
    for (cmark_event_type event; (event = cmark_iter_next(nodes)) != CMARK_EVENT_DONE;)
        if (event == CMARK_EVENT_ENTER)
            append_plain_text(text, cmark_iter_get_node(nodes));
    return g_string_free(text, FALSE);
}

/* An address that stands in a text by itself. GitHub puts media so. (transfer full) */
static char *bare_address(cmark_node *paragraph)
{
    g_autofree char *text = paragraph_text(paragraph);
    return uri_extract_first(text);
}

/* NULL: none. (transfer full) */
static char *address_of(cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_IMAGE:
    case CMARK_NODE_LINK:
        return g_strdup(cmark_node_get_url(node));
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_HTML_INLINE:
        return html_first_image_source(cmark_node_get_literal(node));
    case CMARK_NODE_TEXT:
        return uri_extract_first(cmark_node_get_literal(node));
    case CMARK_NODE_PARAGRAPH:
        return bare_address(node);
    default:
        return NULL;
    }
}

static gboolean is_attachment(cmark_node *node, const char *url, const char *web_endpoint)
{
    return cmark_node_get_type(node) == CMARK_NODE_LINK ? is_document(url, web_endpoint)
                                                        : is_media(url, web_endpoint);
}

/* --- the text --- */

static void collect(cmark_node *document, const char *web_endpoint, GPtrArray *urls)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(cmark_iter) nodes = cmark_iter_new(document);
    for (cmark_event_type event; (event = cmark_iter_next(nodes)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(nodes);
        g_autofree char *url = event == CMARK_EVENT_ENTER ? address_of(node) : NULL;
        if (!url || !is_attachment(node, url, web_endpoint) || g_hash_table_contains(seen, url))
            continue;
        g_hash_table_add(seen, url);
        g_ptr_array_add(urls, g_steal_pointer(&url));
    }
}

/* Where neither server is named nothing has to be parsed: what an entity hides could not be replaced. */
static gboolean may_have_attachments(const char *text, const char *web_endpoint)
{
    return strstr(text, web_endpoint) || strstr(text, GITHUB_MEDIA_CDN);
}

GPtrArray *attachments_find(const char *text, const char *web_endpoint)
{
    GPtrArray *urls = g_ptr_array_new_with_free_func(g_free);
    if (!text || !may_have_attachments(text, web_endpoint))
        return urls;
    g_autofree char *limited = g_strdup(text);
    markdown_limit(limited);
    g_autoptr(cmark_node) document = cmark_parse_document(limited, strlen(limited), CMARK_OPT_DEFAULT);
    collect(document, web_endpoint, urls);
    return urls;
}
