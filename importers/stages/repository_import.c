#include "importers/gitlab/import_state.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

#define FIRST_STAGE "Gitlab::GithubImport::Stage::ImportRepositoryWorker"

/* ProjectStartImport: scheduled -> started, or already started by an earlier delivery of this very job. */
static gboolean start_import(Session *session, const Project *project, gboolean *started, GError **error)
{
    g_autoptr(ImportState) state = NULL;

    if (!import_state_find(session, project->id, &state, error))
        return FALSE;
    *started =
        state && g_str_equal(state->status, "started") && g_strcmp0(state->jid, session->job->jid) == 0;
    if (*started)
        return TRUE;
    if (!import_state_start(session, project->id, started, error))
        return FALSE;
    if (!*started)
        log_info("Project was in inconsistent state while importing", "{s:s, s:s}", "project_full_path",
                 project->full_path, "project_import_status", state ? state->status : "none");
    return TRUE;
}

/* The first stage is enqueued before the job id is replaced: a job killed in between is delivered again,
 * still matches by its own id, and finds the push already done. In GitLab's order the import would be stuck.
 */
static gboolean begin_stages(Session *session, const Project *project, GError **error)
{
    json_t *args = json_pack("[I]", (json_int_t)project->id);

    return session_push_once(session, FIRST_STAGE, args, TRUE, error) &&
           import_state_set_async_jid(session, project->id, session->job->jid, error);
}

gboolean repository_import_perform(Session *session, const Job *job, GError **error)
{
    g_autoptr(Project) project = NULL;
    gint64 project_id;
    gboolean started;

    if (!job_check_arity(job, 1, 1, error) || !job_arg_integer(job, 0, &project_id, error) ||
        !project_find(session, project_id, &project, error))
        return FALSE;
    if (!project) {
        g_set_error(error, PROJECT_ERROR, PROJECT_ERROR_NOT_FOUND,
                    "Couldn't find Project with 'id'=%" G_GINT64_FORMAT, project_id);
        return FALSE;
    }
    if (g_strcmp0(project->import_type, "github") != 0) {
        g_set_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER, "import type %s is not GitHub's",
                    project->import_type ? project->import_type : "none");
        return FALSE;
    }
    if (!start_import(session, project, &started, error))
        return FALSE;
    return started ? begin_stages(session, project, error) : TRUE;
}
