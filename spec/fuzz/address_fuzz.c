/*
 * Any two lines as a URL and the redirect that it answers with, and any bytes as a Link header: what libcurl
 * reads is http or https with a host, and remains so behind a redirect, without credentials; the next page is
 * part of the header. Run by script/fuzz.
 */
#include "importers/github/link_header.h"
#include "importers/http/url_parts.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NULL when absent. (transfer full) */
static char *part(const CurlUrl *url, CURLUPart which)
{
    char *value = NULL;
    curl_url_get((CurlUrl *)url, which, &value, 0);
    char *copy = g_strdup(value);
    curl_free(value);
    return copy;
}

static void check_url(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(CurlUrl) url = url_parts_parse(text, &error);
    g_autofree char *scheme = url ? part(url, CURLUPART_SCHEME) : NULL,
                    *host = url ? url_parts_host(url) : NULL;
    if (!url && !error)
        g_error("neither a URL nor an error: %s", text);
    if (!url)
        return;
    if (!*host || url_parts_port(url) > G_MAXUINT16 ||
        (!g_str_equal(scheme, "http") && !g_str_equal(scheme, "https")))
        g_error("%s is at %s", text, host);
    if (!url_parts_same_server(text, text))
        g_error("%s is not at its own server", text);
}

static void check_redirect(const char *text, const char *location)
{
    g_autofree char *target = url_parts_follow(text, location, NULL);
    if (!target)
        return;
    g_autoptr(CurlUrl) url = url_parts_parse(target, NULL);
    if (!url)
        g_error("%s from %s leads to %s", location, text, target);
    g_autofree char *user = part(url, CURLUPART_USER), *password = part(url, CURLUPART_PASSWORD);
    g_autofree char *fragment = part(url, CURLUPART_FRAGMENT);
    if (user || password || fragment)
        g_error("%s from %s leads to %s", location, text, target);
}

static void check_link_header(const char *header)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *next = NULL;
    if (!link_header_next(header, &next, &error) && !g_utf8_validate(error->message, -1, NULL))
        g_error("no text: %s", error->message);
    if (next && !strstr(header, next))
        g_error("%s is not in %s", next, header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 2);
    check_link_header(text);
    if (!lines[0])
        return 0;
    check_url(lines[0]);
    if (lines[1])
        check_redirect(lines[0], lines[1]);
    return 0;
}
