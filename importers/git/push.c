#include "importers/git/push.h"

#include "importers/git/error.h"
#include "importers/git/references.h"
#include "importers/git/transfer.h"
#include "protocol/log.h"

#include <string.h>

typedef struct GitPush {
    GitTransfer *transfer;
    git_repository *repository; /* borrowed */
    git_remote *remote;
    GHashTable *there;   /* GitLab's branches and tags: name -> git_oid */
    GPtrArray *refspecs; /* to be pushed next */
} GitPush;

static void push_clear(GitPush *push)
{
    g_clear_pointer(&push->remote, git_remote_free);
    g_clear_pointer(&push->transfer, git_transfer_free);
    g_clear_pointer(&push->there, g_hash_table_unref);
    g_clear_pointer(&push->refspecs, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GitPush, push_clear)

static gboolean is_pushed(const char *name)
{
    return g_str_has_prefix(name, "refs/heads/") || g_str_has_prefix(name, "refs/tags/");
}

/* GitLab's address of the repository with the credentials in it: a secret. (transfer full) */
static char *push_url(const Configuration *configuration, const Project *project, GitRepositoryKind kind,
                      GError **error)
{
    g_autoptr(GUri) base = g_uri_parse(configuration->git_push_url, G_URI_FLAGS_ENCODED, NULL);
    if (!base) {
        g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_PUSH, "The URL to push to is not valid");
        return NULL;
    }
    g_autofree char *path = g_strdup_printf("%s/%s%s.git", g_uri_get_path(base), project->full_path,
                                            kind == GIT_WIKI ? ".wiki" : "");
    return g_uri_join_with_user(G_URI_FLAGS_NONE, g_uri_get_scheme(base), configuration->git_push_user,
                                configuration->git_push_token, NULL, g_uri_get_host(base),
                                g_uri_get_port(base), path, NULL, NULL);
}

static gboolean read_remote(GitPush *push, GError **error)
{
    const git_remote_head **heads = NULL;
    size_t count = 0;
    int result = git_remote_ls(&heads, &count, push->remote);
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_PUSH, "listing GitLab's refs", error);
    g_hash_table_remove_all(push->there);
    for (size_t i = 0; i < count; i++)
        if (is_pushed(heads[i]->name))
            g_hash_table_insert(push->there, g_strdup(heads[i]->name),
                                g_memdup2(&heads[i]->oid, sizeof(git_oid)));
    return TRUE;
}

static gboolean connect_remote(GitPush *push, GError **error)
{
    g_clear_pointer(&push->remote, git_remote_free);
    push->remote = git_transfer_connect(push->transfer, push->repository, GIT_DIRECTION_PUSH, error);
    return push->remote && read_remote(push, error);
}

static gboolean plan_update(GitPush *push, const char *name, GError **error)
{
    git_oid id;
    int result = git_reference_name_to_id(&id, push->repository, name);
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, name, error);
    const git_oid *there = g_hash_table_lookup(push->there, name);
    if (!there || !git_oid_equal(there, &id))
        g_ptr_array_add(push->refspecs, g_strdup_printf("+%s:%s", name, name));
    return TRUE;
}

static gboolean plan_updates(GitPush *push, const GPtrArray *names, GError **error)
{
    int left_out = 0;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        left_out += g_str_has_prefix(name, "refs/merge-requests/");
        if (is_pushed(name) && !plan_update(push, name, error))
            return FALSE;
    }
    if (left_out)
        log_info("Heads of merge requests were not pushed: GitLab accepts these refs from nobody", "{s:i}",
                 "refs", left_out);
    return TRUE;
}

static void plan_deletions(GitPush *push, const GPtrArray *names)
{
    g_autoptr(GHashTable) here = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < names->len; i++)
        g_hash_table_add(here, g_ptr_array_index(names, i));
    GHashTableIter iterator;
    gpointer name;
    g_hash_table_iter_init(&iterator, push->there);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        if (!g_hash_table_contains(here, name))
            g_ptr_array_add(push->refspecs, g_strdup_printf(":%s", (const char *)name));
}

/* A refused deletion fails no import: a default branch that has gone from GitHub is a protected one in
 * GitLab. */
static gboolean check_refusals(const GitPush *push, GError **error)
{
    GHashTableIter iterator;
    gpointer name, reason;
    g_hash_table_iter_init(&iterator, push->transfer->refusals);
    while (g_hash_table_iter_next(&iterator, &name, &reason)) {
        git_oid id;
        if (git_reference_name_to_id(&id, push->repository, name) == 0) {
            g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_PUSH, "GitLab refused %s: %s",
                        (const char *)name, (const char *)reason);
            return FALSE;
        }
        log_warn("GitLab refused to delete a ref", "{s:s, s:s}", "ref", name, "reason", reason);
    }
    return TRUE;
}

static gboolean upload(GitPush *push, GError **error)
{
    if (push->refspecs->len == 0)
        return TRUE;
    git_push_options options;
    git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
    options.callbacks = git_transfer_callbacks(push->transfer);
    options.proxy_opts = git_transfer_proxy();
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    const git_strarray refspecs = {(char **)push->refspecs->pdata, push->refspecs->len};
    int result = git_remote_upload(push->remote, &refspecs, &options);
    g_ptr_array_set_size(push->refspecs, 0);
    if (result < 0)
        return git_transfer_fail(push->transfer, result, GIT_ERROR_DOMAIN_PUSH, "pushing", error);
    return check_refusals(push, error);
}

/* What is planned, and a new connection for what comes next. */
static gboolean push_round(GitPush *push, GError **error)
{
    return push->refspecs->len == 0 || (upload(push, error) && connect_remote(push, error));
}

/* Into an empty repository it goes alone, because GitLab makes the first branch that arrives the default one.
 */
static gboolean push_default_branch(GitPush *push, GError **error)
{
    g_autoptr(git_reference) head = NULL;
    if (g_hash_table_size(push->there) > 0 || git_repository_head(&head, push->repository) < 0)
        return TRUE;
    return plan_update(push, git_reference_name(head), error) && push_round(push, error);
}

/* Before the updates: a branch `a/b` cannot arrive while a deleted branch `a` is still there. */
static gboolean push_deletions(GitPush *push, const GPtrArray *names, GError **error)
{
    plan_deletions(push, names);
    return push_round(push, error);
}

gboolean git_push_mirror(Session *session, const Project *project, GitRepositoryKind kind,
                         git_repository *repository, GError **error)
{
    g_auto(GitPush) push = {.repository = repository,
                            .there = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
                            .refspecs = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *url = push_url(session->configuration, project, kind, error);
    push.transfer = url ? git_transfer_new(session, url, TRUE, error) : NULL;
    if (!push.transfer || !connect_remote(&push, error) || !push_default_branch(&push, error))
        return FALSE;
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/*", error);
    return names && push_deletions(&push, names, error) && plan_updates(&push, names, error) &&
           upload(&push, error);
}
