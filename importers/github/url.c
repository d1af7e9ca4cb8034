#include "importers/github/url.h"

#include "importers/github/client.h"

#include <string.h>

#define GITHUB_API_ENDPOINT "https://api.github.com"
#define GITHUB_WEB_ENDPOINT "https://github.com"

static GUri *parse(const char *url, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GUri) uri = g_uri_parse(url ? url : "", G_URI_FLAGS_ENCODED, &cause);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    if ((g_str_equal(scheme, "http") || g_str_equal(scheme, "https")) && host && *host)
        return g_steal_pointer(&uri);
    /* The cause may quote the URL, and with it a secret. */
    g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL, "Not an http or https URL (scheme '%s')",
                scheme);
    return NULL;
}

static char *server_address(GUri *uri, const char *path)
{
    return g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(uri), NULL, g_uri_get_host(uri),
                      g_uri_get_port(uri), path, NULL, NULL);
}

static char *without_trailing_slash(const char *url)
{
    char *copy = g_strdup(url);
    for (gsize length = strlen(copy); length && copy[length - 1] == '/'; length--)
        copy[length - 1] = '\0';
    return copy;
}

static gboolean is_github_com(GUri *uri)
{
    return g_ascii_strcasecmp(g_uri_get_host(uri), "github.com") == 0;
}

char *github_api_endpoint(const char *import_url, const char *site, GError **error)
{
    g_autoptr(GUri) uri = parse(import_url, error);
    if (!uri)
        return NULL;
    if (is_github_com(uri))
        return without_trailing_slash(site && *site ? site : GITHUB_API_ENDPOINT);
    return server_address(uri, "/api/v3");
}

char *github_graphql_endpoint(const char *api_endpoint)
{
    gsize length = strlen(api_endpoint);
    if (g_str_has_suffix(api_endpoint, "/api/v3"))
        length -= strlen("/v3");
    return g_strdup_printf("%.*s/graphql", (int)length, api_endpoint);
}

char *github_web_endpoint(const char *import_url, const char *site, GError **error)
{
    g_autoptr(GUri) uri = parse(import_url, error);
    if (!uri)
        return NULL;
    if (!is_github_com(uri))
        return server_address(uri, "");
    if (!site || !*site || g_str_has_prefix(site, GITHUB_API_ENDPOINT))
        return g_strdup(GITHUB_WEB_ENDPOINT);
    g_autoptr(GUri) site_uri = parse(site, error);
    return site_uri ? server_address(site_uri, "") : NULL;
}

gboolean github_is_enterprise(const char *import_url)
{
    g_autoptr(GUri) uri = parse(import_url, NULL);
    return !uri || !is_github_com(uri);
}

char *github_url_with_token(const char *import_url, const char *token, GError **error)
{
    g_autoptr(GUri) uri = parse(import_url, error);
    if (!uri)
        return NULL;
    g_autofree char *user = g_uri_escape_string(token, NULL, FALSE);
    return g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(uri), user, g_uri_get_host(uri),
                      g_uri_get_port(uri), g_uri_get_path(uri), g_uri_get_query(uri), NULL);
}

char *github_request_url(const char *endpoint, const char *path, const char *query, guint per_page)
{
    g_autofree char *escaped = g_uri_escape_string(path, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH, FALSE);
    GString *url = g_string_new(endpoint);
    g_string_append_printf(url, "/%s", escaped);
    if (query && *query)
        g_string_append_printf(url, "?%s", query);
    if (per_page)
        g_string_append_printf(url, "%cper_page=%u", query && *query ? '&' : '?', per_page);
    return g_string_free(url, FALSE);
}

gboolean github_url_trusted(const char *url, const char *endpoint)
{
    g_autoptr(GUri) here = parse(endpoint, NULL);
    g_autoptr(GUri) there = parse(url, NULL);
    if (!here || !there || g_ascii_strcasecmp(g_uri_get_host(here), g_uri_get_host(there)) != 0)
        return FALSE;
    return g_str_equal(g_uri_get_scheme(there), "https") || g_str_equal(g_uri_get_scheme(here), "http");
}

guint github_url_page(const char *url)
{
    g_autoptr(GUri) uri = parse(url, NULL);
    const char *query = uri ? g_uri_get_query(uri) : NULL;
    if (!query)
        return 0;
    g_autoptr(GHashTable) params = g_uri_parse_params(query, -1, "&", G_URI_PARAMS_NONE, NULL);
    const char *page = params ? g_hash_table_lookup(params, "page") : NULL;
    return page ? (guint)g_ascii_strtoull(page, NULL, 10) : 0;
}

char *github_url_resolve(const char *url, const char *location, GError **error)
{
    g_autofree char *resolved = g_uri_resolve_relative(url, location, G_URI_FLAGS_ENCODED, NULL);
    g_autoptr(GUri) uri = parse(resolved, error);
    return uri ? g_steal_pointer(&resolved) : NULL;
}

gboolean github_repository_valid(const char *import_source)
{
    return import_source && g_regex_match_simple("\\A[\\w.-]+/[\\w.-]+\\z", import_source, 0, 0);
}

char *github_redact(const char *text, const char *token)
{
    static gsize once;
    static GRegex *secrets;
    if (g_once_init_enter(&once)) {
        secrets = g_regex_new("(access_token|client_secret|api_key)=[^\\s&]+", G_REGEX_RAW, 0, NULL);
        g_once_init_leave(&once, 1);
    }
    g_autofree char *redacted = g_regex_replace(secrets, text, -1, 0, "\\1=(redacted)", 0, NULL);
    if (!token || !*token)
        return g_steal_pointer(&redacted);
    g_auto(GStrv) pieces = g_strsplit(redacted, token, -1);
    return g_strjoinv("(redacted)", pieces);
}
