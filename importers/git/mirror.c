#include "importers/git/error.h"
#include "importers/git/pack/receiver.h"
#include "importers/git/push_mirror.h"
#include "importers/git/reference_set.h"
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

/* One fetch of a repository. */
typedef struct Mirror {
    Session *session; /* borrowed, as is the project */
    const Project *project;
    GitRepositoryKind kind;
    GitKeptBranches kept; /* NULL: a first mirror */
    GitMirrorCallbacks callbacks;
    GitTransfer *transfer;
    GitStorage *storage;
    git_remote *remote;
    GitReferenceSet *names; /* that are to exist here once the mirror is complete */
} Mirror;

static void mirror_clear(Mirror *mirror)
{
    g_clear_pointer(&mirror->remote, git_remote_free);
    g_clear_pointer(&mirror->storage, git_storage_free);
    g_clear_pointer(&mirror->transfer, git_transfer_free);
    g_clear_pointer(&mirror->names, git_reference_set_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Mirror, mirror_clear)

static gboolean add_remote_names(Mirror *mirror, GError **error)
{
    const git_remote_head **heads = NULL;
    size_t count = 0;
    int result = git_remote_ls(&heads, &count, mirror->remote);
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_FETCH, "listing the remote's refs", error);
    for (size_t i = 0; i < count; i++) {
        g_autofree char *name = local_name(heads[i]->name);
        if (name)
            git_reference_set_add(mirror->names, name);
    }
    return TRUE;
}

/* A branch of GitHub's comes first where git cannot have both. */
static gboolean add_kept_names(Mirror *mirror, GError **error)
{
    if (!mirror->kept)
        return TRUE;
    g_autoptr(GPtrArray) branches = mirror->kept(mirror->session, mirror->project, error);
    for (guint i = 0; branches && i < branches->len; i++) {
        g_autofree char *name = g_strconcat("refs/heads/", branches->pdata[i], NULL);
        if (git_reference_set_fits(mirror->names, name))
            git_reference_set_add(mirror->names, name);
    }
    return branches != NULL;
}

/* Only what the refspecs could have written: GitLab's own refs stay. */
static gboolean is_mirrored(const char *name)
{
    return g_str_has_prefix(name, "refs/heads/") || g_str_has_prefix(name, "refs/tags/") ||
           (g_str_has_prefix(name, "refs/merge-requests/") && g_str_has_suffix(name, "/head"));
}

/* Before the refs are written: a branch `a/b` cannot be made while a deleted branch `a` is still there. */
static gboolean prune(Mirror *mirror, GError **error)
{
    git_repository *repository = mirror->storage->repository;
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/*", error);
    for (guint i = 0; names && i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (!is_mirrored(name) || git_reference_set_contains(mirror->names, name))
            continue;
        if (!session_check_stopping(mirror->session, error))
            return FALSE;
        int result = git_reference_remove(repository, name);
        if (result < 0)
            return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "deleting a ref", error);
    }
    return names != NULL;
}

static gboolean update_references(Mirror *mirror, GError **error)
{
    git_remote_callbacks callbacks = git_transfer_callbacks(mirror->transfer);
    int result = git_remote_update_tips(mirror->remote, &callbacks, 0, GIT_REMOTE_DOWNLOAD_TAGS_NONE, NULL);
    if (result < 0)
        return git_transfer_fail(mirror->transfer, result, GIT_ERROR_DOMAIN_FETCH, "updating refs", error);
    return git_pack_references(mirror->storage->repository, error);
}

/* HEAD as the remote has it, so that a repository is usable before the importer says which branch it is. One
 * that is in use keeps its own. */
static gboolean copy_head(Mirror *mirror, GError **error)
{
    if (mirror->kept)
        return TRUE;
    g_auto(git_buf) branch = {NULL, 0, 0};
    int result = git_remote_default_branch(&branch, mirror->remote);
    if (result == GIT_ENOTFOUND)
        return TRUE;
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_FETCH, "finding the default branch", error);
    return git_point_head(mirror->storage->repository, branch.ptr, error);
}

