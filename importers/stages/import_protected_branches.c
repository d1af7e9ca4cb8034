/* app/workers/gitlab/github_import/stage/import_protected_branches_worker.rb */
#include "importers/objects/protected_branch.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

#define IMPORTER "Importer::ProtectedBranchesImporter" /* as GitLab's log names it */

static gboolean import_protected_branches(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    log_info("starting importer", "{s:s}", "importer", IMPORTER);
    return parallel_scheduling_run(stage, &protected_branches_collection, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "lfs_objects", error);
}

gboolean import_protected_branches_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_protected_branches, error);
}
