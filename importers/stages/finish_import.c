#include "importers/git/branch_names.h"
#include "importers/git/default_branch.h"
#include "importers/git/prohibited_references.h"
#include "importers/gitlab/count_cache.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/import_watch.h"
#include "importers/gitlab/internal_id.h"
#include "importers/gitlab/object_counter.h"
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/receipts.h"
#include "importers/gitlab/repository_cache.h"
#include "importers/import_metrics.h"
#include "importers/objects/default_branch_rule.h"
#include "importers/stages/stage.h"
#include "importers/stages/stages.h"
#include "protocol/import_caching.h"
#include "protocol/log.h"

#define PLACEHOLDER_WAIT 30                       /* seconds until the job looks again */
#define LOADING_WAIT     (5 * G_TIME_SPAN_SECOND) /* that the job itself waits for the loader's next slice */
#define LOADING_POLL     (G_TIME_SPAN_SECOND / 20)

static json_t *project_args(const Project *project)
{
    return json_pack("[I]", (json_int_t)project->id);
}

/* Waits for the loader as long as it gets on. */
static gboolean wait_for_loader(Stage *stage, gint64 *pending, GError **error)
{
    gint64 before = *pending, deadline = g_get_monotonic_time() + LOADING_WAIT;

    while (*pending > 0 && g_get_monotonic_time() < deadline) {
        g_usleep(LOADING_POLL);
        if (!session_check_stopping(stage->session, error) ||
            !placeholder_reference_pending(stage->session, stage->project, pending, error))
            return FALSE;
        if (*pending < before)
            deadline = g_get_monotonic_time() + LOADING_WAIT;
        before = *pending;
    }
    return TRUE;
}

/* References that are still in Redis must reach their table before the import ends. *pending is what is left
 * when the loader gets on no more, or has not begun. */
static gboolean load_placeholders(Stage *stage, gint64 *pending, GError **error)
{
    if (!placeholder_reference_pending(stage->session, stage->project, pending, error))
        return FALSE;
    return *pending == 0 || (placeholder_reference_request_load(stage->session, stage->project, error) &&
                             wait_for_loader(stage, pending, error));
}

static gboolean come_back_later(Stage *stage, gint64 pending, GError **error)
{
    log_info("Delaying finalization as placeholder references are pending", "{s:I}",
             "placeholder_store_count", (json_int_t)pending);
    return session_push_in(stage->session, stage->session->worker->name, PLACEHOLDER_WAIT,
                           project_args(stage->project), TRUE, error);
}

/* With those of the branches because Ruby writes HEAD once more, and so forgets everything. */
static gboolean expire_repository_caches(Session *session, const Project *project, GError **error)
{
    g_autoptr(GPtrArray) branches = git_branch_names(session, project, error);

    return branches && repository_cache_expire(session, project, branches, error);
}

/* `parts`: of the project's statistics; NULL: what every push brings up to date. */
static gboolean push_project_cache(Session *session, const Project *project, json_t *parts, GError **error)
{
    json_t *args = parts ? json_pack("[I, [], o]", (json_int_t)project->id, parts) : project_args(project);

    return session_push_once(session, "ProjectCacheWorker", args, FALSE, error);
}

static gboolean push_jobs(Session *session, const Project *project, GError **error)
{
    return session_push_once(session, "DetectRepositoryLanguagesWorker", project_args(project), FALSE,
                             error) &&
           push_project_cache(session, project, json_pack("[s, s]", "repository_size", "wiki_size"), error) &&
           session_push_once(session, "AuthorizedProjectUpdate::ProjectRecalculateWorker",
                             project_args(project), FALSE, error);
}

/* Project#after_create_default_branch. */
static gboolean protect_default_branch(Session *session, const Project *project, GError **error)
{
    g_autofree char *branch = NULL;

    if (!git_default_branch(session, project, &branch, error))
        return FALSE;
    return !branch || (default_branch_rule_ensure(session, project, branch, error) &&
                       push_project_cache(session, project, json_pack("[s]", "commit_count"), error));
}