static gboolean download(Mirror *mirror, GError **error)
{
    git_fetch_options options;
    if (!pack_receiver_install(mirror->storage->repository, error))
        return FALSE;
    git_fetch_options_init(&options, GIT_FETCH_OPTIONS_VERSION);
    options.callbacks = git_transfer_callbacks(mirror->transfer);
    options.proxy_opts = git_transfer_proxy();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.prune = GIT_FETCH_NO_PRUNE;
    options.update_fetchhead = 0;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    const git_strarray wanted = {(char **)refspecs, G_N_ELEMENTS(refspecs)};
    int result = git_remote_download(mirror->remote, &wanted, &options);
    return result == 0 ||
           git_transfer_fail(mirror->transfer, result, GIT_ERROR_DOMAIN_FETCH, "fetching", error);
}

static gboolean fetch(Mirror *mirror, GError **error)
{
    mirror->remote =
        git_transfer_connect(mirror->transfer, mirror->storage->repository, GIT_DIRECTION_FETCH, error);
    return mirror->remote && download(mirror, error) && add_remote_names(mirror, error) &&
           add_kept_names(mirror, error) && prune(mirror, error) && update_references(mirror, error) &&
           copy_head(mirror, error);
}

static gboolean push(Mirror *mirror, GError **error)
{
    const GitMirrorCallbacks *callbacks = &mirror->callbacks;
    if (mirror->session->configuration->repository_backend != REPOSITORY_HTTP)
        return TRUE;
    if (callbacks->before_push && !callbacks->before_push(callbacks->user_data, error))
        return FALSE;
    return git_push_mirror(mirror->session, mirror->project, mirror->kind, mirror->storage->repository,
                           mirror->names, error);
}

static gboolean begin(Mirror *mirror, const char *url, GError **error)
{
    Session *session = mirror->session;
    mirror->names = git_reference_set_new();
    mirror->transfer = git_transfer_new_fetch(session, url, error);
    if (!mirror->transfer)
        return FALSE;
    mirror->transfer->progress = mirror->callbacks.progress;
    mirror->transfer->user_data = mirror->callbacks.user_data;
    mirror->storage = git_storage_begin(session, mirror->project, mirror->kind, error);
    return mirror->storage != NULL;
}

/* Everything; `mirror` says what. */
static gboolean run(Mirror *mirror, const char *url, const GitMirrorCallbacks *callbacks, GError **error)
{
    if (callbacks)
        mirror->callbacks = *callbacks;
    return begin(mirror, url, error) && fetch(mirror, error) && push(mirror, error) &&
           git_storage_finish(mirror->storage, error);
}

gboolean git_mirror(Session *session, const Project *project, GitRepositoryKind kind, const char *url,
                    const GitMirrorCallbacks *callbacks, GError **error)
{
    g_auto(Mirror) mirror = {.session = session, .project = project, .kind = kind};
    return run(&mirror, url, callbacks, error);
}

gboolean git_refetch(Session *session, const Project *project, const char *url, GitKeptBranches kept,
                     const GitMirrorCallbacks *callbacks, GError **error)
{
    g_auto(Mirror) mirror = {.session = session, .project = project, .kind = GIT_PROJECT, .kept = kept};
    return run(&mirror, url, callbacks, error);
}

gboolean git_fetch_own(Session *session, const Project *project, const char *url, GitKeptBranches kept,
                       gint64 since, GError **error)
{
    g_auto(Mirror) mirror = {.session = session, .project = project, .kind = GIT_PROJECT, .kept = kept};
    if (!begin(&mirror, url, error))
        return FALSE;
    /* Another executor of this process may have fetched while this one waited for the lock. */
    gboolean is_current = git_storage_mirrored_at(mirror.storage->path) >= since;
    return (is_current || fetch(&mirror, error)) && git_storage_finish(mirror.storage, error);
}
