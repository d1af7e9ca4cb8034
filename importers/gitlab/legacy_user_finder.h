/*
 * Which GitLab user stands for a GitHub user where contributions are not mapped (people_mode.h): the older
 * half of Gitlab::GithubImport::UserFinder (lib/gitlab/github_import/user_finder.rb). Somebody who signed in
 * with the GitHub account, or who has its public e-mail address, primary or secondary. Nobody is created.
 *
 * The answers are cached for 24 hours, "" for nobody:
 *
 *     github-import/user-finder/user-id/GITHUB_ID       by account; not asked for in imports from GitHub
 *                                                       Enterprise, whose ids mean other accounts
 *     github-import/user-finder/id-for-email/ADDRESS    by address
 *
 * The address is looked up first, even where the account is cached (public_email.h).
 */
#pragma once

#include "importers/github/client.h"
#include "importers/gitlab/table_columns.h"

/* *user_id is 0 for nobody. Errors: those of GitHub, EXCLUSIVE_LEASE_ERROR. */
gboolean legacy_user_finder_find(Session *session, GithubClient *github, const Project *project,
                                 gint64 github_id, const char *login, gint64 *user_id, GError **error);
/* Finds those of `users` (an array of GitHub's user objects, each with id and login) about whom GitHub need
 * not be asked, all at once: gint64 GitHub id -> gint64 user id, 0 for nobody. (transfer full) */
GHashTable *legacy_user_finder_find_known(Session *session, const Project *project, const json_t *users,
                                          GError **error);

extern const TableColumns identity_columns, email_columns;