static gboolean join_pool_repository(Session *session, const Project *project, GError **error)
{
    gint64 pool_id;

    if (!project_pool(session, project, &pool_id, error))
        return FALSE;
    return pool_id == 0 ||
           session_push_once(session, "ObjectPool::JoinWorker",
                             json_pack("[I, I]", (json_int_t)pool_id, (json_int_t)project->id), FALSE, error);
}

/* Project#after_import (app/models/project.rb) but for the change of state, which comes last here.
 * Repeatable. Target platforms are recorded on GitLab.com alone. */
static gboolean after_import(Session *session, const Project *project, GError **error)
{
    return git_remove_prohibited_references(session, project, error) &&
           expire_repository_caches(session, project, error) && push_jobs(session, project, error) &&
           internal_id_delete_all(session, project, error) && count_cache_expire(session, project, error) &&
           protect_default_branch(session, project, error) && join_pool_repository(session, project, error) &&
           project_forget_html(session, project, error);
}

/* What follows the change of state (app/models/project_import_state.rb). Repeatable. */
static gboolean after_finish(Session *session, const Project *project, GError **error)
{
    return push_project_cache(session, project, NULL, error) &&
           session_push_once(session, "Projects::AfterImportWorker", project_args(project), FALSE, error) &&
           import_state_push_notification(session, project, TRUE, error) &&
           receipts_prune(session, project->id, error) &&
           object_counter_forget_tokens(session, project->id, error);
}

static double seconds_since(const char *created_at)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) then = g_date_time_new_from_iso8601(created_at, utc);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();

    return then ? (double)g_date_time_difference(now, then) / G_TIME_SPAN_SECOND : 0;
}

static void report(const Project *project, json_t *counts)
{
    double seconds = seconds_since(project->created_at);

    import_metrics_project_imported(seconds);
    log_info("GitHub project import finished", "{s:f, s:O}", "duration_s",
             (double)(gint64)(seconds * 100) / 100, "object_counts", counts);
}

static gboolean finish_import(Stage *stage, GError **error)
{
    const Project *project = stage->project;
    g_autoptr(json_t) counts = NULL;
    gint64 pending;
    gboolean finished;

    if (!load_placeholders(stage, &pending, error) || !import_watch_check(stage->session, error))
        return FALSE;
    if (pending > 0)
        return come_back_later(stage, pending, error);
    if (!after_import(stage->session, project, error))
        return FALSE;
    counts = object_counter_summary(stage->session, project->id, error);
    if (!counts || !import_state_finish(stage->session, project, counts, &finished, error))
        return FALSE;
    if (!finished)
        return TRUE;
    report(project, counts);
    return after_finish(stage->session, project, error);
}

/* A job that was killed right after it had finished the import: what follows may not have been done. */
static gboolean repeat_after_finish(Session *session, gint64 project_id, GError **error)
{
    g_autoptr(Project) project = NULL;
    g_autoptr(ImportState) state = NULL;
    g_autoptr(json_t) args = json_pack("[I]", (json_int_t)project_id);
    gboolean by_this_job;

    if (!import_state_find(session, project_id, &state, error))
        return FALSE;
    if (!state || !g_str_equal(state->status, "finished"))
        return TRUE;
    if (!session_pushed(session, "AuthorizedProjectUpdate::ProjectRecalculateWorker", args, &by_this_job,
                        error) ||
        !project_find(session, project_id, &project, error))
        return FALSE;
    return !by_this_job || !project || after_finish(session, project, error);
}

gboolean finish_import_perform(Session *session, const Job *job, GError **error)
{
    gint64 project_id;

    return job_check_arity(job, 1, 1, error) && job_arg_integer(job, 0, &project_id, error) &&
           repeat_after_finish(session, project_id, error) &&
           stage_perform(session, job, finish_import, error);
}
