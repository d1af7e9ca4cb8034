/* app/workers/gitlab/github_import/stage/import_lfs_objects_worker.rb,
 * lib/gitlab/github_import/importer/lfs_objects_importer.rb */
#include "importers/git/repository.h"
#include "importers/gitlab/import_failure.h"
#include "importers/http/exchange.h"
#include "importers/lfs/lfs_download_list.h"
#include "importers/objects/lfs_object.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

#define IMPORTER "Importer::LfsObjectsImporter" /* as GitLab's log names it */

/* The server cannot be reached, or the repository cannot be read: the import goes on with the objects so far.
 * What our own servers refuse is left to Sidekiq's retries, unlike in Ruby. */
static gboolean ends_the_list_only(const GError *failure)
{
    return failure->domain == HTTP_ERROR || failure->domain == GIT_ERROR_DOMAIN;
}

static gboolean each_object_to_import(Stage *stage, ObjectSink take, gpointer data, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (lfs_download_list(stage, take, data, &failure))
        return TRUE;
    if (ends_the_list_only(failure))
        return import_failure_track_error(stage->session, stage->project->id, lfs_object_importer.class_name,
                                          failure, FALSE, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean import_lfs_objects(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    log_info("starting importer", "{s:s}", "importer", IMPORTER);
    return parallel_scheduling_run_source(stage, &lfs_objects_collection, each_object_to_import, waiters,
                                          error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "finish", error);
}

gboolean import_lfs_objects_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_lfs_objects, error);
}
