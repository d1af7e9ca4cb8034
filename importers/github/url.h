/*
 * The addresses of a GitHub server (lib/gitlab/github_import.rb, lib/gitlab/github_import/client.rb:
 * api_endpoint, web_endpoint) and what may be done with addresses that a server sends. Pure functions;
 * thread-safe. Addresses have no trailing slash.
 */
#pragma once

#include <glib.h>

/* An import URL at github.com: `site` (gitlab.yml, may be NULL), else https://api.github.com. Any other:
 * scheme://host:port/api/v3. GITHUB_ERROR_INVALID_URL when it is no http(s) URL. (transfer full) */
char *github_api_endpoint(const char *import_url, const char *site, GError **error);
/* Of the same server: ENDPOINT/graphql; for HOST/api/v3 HOST/api/graphql. (transfer full) */
char *github_graphql_endpoint(const char *api_endpoint);
/* The same server as people see it. (transfer full) */
char *github_web_endpoint(const char *import_url, const char *site, GError **error);
/* GitHub Enterprise: any server but github.com. */
gboolean github_is_enterprise(const char *import_url);
/* `import_url` with `token` as its user: a secret. (transfer full) */
char *github_url_with_token(const char *import_url, const char *token, GError **error);
/* ENDPOINT/PATH?QUERY&per_page=N. `path` is plain text, `query` (may be NULL) is encoded already; per_page 0
 * adds none. (transfer full) */
char *github_request_url(const char *endpoint, const char *path, const char *query, guint per_page);

/* Whether the token may be sent to `url` as well: the same host as `endpoint`, and no step from https down to
 * http. */
gboolean github_url_trusted(const char *url, const char *endpoint);
/* The number in the parameter `page`; 0 if there is none. */
guint github_url_page(const char *url);
/* `location` as seen from `url`. (transfer full) */
char *github_url_resolve(const char *url, const char *location, GError **error);

/* "owner/name": word characters, dots and dashes on both sides of one slash. */
gboolean github_repository_valid(const char *import_source);

/* The text without values of access_token=, client_secret= and api_key=, and without `token`. (transfer full)
 */
char *github_redact(const char *text, const char *token);
