/* Gitlab::Import::RefreshImportJidWorker (app/workers/gitlab/import/refresh_import_jid_worker.rb): keeps an
 * import alive for the stuck-import check as long as the job that it watches runs. */
#include "importers/gitlab/import_state.h"
#include "importers/stages/stages.h"
#include "protocol/sidekiq_status.h"

#define INTERVAL       300   /* seconds */
#define JOB_EXPIRATION 86400 /* seconds; Gitlab::Import::StuckImportJob::IMPORT_JOBS_EXPIRATION */

gboolean refresh_import_jid_perform(Session *session, const Job *job, GError **error)
{
    Redis *redis = session_redis(session, REDIS_QUEUES_METADATA);
    gint64 project_id;
    const char *checked_jid;
    gboolean running, alive;

    if (!job_check_arity(job, 2, 3, error) || !job_arg_integer(job, 0, &project_id, error) ||
        !job_arg_string(job, 1, &checked_jid, error) ||
        !sidekiq_status_running(redis, checked_jid, &running, error))
        return FALSE;
    if (!running)
        return TRUE;
    if (!import_state_refresh_jid(session, project_id, &alive, error))
        return FALSE;
    if (!alive)
        return TRUE;
    return sidekiq_status_expire(redis, checked_jid, JOB_EXPIRATION, error) &&
           session_push_in(session, "Gitlab::Import::RefreshImportJidWorker", INTERVAL,
                           json_pack("[I, s]", (json_int_t)project_id, checked_jid), TRUE, error);
}

/* The old class only passes its arguments on to the new one. */
gboolean forward_refresh_import_jid_perform(Session *session, const Job *job, GError **error)
{
    return job_check_arity(job, 2, 3, error) &&
           session_push_once(session, "Gitlab::Import::RefreshImportJidWorker", json_incref(job->args), FALSE,
                             error);
}
