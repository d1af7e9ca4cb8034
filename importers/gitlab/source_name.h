/*
 * The display name of a GitHub user, asked for once per project and login
 * (lib/gitlab/github_import/user_finder.rb, fetch_source_name_from_github).
 */
#pragma once

#include "importers/github/client.h"

/* *name (transfer full) is NULL where the account has none. A login that GitHub does not know is its own
 * name. Errors: those of GitHub, EXCLUSIVE_LEASE_ERROR. */
gboolean source_name_find(Session *session, GithubClient *github, const Project *project, const char *login,
                          char **name, GError **error);
