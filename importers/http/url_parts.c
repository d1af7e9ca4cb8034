#include "importers/http/url_parts.h"

#include "importers/http/exchange.h"

#include <string.h>

/* NULL when the URL has no such part. (transfer full) */
static char *part(const CurlUrl *url, CURLUPart which, unsigned int flags)
{
    char *value = NULL;
    if (curl_url_get((CurlUrl *)url, which, &value, flags) != CURLUE_OK)
        return NULL;
    char *copy = g_strdup(value);
    curl_free(value);
    return copy;
}

static gboolean check(const CurlUrl *url, CURLUcode result, GError **error)
{
    g_autofree char *scheme = result == CURLUE_OK ? part(url, CURLUPART_SCHEME, 0) : NULL;
    g_autofree char *host = scheme ? part(url, CURLUPART_HOST, 0) : NULL;
    gboolean http = g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0;
    if (http && host && *host)
        return TRUE;
    if (scheme && !http)
        g_set_error(error, HTTP_ERROR, HTTP_ERROR_INVALID_URL,
                    "Only allowed schemes are http, https (not '%s')", scheme);
    else
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_INVALID_URL, "Not an http or https URL");
    return FALSE;
}

CurlUrl *url_parts_parse(const char *url, GError **error)
{
    g_autoptr(CurlUrl) parsed = curl_url();
    CURLUcode result = curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    return check(parsed, result, error) ? g_steal_pointer(&parsed) : NULL;
}

char *url_parts_host(const CurlUrl *url)
{
    char *host = part(url, CURLUPART_HOST, 0);
    gsize length = strlen(host);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        memmove(host, host + 1, length - 1);
    }
    return host;
}

guint url_parts_port(const CurlUrl *url)
{
    g_autofree char *port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    return (guint)g_ascii_strtoull(port, NULL, 10);
}

char *url_parts_follow(const char *url, const char *location, GError **error)
{
    g_autoptr(CurlUrl) target = url_parts_parse(url, error);
    if (!target)
        return NULL;
    CURLUcode result =
        curl_url_set(target, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE);
    if (!check(target, result, error)) {
        g_prefix_error(error, "Redirect: ");
        return NULL;
    }
    curl_url_set(target, CURLUPART_USER, NULL, 0);
    curl_url_set(target, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(target, CURLUPART_FRAGMENT, NULL, 0);
    return part(target, CURLUPART_URL, 0);
}

gboolean url_parts_same_server(const char *url, const char *other)
{
    g_autoptr(CurlUrl) here = url_parts_parse(url, NULL);
    g_autoptr(CurlUrl) there = url_parts_parse(other, NULL);
    if (!here || !there)
        return FALSE;
    g_autofree char *scheme = part(here, CURLUPART_SCHEME, 0);
    g_autofree char *other_scheme = part(there, CURLUPART_SCHEME, 0);
    g_autofree char *host = url_parts_host(here);
    g_autofree char *other_host = url_parts_host(there);
    return g_str_equal(scheme, other_scheme) && g_ascii_strcasecmp(host, other_host) == 0 &&
           url_parts_port(here) == url_parts_port(there);
}
