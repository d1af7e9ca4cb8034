/*
 * Pushes to GitLab's repository over HTTP (Configuration.git_push_url): changes of branches and tags are
 * planned, then sent together. What GitLab refuses is no error here; a broken connection is one.
 */
#pragma once

#include "importers/git/transfer.h"

typedef struct GitPush {
    GitTransfer *transfer;      /* its `refusals` are those of the last git_push_send() */
    git_repository *repository; /* borrowed */
    git_remote *remote;
    GHashTable *there;   /* GitLab's branches and tags when it was connected: name -> git_oid */
    GPtrArray *refspecs; /* planned */
} GitPush;

/* Connects. (transfer full) */
GitPush *git_push_begin(Session *session, const Project *project, GitRepositoryKind kind,
                        git_repository *repository, GError **error);
void git_push_free(GitPush *push);

/* Whether a ref of that name is one of those that are pushed: GitLab takes no others. A branch that is named
 * like a commit is refused by its hooks (importers/git/prohibited_references.h). */
gboolean git_push_takes(const char *name);
/* Plans a forced update of `name` to `source`, a ref of the repository. */
void git_push_plan_update(GitPush *push, const char *source, const char *name);
void git_push_plan_deletion(GitPush *push, const char *name);
/* Sends what is planned. A connection carries one push. */
gboolean git_push_send(GitPush *push, GError **error);
/* A new connection for the next push. */
gboolean git_push_connect(GitPush *push, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitPush, git_push_free)
