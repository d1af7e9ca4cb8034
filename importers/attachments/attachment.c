#include "importers/attachments/attachment.h"

#include <string.h>

static gboolean is_below(const char *url, const char *web_endpoint, const char *path, const char *folder)
{
    g_autofree char *prefix = g_strconcat(web_endpoint, "/", path, folder, NULL);
    return g_str_has_prefix(url, prefix);
}

AttachmentKind attachment_kind(const char *url, const char *web_endpoint, const char *import_source)
{
    if (is_below(url, web_endpoint, import_source, "/blob"))
        return ATTACHMENT_BLOB_LINK;
    if (is_below(url, web_endpoint, import_source, "/assets") || g_str_has_prefix(url, GITHUB_MEDIA_CDN) ||
        is_below(url, web_endpoint, import_source, "/files") ||
        is_below(url, web_endpoint, "user-attachments", "/"))
        return ATTACHMENT_FILE;
    return ATTACHMENT_UNCHANGED;
}

char *attachment_blob_url(const char *url, const char *web_endpoint, const char *import_source,
                          const char *project_url)
{
    g_autoptr(GString) path = g_string_new(url);
    g_string_replace(path, web_endpoint, "", 0);
    g_string_replace(path, import_source, "", 0);
    const char *below = path->str[0] == '/' ? path->str + 1 : path->str;
    return g_strconcat(project_url, "/-", below, NULL);
}

/* --- replacing --- */

static gboolean is_video(const char *url)
{
    return g_str_has_suffix(url, ".mov") || g_str_has_suffix(url, ".mp4") || g_str_has_suffix(url, ".webm");
}

/* What may stand at the end of an address as well as behind it: "see https://host/a.", "~~https://host/a~~".
 */
static gboolean is_punctuation(char c)
{
    return c != '\0' && strchr(".,;:!?*_~-=&+@$#", c) != NULL;
}

static gboolean is_inside_address(char c)
{
    return g_ascii_isalnum(c) || c == '%' || c == '/' || c == '(';
}

static gboolean goes_on(const char *behind)
{
    return is_inside_address(*behind) || (is_punctuation(*behind) && is_inside_address(behind[1]));
}

char *attachment_replace(const char *text, const char *url, const char *new_value)
{
    g_autofree char *value =
        is_video(new_value) ? g_strdup_printf("![media_attachment](%s)", new_value) : g_strdup(new_value);
    GString *result = g_string_new(NULL);
    for (const char *match; (match = strstr(text, url)); text = match + strlen(url)) {
        g_string_append_len(result, text, match - text);
        g_string_append(result, goes_on(match + strlen(url)) ? url : value);
    }
    g_string_append(result, text);
    return g_string_free(result, FALSE);
}

gboolean attachment_is_replaceable(const char *text, const char *url)
{
    for (const char *match; (match = strstr(text, url)); text = match + strlen(url))
        if (!goes_on(match + strlen(url)))
            return TRUE;
    return FALSE;
}
