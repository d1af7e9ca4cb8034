/*
 * Parts of a URL as libcurl reads them: what is checked is what is connected to, however strange the spelling
 * ("http://2130706433/" is 127.0.0.1). Pure functions; thread-safe. No error text quotes a URL, which may be
 * a secret.
 */
#pragma once

#include "importers/http/autoptr_curl.h"

/* HTTP_ERROR_INVALID_URL when it is no http(s) URL with a host. (transfer full) */
CurlUrl *url_parts_parse(const char *url, GError **error);
/* Without brackets. (transfer full) */
char *url_parts_host(const CurlUrl *url);
guint url_parts_port(const CurlUrl *url);

/* `location` as seen from `url`, without the user, password and fragment that it may have. (transfer full) */
char *url_parts_follow(const char *url, const char *location, GError **error);
/* Both are http(s) URLs: same scheme, host and port? */
gboolean url_parts_same_server(const char *url, const char *other);
