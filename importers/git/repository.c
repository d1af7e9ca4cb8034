#include "importers/git/repository.h"

#include "importers/git/error.h"
#include "importers/git/library.h"
#include "importers/git/references.h"
#include "importers/git/storage.h"
#include "importers/git/transfer.h"
#include "protocol/log.h"

gboolean git_repository_empty(Session *session, const Project *project, GitRepositoryKind kind,
                              gboolean *empty, GError **error)
{
    git_library_start();
    *empty = TRUE;
    g_autofree char *path = git_storage_path(session, project, kind, error);
    if (!path)
        return FALSE;
    if (git_storage_unfinished(path))
        return TRUE;
    g_autoptr(git_repository) repository = NULL;
    int result = git_repository_open_bare(&repository, path);
    if (result == GIT_ENOTFOUND)
        return TRUE;
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    g_autoptr(GPtrArray) branches = git_reference_names(repository, "refs/heads/*", error);
    if (!branches)
        return FALSE;
    *empty = branches->len == 0;
    return TRUE;
}

gboolean git_set_default_branch(Session *session, const Project *project, const char *branch, GError **error)
{
    git_library_start();
    g_autofree char *name = g_strconcat("refs/heads/", branch, NULL);
    g_autofree char *path = git_storage_path(session, project, GIT_PROJECT, error);
    if (!path)
        return FALSE;
    g_autoptr(git_repository) repository = NULL;
    int result = git_repository_open_bare(&repository, path);
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    if (session->configuration->repository_backend == REPOSITORY_HTTP)
        log_info("GitLab itself takes the branch that was pushed first as the default branch", "{s:s}",
                 "branch", branch);
    return git_point_head(repository, name, error);
}

gboolean git_remote_exists(Session *session, const char *url, gboolean *exists, GError **error)
{
    *exists = FALSE;
    g_autoptr(GitTransfer) transfer = git_transfer_new_fetch(session, url, error);
    if (!transfer)
        return FALSE;
    g_autoptr(GError) failure = NULL;
    g_autoptr(git_remote) remote = git_transfer_connect(transfer, NULL, GIT_DIRECTION_FETCH, &failure);
    *exists = remote != NULL;
    if (*exists || g_error_matches(failure, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
