/*
 * The display name of a GitHub user, asked for once per project and login
 * (lib/gitlab/github_import/user_finder.rb, fetch_source_name_from_github). Cached for 24 hours at
 * github-import/user-finder/PROJECT/source-name/LOGIN; "" for an account without name.
 */
#pragma once

#include "importers/github/client.h"

/* *name (transfer full) is NULL where the account has none. A login that GitHub does not know is its own
 * name. Errors: those of GitHub, EXCLUSIVE_LEASE_ERROR. */
gboolean source_name_find(Session *session, GithubClient *github, const Project *project, const char *login,
                          char **name, GError **error);
/* Which of `logins` (of char *) are in the cache, in their order and one round trip: values, NULL where they
 * are not. (transfer full; array of char *) */
GPtrArray *source_name_read(Session *session, const Project *project, const GPtrArray *logins,
                            GError **error);
/* Adds to `pairs` (cache_write_multiple) what `user`, GitHub's answer for the login, leaves in the cache. */
void source_name_remember(GPtrArray *pairs, const Project *project, const char *login, const json_t *user);
