#include "importers/stages/stage.h"

#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/import_watch.h"
#include "importers/stages/job_delay.h"
#include "importers/stages/stages.h"
#include "protocol/error_class.h"
#include "protocol/log.h"

#define REFRESH_JID_INTERVAL 300 /* seconds; lib: Gitlab::Import::RefreshImportJidWorker */

static void stage_clear(Stage *stage)
{
    g_clear_pointer(&stage->users, user_finder_free);
    g_clear_pointer(&stage->github, github_client_free);
    g_clear_pointer(&stage->data, import_data_free);
    g_clear_pointer(&stage->project, project_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stage, stage_clear)

/* *running is FALSE when there is nothing left to import into. */
static gboolean stage_load(Stage *stage, gint64 project_id, gboolean *running, GError **error)
{
    g_autoptr(ImportState) state = NULL;

    *running = FALSE;
    if (!project_find(stage->session, project_id, &stage->project, error))
        return FALSE;
    log_info("starting stage", NULL);
    if (!stage->project)
        return TRUE;

    if (!import_state_find(stage->session, project_id, &state, error))
        return FALSE;
    if (state && import_state_completed(state)) {
        log_info("Project import is no longer running. Stopping worker.", "{s:s}", "import_status",
                 state->status);
        return TRUE;
    }
    *running = TRUE;
    return TRUE;
}

/* A later job renews the status key of the import and of this job as long as this job runs. */
static gboolean schedule_jid_refresh(Stage *stage, GError **error)
{
    const char *jid = stage->session->job->jid;
    json_t *args = json_pack("[I, s]", (json_int_t)stage->project->id, jid);

    return session_push_in(stage->session, "Gitlab::Import::RefreshImportJidWorker", REFRESH_JID_INTERVAL,
                           args, TRUE, error);
}

static gboolean stage_connect(Stage *stage, GError **error)
{
    if (!import_data_find(stage->session, stage->project->id, &stage->data, error))
        return FALSE;
    stage->github = github_client_new(stage->session, stage->project, stage->data, error);
    if (!stage->github)
        return FALSE;
    stage->users = user_finder_new(stage->session, stage->github, stage->project, stage->data);
    return TRUE;
}

static gboolean stage_run(Stage *stage, StageImport import, GError **error)
{
    return schedule_jid_refresh(stage, error) &&
           import_state_refresh_jid(stage->session, stage->project->id, NULL, error) &&
           stage_connect(stage, error) && import(stage, error);
}

/* The failure is recorded if it can be; the error that counts is the stage's own. */
static void record_failure(Stage *stage, const GError *cause)
{
    g_autoptr(GError) error = NULL;

    if (!import_failure_track_error(stage->session, stage->project->id, stage->session->worker->name, cause,
                                    FALSE, &error))
        log_error("import failure could not be recorded", error, NULL);
}

static gboolean stage_run_again_in(Stage *stage, double seconds, const GError *cause, GError **error)
{
    const char *class_name = stage->session->worker->name;

    log_info("stage retrying", "{s:s, s:f}", "exception_class", error_class(cause), "reset_in", seconds);
    return session_push_in(stage->session, class_name, seconds,
                           json_pack("[I]", (json_int_t)stage->project->id), TRUE, error);
}

/* A job that was killed after it had asked to be run again later must not go on beside its successor. */
static gboolean already_running_again(Stage *stage, gboolean *again, GError **error)
{
    g_autoptr(json_t) args = json_pack("[I]", (json_int_t)stage->project->id);

    return session_pushed(stage->session, stage->session->worker->name, args, again, error);
}

/* Once the import has ended, so has the stage, however it got on. */
static gboolean stage_run_watched(Stage *stage, StageImport import, GError **error)
{
    g_auto(ImportWatch) watch = {0};
    g_autoptr(GError) cause = NULL;

    import_watch_begin(&watch, stage->session, stage->project->id);
    if (stage_run(stage, import, &cause)) {
        log_info("stage finished", NULL);
        return TRUE;
    }
    if (import_watch_explains(stage->session, cause))
        return TRUE;
    if (job_delay_reset_in(cause) > 0)
        return stage_run_again_in(stage, job_delay_reset_in(cause), cause, error);
    if (!job_error_is_no_failure(cause))
        record_failure(stage, cause);
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

gboolean stage_perform(Session *session, const Job *job, StageImport import, GError **error)
{
    g_auto(Stage) stage = {.session = session};
    gint64 project_id;
    gboolean running, again;

    if (!job_check_arity(job, 1, 1, error) || !job_arg_integer(job, 0, &project_id, error))
        return FALSE;
    log_add_context("import_type", json_string("github"));
    log_add_context("feature_category", json_string("importers"));
    log_add_context("import_stage", json_string(session->worker->name));

    if (!stage_load(&stage, project_id, &running, error))
        return FALSE;
    if (!running)
        return TRUE;
    if (!already_running_again(&stage, &again, error))
        return FALSE;
    return again || stage_run_watched(&stage, import, error);
}

gboolean stage_continue_with(Stage *stage, const char *class_name, GError **error)
{
    g_autoptr(json_t) args = json_pack("[I]", (json_int_t)stage->project->id);

    return import_watch_check(stage->session, error) &&
           session_push_once(stage->session, class_name, g_steal_pointer(&args), FALSE, error);
}

gboolean stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error)
{
    g_autoptr(json_t) args = json_pack("[I, o, s]", (json_int_t)stage->project->id, waiters, next_stage);

    return import_watch_check(stage->session, error) &&
           session_push_once(stage->session, "Gitlab::GithubImport::AdvanceStageWorker",
                             g_steal_pointer(&args), FALSE, error);
}

void stage_retries_exhausted(Session *session, const Job *job, const GError *last_error)
{
    g_autoptr(GError) error = NULL;
    gint64 project_id;

    /* GitLab's block runs in the class itself, so the recorded source is the class of a class. */
    if (!job_arg_integer(job, 0, &project_id, &error) ||
        !import_failure_track_error(session, project_id, "Class", last_error, TRUE, &error))
        log_error("the import could not be marked as failed", error, NULL);
}
