#include "importers/gitlab/url_sanitizer.h"

/* With a limit, without which a long text takes quadratic time: of a longer scheme the end is one as well. */
#define SCHEME   "([a-zA-Z][a-zA-Z0-9+.-]{0,31}://)"
#define USER     "[^\\s/?#@:\"'<>]"
#define PASSWORD "[^\\s/?#@\"'<>]"

/* Compiled at each call: this runs only when something has failed, or once per job. */
static char *replace(const char *text, const char *pattern, const char *replacement)
{
    if (!text)
        return NULL;
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);
    return g_regex_replace(regex, text, -1, 0, replacement, 0, NULL);
}

char *url_sanitizer_mask(const char *text)
{
    g_autofree char *passwords_masked = replace(text, SCHEME "(" USER "*):" PASSWORD "+@", "\\1\\2:*****@");
    return replace(passwords_masked, SCHEME USER "+(:\\*{5})?@", "\\1*****\\2@");
}

char *url_sanitizer_strip(const char *url)
{
    return replace(url, SCHEME "[^\\s/?#]*@", "\\1");
}

char *url_sanitizer_base(const char *url)
{
    g_autofree char *stripped = url_sanitizer_strip(url);
    g_autoptr(GUri) uri = stripped ? g_uri_parse(stripped, G_URI_FLAGS_NONE, NULL) : NULL;
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    if (!host || !*host)
        return NULL;
    return g_uri_join(G_URI_FLAGS_NONE, g_uri_get_scheme(uri), NULL, host, g_uri_get_port(uri), "", NULL,
                      NULL);
}
