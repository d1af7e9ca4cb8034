#include "importers/git/push.h"

#include "importers/git/error.h"
#include "importers/git/prohibited_references.h"

void git_push_free(GitPush *push)
{
    g_clear_pointer(&push->remote, git_remote_free);
    g_clear_pointer(&push->transfer, git_transfer_free);
    g_hash_table_unref(push->there);
    g_ptr_array_unref(push->refspecs);
    g_free(push);
}

gboolean git_push_takes(const char *name)
{
    return (g_str_has_prefix(name, "refs/heads/") || g_str_has_prefix(name, "refs/tags/")) &&
           !git_reference_prohibited(name);
}

/* GitLab's address of the repository with the credentials in it: a secret. (transfer full) */
static char *push_url(const Configuration *configuration, const Project *project, GitRepositoryKind kind,
                      GError **error)
{
    g_autoptr(GUri) base = g_uri_parse(configuration->git_push_url, G_URI_FLAGS_ENCODED, NULL);
    if (!base) {
        g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_PUSH,
                    "The URL to push to is not valid (--git-push-url)");
        return NULL;
    }
    g_autofree char *path = g_strdup_printf("%s/%s%s.git", g_uri_get_path(base), project->full_path,
                                            kind == GIT_WIKI ? ".wiki" : "");
    return g_uri_join_with_user(G_URI_FLAGS_NONE, g_uri_get_scheme(base), configuration->git_push_user,
                                configuration->git_push_token, NULL, g_uri_get_host(base),
                                g_uri_get_port(base), path, NULL, NULL);
}

/* Otherwise libgit2 looks for deltas between files of up to 512 MB, all of them in memory, and keeps 256 MB
 * of deltas. The repository is the importer's own, which nothing but a push packs. */
static gboolean bound_memory(git_repository *repository, GError **error)
{
    static const struct {
        const char *name;
        gint64 bytes;
    } settings[] = {
        {"core.bigFileThreshold", 1024 * 1024},
        {"pack.windowMemory", 16 * 1024 * 1024},
        {"pack.deltaCacheSize", 16 * 1024 * 1024},
    };
    g_autoptr(git_config) config = NULL;
    int result = git_repository_config(&config, repository);
    for (gsize i = 0; result == 0 && i < G_N_ELEMENTS(settings); i++) {
        gint64 bytes;
        if (git_config_get_int64(&bytes, config, settings[i].name) != 0 || bytes != settings[i].bytes)
            result = git_config_set_int64(config, settings[i].name, settings[i].bytes);
    }
    return result == 0 || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "configuring the repository", error);
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
        if (git_push_takes(heads[i]->name))
            g_hash_table_insert(push->there, g_strdup(heads[i]->name),
                                g_memdup2(&heads[i]->oid, sizeof(git_oid)));
    return TRUE;
}

gboolean git_push_connect(GitPush *push, GError **error)
{
    g_clear_pointer(&push->remote, git_remote_free);
    push->remote = git_transfer_connect(push->transfer, push->repository, GIT_DIRECTION_PUSH, error);
    return push->remote && read_remote(push, error);
}

GitPush *git_push_begin(Session *session, const Project *project, GitRepositoryKind kind,
                        git_repository *repository, GError **error)
{
    g_autoptr(GitPush) push = g_new0(GitPush, 1);
    push->repository = repository;
    push->there = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    push->refspecs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *url = push_url(session->configuration, project, kind, error);
    if (url && bound_memory(repository, error))
        push->transfer = git_transfer_new_push(session, url, error);
    return push->transfer && git_push_connect(push, error) ? g_steal_pointer(&push) : NULL;
}

void git_push_plan_update(GitPush *push, const char *source, const char *name)
{
    g_ptr_array_add(push->refspecs, g_strdup_printf("+%s:%s", source, name));
}

void git_push_plan_deletion(GitPush *push, const char *name)
{
    g_ptr_array_add(push->refspecs, g_strdup_printf(":%s", name));
}

gboolean git_push_send(GitPush *push, GError **error)
{
    git_push_options options;
    git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
    options.callbacks = git_transfer_callbacks(push->transfer);
    options.proxy_opts = git_transfer_proxy();
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    g_hash_table_remove_all(push->transfer->refusals);
    g_string_truncate(push->transfer->said, 0);
    const git_strarray refspecs = {(char **)push->refspecs->pdata, push->refspecs->len};
    int result = push->refspecs->len > 0 ? git_remote_upload(push->remote, &refspecs, &options) : 0;
    g_ptr_array_set_size(push->refspecs, 0);
    return result == 0 || git_transfer_fail(push->transfer, result, GIT_ERROR_DOMAIN_PUSH, "pushing", error);
}
