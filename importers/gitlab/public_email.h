/*
 * The public e-mail address of a GitHub account (lib/gitlab/github_import/user_finder.rb,
 * email_for_github_username), asked for once per project and cached for 24 hours for all projects:
 *
 *     github-import/user-finder/email-for-username/LOGIN       the address; "": the account shows none
 *     github-import/user-finder/PROJECT/email-fetched/LOGIN    1: this project has asked, and there was none
 *     github-import/user-finder/user-etag/LOGIN                of an answer without address; the next project
 *                                                              asks with it, which costs nothing if unchanged
 */
#pragma once

#include "importers/github/client.h"

typedef struct PublicEmail {
    char *address;  /* NULL: there is none, as far as is known */
    gboolean known; /* FALSE: GitHub has to be asked */
} PublicEmail;

void public_email_free(PublicEmail *email);

/* What the cache knows of `logins` (of char *), in their order, in one round trip. (transfer full; array of
 * PublicEmail) */
GPtrArray *public_email_read(Session *session, const Project *project, const GPtrArray *logins,
                             GError **error);
/* Asks GitHub if necessary. *address is NULL when the account shows none or does not exist. (transfer full)
 * Errors: those of GitHub, EXCLUSIVE_LEASE_ERROR. */
gboolean public_email_find(Session *session, GithubClient *github, const Project *project, const char *login,
                           char **address, GError **error);
/* Adds to `pairs` (cache_write_multiple) what GitHub's answer leaves in the cache, save the ETag. `address`
 * may be NULL. */
void public_email_remember(GPtrArray *pairs, const Project *project, const char *login, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PublicEmail, public_email_free)
