/*
 * What a fetch and a push have in common: the URL without its credentials, which libgit2 gets only when the
 * server asks for them, TLS verification, the proxy of the environment, progress, and the end of the work
 * before its own (session_stopping()). Redirects to other hosts are not followed, so the credentials stay
 * with their host. A fetch, whose URL users choose, obeys GitLab's outbound rules
 * (app/services/projects/import_service.rb); a push goes to GitLab itself.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/repository.h"
#include "importers/http/outbound_rules.h"

typedef struct GitTransfer {
    const Session *session; /* borrowed */
    char *url;              /* without credentials */
    char *user, *password;  /* "" if there are none; secrets */
    gboolean verify_tls;
    OutboundRules *rules; /* NULL: none */
    gboolean credentials_sent;
    GHashTable *refusals; /* of a push: name of a ref -> the server's reason */
    GString *said;        /* of a push: what the server's hooks tell people, its beginning; or NULL */
    GitProgress progress; /* or NULL */
    gpointer user_data;
} GitTransfer;

/* To fetch from GitHub; `url` may hold a user and a password. (transfer full) */
GitTransfer *git_transfer_new_fetch(Session *session, const char *url, GError **error);
/* To push to GitLab. (transfer full) */
GitTransfer *git_transfer_new_push(const Session *session, const char *url, GError **error);
void git_transfer_free(GitTransfer *transfer);

/* Callbacks that know `transfer`, which must live as long as they do. */
git_remote_callbacks git_transfer_callbacks(GitTransfer *transfer);
git_proxy_options git_transfer_proxy(void);
/* A connected remote that no configuration knows and none changes; `repository` may be NULL. (transfer full)
 */
git_remote *git_transfer_connect(GitTransfer *transfer, git_repository *repository, git_direction direction,
                                 GError **error);
/* Always returns FALSE: what session_check_stopping() says if the transfer was to stop, else as git_fail().
 */
gboolean git_transfer_fail(const GitTransfer *transfer, int result, GitErrorDomain otherwise,
                           const char *action, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitTransfer, git_transfer_free)
