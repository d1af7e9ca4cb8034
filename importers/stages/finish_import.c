#include "importers/gitlab/import_state.h"
#include "importers/gitlab/internal_id.h"
#include "importers/gitlab/object_counter.h"
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/receipts.h"
#include "importers/import_metrics.h"
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

/* Project#after_import up to the change of state (app/models/project.rb). */
static gboolean before_finish(Stage *stage, GError **error)
{
    Session *session = stage->session;
    const Project *project = stage->project;

    return session_push_once(session, "DetectRepositoryLanguagesWorker", project_args(project), FALSE,
                             error) &&
           session_push_once(
               session, "ProjectCacheWorker",
               json_pack("[I, [], [s, s]]", (json_int_t)project->id, "repository_size", "wiki_size"), FALSE,
               error) &&
           session_push_once(session, "AuthorizedProjectUpdate::ProjectRecalculateWorker",
                             project_args(project), FALSE, error) &&
           internal_id_delete_all(session, project, error);
}

/* Follow-up jobs of the finished import. Repeatable. */
static gboolean after_finish(Session *session, const Project *project, GError **error)
{
    return session_push_once(session, "Projects::AfterImportWorker", project_args(project), FALSE, error) &&
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

    if (!load_placeholders(stage, &pending, error))
        return FALSE;
    if (pending > 0)
        return come_back_later(stage, pending, error);
    if (!before_finish(stage, error))
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
