#include "importers/objects/pull_request.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

#define IMPORTER "Importer::PullRequestsImporter" /* as GitLab's log names it */

static gboolean import_pull_requests(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    log_info("starting importer", "{s:s}", "importer", IMPORTER);
    return parallel_scheduling_run(stage, &pull_requests_collection, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "collaborators", error);
}

gboolean import_pull_requests_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_pull_requests, error);
}
