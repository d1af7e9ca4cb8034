#include "importers/git/error.h"
#include "importers/git/push.h"
#include "importers/git/references.h"
#include "importers/git/storage.h"
#include "importers/git/transfer.h"

static char *const refspecs[] = {
    (char *)"+refs/heads/*:refs/heads/*",
    (char *)"+refs/tags/*:refs/tags/*",
    (char *)"+refs/pull/*/head:refs/merge-requests/*/head",
};

/* The name here of a ref of GitHub's, as the refspecs say; NULL for one that is not mirrored. (transfer full)
 */
static char *local_name(const char *remote_name)
{
    if (g_str_has_suffix(remote_name, "^{}"))
        return NULL;
    if (g_str_has_prefix(remote_name, "refs/heads/") || g_str_has_prefix(remote_name, "refs/tags/"))
        return g_strdup(remote_name);
    const char *number = remote_name + strlen("refs/pull/");
    if (!g_str_has_prefix(remote_name, "refs/pull/") || !g_str_has_suffix(number, "/head"))
        return NULL;
    return g_strconcat("refs/merge-requests/", number, NULL);
}

/* Set of the names that are to exist here once the mirror is complete. (transfer full) */
static GHashTable *names_to_keep(git_remote *remote, GError **error)
{
    const git_remote_head **heads = NULL;
    size_t count = 0;
    int result = git_remote_ls(&heads, &count, remote);
    if (result < 0) {
        git_fail(result, GIT_ERROR_DOMAIN_FETCH, "listing the remote's refs", error);
        return NULL;
    }
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < count; i++) {
        char *name = local_name(heads[i]->name);
        if (name)
            g_hash_table_add(names, name);
    }
    return names;
}

/* Only what the refspecs could have written: GitLab's own refs stay. */
static gboolean is_mirrored(const char *name)
{
    return g_str_has_prefix(name, "refs/heads/") || g_str_has_prefix(name, "refs/tags/") ||
           (g_str_has_prefix(name, "refs/merge-requests/") && g_str_has_suffix(name, "/head"));
}

/* Before the refs are written: a branch `a/b` cannot be made while a deleted branch `a` is still there. */
static gboolean prune(git_repository *repository, GHashTable *keep, GError **error)
{
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/*", error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (!is_mirrored(name) || g_hash_table_contains(keep, name))
            continue;
        int result = git_reference_remove(repository, name);
        if (result < 0)
            return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "deleting a ref", error);
    }
    return names != NULL;
}

static gboolean update_references(GitTransfer *transfer, git_repository *repository, git_remote *remote,
                                  GError **error)
{
    git_remote_callbacks callbacks = git_transfer_callbacks(transfer);
    int result = git_remote_update_tips(remote, &callbacks, 0, GIT_REMOTE_DOWNLOAD_TAGS_NONE, NULL);
    if (result < 0)
        return git_transfer_fail(transfer, result, GIT_ERROR_DOMAIN_FETCH, "updating refs", error);
    return git_pack_references(repository, error);
}

/* HEAD as the remote has it, so that a repository is usable before the importer says which branch it is. */
static gboolean copy_head(git_repository *repository, git_remote *remote, GError **error)
{
    g_auto(git_buf) branch = {NULL, 0, 0};
    int result = git_remote_default_branch(&branch, remote);
    if (result == GIT_ENOTFOUND)
        return TRUE;
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_FETCH, "finding the default branch", error);
    return git_point_head(repository, branch.ptr, error);
}

static gboolean fetch(GitTransfer *transfer, git_repository *repository, GError **error)
{
    g_autoptr(git_remote) remote = git_transfer_connect(transfer, repository, GIT_DIRECTION_FETCH, error);
    if (!remote)
        return FALSE;
    git_fetch_options options;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.callbacks = git_transfer_callbacks(transfer);
    options.proxy_opts = git_transfer_proxy();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.prune = GIT_FETCH_NO_PRUNE;
    options.update_fetchhead = 0;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    const git_strarray wanted = {(char **)refspecs, G_N_ELEMENTS(refspecs)};
    int result = git_remote_download(remote, &wanted, &options);
    if (result < 0)
        return git_transfer_fail(transfer, result, GIT_ERROR_DOMAIN_FETCH, "fetching", error);
    g_autoptr(GHashTable) keep = names_to_keep(remote, error);
    return keep && prune(repository, keep, error) && update_references(transfer, repository, remote, error) &&
           copy_head(repository, remote, error);
}

gboolean git_mirror(Session *session, const Project *project, GitRepositoryKind kind, const char *url,
                    GitProgress progress, gpointer user_data, GError **error)
{
    const Configuration *configuration = session->configuration;
    g_autoptr(GitTransfer) transfer = git_transfer_new(session, url, configuration->github_verify_ssl, error);
    if (!transfer)
        return FALSE;
    transfer->progress = progress;
    transfer->user_data = user_data;
    g_autoptr(GitStorage) storage = git_storage_begin(session, project, kind, error);
    if (!storage || !fetch(transfer, storage->repository, error))
        return FALSE;
    if (configuration->repository_backend == REPOSITORY_HTTP &&
        !git_push_mirror(session, project, kind, storage->repository, error))
        return FALSE;
    return git_storage_finish(storage, error);
}
