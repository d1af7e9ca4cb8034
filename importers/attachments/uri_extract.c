#include "importers/attachments/uri_extract.h"

#include <glib.h>
#include <string.h>

/* Beside letters, digits and %hh, in RFC 2396's words: */
#define MARK     "-_.!~*'()"
#define HOSTNAME "-."
#define USERINFO MARK ";:&=+$,"
#define PATH     MARK ":@&=+$,;/"
#define URIC     MARK ";/?:@&=+$,[]"

static gboolean is_escape(const char *at)
{
    return at[0] == '%' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]);
}

static gsize span(const char *text, const char *others)
{
    const char *at = text;
    while (*at && (g_ascii_isalnum(*at) || strchr(others, *at) || is_escape(at)))
        at += *at == '%' ? 3 : 1;
    return (gsize)(at - text);
}

static gsize host_length(const char *host)
{
    if (*host != '[')
        return span(host, HOSTNAME);
    gsize digits = strspn(host + 1, "0123456789abcdefABCDEF:.");
    return digits > 0 && host[1 + digits] == ']' ? digits + 2 : 0;
}

static gsize host_and_port_length(const char *host)
{
    gsize length = host_length(host);
    if (length == 0 || host[length] != ':')
        return length;
    return length + 1 + strspn(host + length + 1, "0123456789");
}

static gsize server_length(const char *server)
{
    gsize user = span(server, USERINFO);
    gsize host = server[user] == '@' ? host_and_port_length(server + user + 1) : 0;
    return host > 0 ? user + 1 + host : host_and_port_length(server);
}

/* With the separator before it. */
static gsize part_length(const char *at, char separator, const char *others)
{
    return *at == separator ? 1 + span(at + 1, others) : 0;
}

static gsize hierarchical_length(const char *address)
{
    gsize length = g_str_has_prefix(address, "//") ? 2 + server_length(address + 2) : 0;
    length += part_length(address + length, '/', PATH);
    return length + part_length(address + length, '?', URIC);
}

/* Of what follows the scheme: all as it comes, or, behind a slash, part by part. */
static gsize address_length(const char *address)
{
    gboolean is_opaque = !strchr("/[]", *address);
    gsize length = is_opaque ? span(address, URIC) : hierarchical_length(address);
    return length + part_length(address + length, '#', URIC);
}

/* With its colon; 0: not one of them. */
static gsize scheme_length(const char *at)
{
    if (g_str_has_prefix(at, "http:"))
        return strlen("http:");
    return g_str_has_prefix(at, "https:") ? strlen("https:") : 0;
}

char *uri_extract_first(const char *text)
{
    for (const char *at = strstr(text, "http"); at; at = strstr(at + 1, "http")) {
        gsize scheme = scheme_length(at);
        if (scheme > 0)
            return g_strndup(at, scheme + address_length(at + scheme));
    }
    return NULL;
}
