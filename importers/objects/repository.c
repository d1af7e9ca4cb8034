#include "importers/objects/repository.h"

#include "importers/git/repository.h"
#include "importers/import_metrics.h"
#include "importers/objects/lfs_before_push.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define PROGRESS_INTERVAL (5 * G_USEC_PER_SEC)

typedef struct MirrorProgress {
    Stage *stage;
    gint64 next_line; /* of the log; monotonic, microseconds */
} MirrorProgress;

static void log_progress(guint received_objects, guint total_objects, guint64 received_bytes,
                         gpointer user_data)
{
    MirrorProgress *progress = user_data;

    if (g_get_monotonic_time() < progress->next_line)
        return;
    progress->next_line = g_get_monotonic_time() + PROGRESS_INTERVAL;
    log_info("fetching repository", "{s:i, s:i, s:I}", "received_objects", (int)received_objects,
             "total_objects", (int)total_objects, "received_bytes", (json_int_t)received_bytes);
}

static gboolean import_lfs_objects(gpointer user_data, GError **error)
{
    const MirrorProgress *progress = user_data;
    return lfs_objects_before_push(progress->stage, error);
}

/* A wiki has no LFS objects. */
static gboolean mirror(Stage *stage, GitRepositoryKind kind, const char *url, GError **error)
{
    MirrorProgress progress = {stage, g_get_monotonic_time() + PROGRESS_INTERVAL};
    const GitMirrorCallbacks callbacks = {.progress = log_progress,
                                          .before_push = kind == GIT_PROJECT ? import_lfs_objects : NULL,
                                          .user_data = &progress};
    return git_mirror(stage->session, stage->project, kind, url, &callbacks, error);
}

/* The time is the one before the mirror: a push during it is looked for later (repository_update.c). */
static gboolean import_code(Stage *stage, const json_t *remote, GError **error)
{
    g_autofree char *url = github_client_clone_url(stage->github);
    const char *default_branch = json_string_field(remote, "default_branch");
    g_autofree char *begun_at = database_now();
    gboolean empty;

    if (!git_repository_empty(stage->session, stage->project, GIT_PROJECT, &empty, error))
        return FALSE;
    if (!empty)
        return TRUE;
    return mirror(stage, GIT_PROJECT, url, error) &&
           (!default_branch ||
            git_set_default_branch(stage->session, stage->project, default_branch, error)) &&
           project_touch_repository(stage->session, stage->project, begun_at, error);
}

/* GitHub's wiki of https://host/owner/name.git is https://host/owner/name.wiki.git; an URL without .git
 * stays. */
static char *wiki_url(const char *clone_url)
{
    if (!g_str_has_suffix(clone_url, ".git"))
        return g_strdup(clone_url);
    return g_strdup_printf("%.*s.wiki.git", (int)(strlen(clone_url) - strlen(".git")), clone_url);
}

static gboolean import_wiki(Stage *stage, const json_t *remote, GError **error)
{
    g_autofree char *clone_url = github_client_clone_url(stage->github);
    g_autofree char *url = wiki_url(clone_url);
    gboolean missing, exists;

    if (!json_true_field(remote, "has_wiki"))
        return TRUE;
    if (!git_repository_empty(stage->session, stage->project, GIT_WIKI, &missing, error))
        return FALSE;
    if (!missing)
        return TRUE;
    /* GitHub says has_wiki also when no page was ever written. */
    if (!git_remote_exists(stage->session, url, &exists, error))
        return FALSE;
    return !exists || mirror(stage, GIT_WIKI, url, error);
}

gboolean repository_import(Stage *stage, GError **error)
{
    g_autoptr(json_t) remote = github_get(stage->github, github_client_repository_path(stage->github), error);

    if (!remote || !import_code(stage, remote, error) || !import_wiki(stage, remote, error))
        return FALSE;
    import_metrics_repository_imported();
    return TRUE;
}
