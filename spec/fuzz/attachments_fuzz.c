/*
 * Any text as the body of an issue: each address that is found is GitHub's and found once; it has a kind, and
 * a file name that stays in its folder; replacing it changes that address and nothing else. Run by
 * script/fuzz.
 */
#include "importers/attachments/attachment.h"
#include "importers/attachments/attachment_file_name.h"
#include "importers/attachments/markdown_limits.h"

#include <stdint.h>
#include <string.h>

#define ENDPOINT    "https://github.com"
#define REPOSITORY  "acme/rocket"
#define PROJECT_URL "https://gitlab.example.com/acme/rocket"
#define MARK        "\x01"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_file_name(const char *url)
{
    g_autofree char *name = attachment_file_name(url);
    for (const char *at = name; at && *at; at++)
        if (!g_ascii_isalnum(*at) && !strchr("-_.", *at))
            g_error("%s is called %s", url, name);
    if (name && (!*name || *name == '.'))
        g_error("%s is called %s", url, name);
    attachment_video_extension(url);
}

static void check_kind(const char *url)
{
    if (attachment_kind(url, ENDPOINT, REPOSITORY) != ATTACHMENT_BLOB_LINK)
        return;
    g_autofree char *link = attachment_blob_url(url, ENDPOINT, REPOSITORY, PROJECT_URL);
    if (!g_str_has_prefix(link, PROJECT_URL "/-"))
        g_error("%s leads to %s", url, link);
}

/* Where the address was there is the mark now, and nowhere else. */
static void check_replacement(const char *text, const char *url)
{
    if (strstr(text, MARK))
        return;
    g_autofree char *replaced = attachment_replace(text, url, MARK);
    g_autoptr(GString) again = g_string_new(replaced);
    g_string_replace(again, MARK, url, 0);
    if (!g_str_equal(again->str, text))
        g_error("without %s: %s", url, replaced);
}

static void check_limits(const char *text)
{
    g_autofree char *limited = g_strdup(text);
    markdown_limit(limited);
    if (strlen(limited) != strlen(text))
        g_error("another length: %s", limited);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GPtrArray) urls = attachments_find(text, ENDPOINT);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    check_limits(text);
    check_file_name(text);
    for (guint i = 0; i < urls->len; i++) {
        const char *url = urls->pdata[i];
        if (!g_str_has_prefix(url, ENDPOINT) && !g_str_has_prefix(url, GITHUB_MEDIA_CDN))
            g_error("%s is not GitHub's", url);
        if (!g_hash_table_add(seen, urls->pdata[i]))
            g_error("%s is found twice", url);
        check_kind(url);
        check_file_name(url);
        check_replacement(text, url);
    }
    return 0;
}
