#include "importers/objects/repository_update.h"

#include "importers/git/compare.h"
#include "importers/git/reader.h"
#include "importers/git/repository.h"
#include "importers/git/storage.h"
#include "importers/import_metrics.h"
#include "importers/objects/lfs_before_push.h"
#include "protocol/json.h"
#include "protocol/log.h"

static const Statement last_update = {
    "repository_update_last",
    "SELECT (extract(epoch FROM coalesce(last_repository_updated_at, created_at)) * 1000000)::bigint AS time"
    " FROM projects WHERE id = $1",
};

static const Statement open_merge_requests = {
    "repository_update_open_merge_requests",
    "SELECT DISTINCT source_branch FROM merge_requests WHERE target_project_id = $1 AND state_id = 1",
};

static gboolean read_last_update(Session *session, const Project *project, gint64 *time, GError **error)
{
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &last_update, SQL_INTEGER(project->id), DATABASE_END);
    if (rows && PQntuples(rows) > 0)
        *time = database_integer(rows, 0, "time");
    return rows != NULL;
}

static gboolean read_stage_s_last_update(Stage *stage, GError **error)
{
    return read_last_update(stage->session, stage->project, &stage->repository_updated_at, error);
}

/* A pull request of the very same time may be the newer one; so may one without a time. */
static gboolean is_older(const Stage *stage, const json_t *pull_request)
{
    const char *text = json_string_field(pull_request, "updated_at");
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) updated_at = text ? g_date_time_new_from_iso8601(text, utc) : NULL;
    return updated_at &&
           g_date_time_to_unix(updated_at) * G_USEC_PER_SEC + g_date_time_get_microsecond(updated_at) <
               stage->repository_updated_at;
}

/* Of a pull request's end without a commit there is nothing to fetch. */
static gboolean has_commit(git_repository *repository, const json_t *branch)
{
    git_oid id;
    const char *sha = json_string_field(branch, "sha");
    return !sha || git_find_commit(repository, sha, &id);
}

/* Commits arrive before refs, so they say nothing about a mirror that was not finished. */
static gboolean has_commits(Stage *stage, const json_t *pull_request, gboolean *has, GError **error)
{
    git_repository *repository;
    g_autofree char *path = git_storage_path(stage->session, stage->project, GIT_PROJECT, error);
    if (!path || !git_reader_find(stage->session, stage->project, &repository, error))
        return FALSE;
    *has = repository && !git_storage_unfinished(path) &&
           has_commit(repository, json_object_get(pull_request, "head")) &&
           has_commit(repository, json_object_get(pull_request, "base"));
    return TRUE;
}

static GPtrArray *kept_branches(Session *session, const Project *project, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &open_merge_requests,
                                            SQL_INTEGER(project->id), DATABASE_END);
    GPtrArray *branches = rows ? g_ptr_array_new_with_free_func(g_free) : NULL;
    for (int row = 0; rows && row < PQntuples(rows); row++)
        g_ptr_array_add(branches, g_strdup(database_value(rows, row, "source_branch")));
    return branches;
}

static gboolean import_lfs_objects(gpointer stage, GError **error)
{
    return lfs_objects_before_push(stage, error);
}

static gboolean update(Stage *stage, GError **error)
{
    const GitMirrorCallbacks callbacks = {.before_push = import_lfs_objects, .user_data = stage};
    g_autofree char *url = github_client_clone_url(stage->github);
    g_autofree char *begun_at = database_now();
    if (!git_refetch(stage->session, stage->project, url, kept_branches, &callbacks, error) ||
        !project_touch_repository(stage->session, stage->project, begun_at, error))
        return FALSE;
    log_info("GitHub importer finished updating repository", "{s:s}", "project_name",
             stage->project->full_path);
    import_metrics_repository_updated();
    return read_stage_s_last_update(stage, error);
}

gboolean repository_update_for(Stage *stage, const json_t *pull_request, GError **error)
{
    gboolean has = FALSE;
    if (stage->repository_updated_at == 0 && !read_stage_s_last_update(stage, error))
        return FALSE;
    if (is_older(stage, pull_request))
        return TRUE;
    return has_commits(stage, pull_request, &has, error) && (has || update(stage, error));
}

gboolean repository_update_own_mirror(Session *session, const Project *project, const GithubClient *github,
                                      GError **error)
{
    gint64 updated_at = 0;
    if (session->configuration->repository_backend != REPOSITORY_HTTP || !github)
        return TRUE;
    g_autofree char *path = git_storage_path(session, project, GIT_PROJECT, error);
    if (!path || !read_last_update(session, project, &updated_at, error))
        return FALSE;
    if (git_storage_mirrored_at(path) >= updated_at)
        return TRUE;
    g_autofree char *url = github_client_clone_url(github);
    log_info("fetching a mirror of its own", "{s:s}", "project_name", project->full_path);
    return git_fetch_own(session, project, url, kept_branches, updated_at, error);
}
