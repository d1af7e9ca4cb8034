/* app/workers/gitlab/github_import/stage/import_attachments_worker.rb: the files in all texts that the
 * project has by now. */
#include "importers/objects/note_text.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

static const RecordCollection *const COLLECTIONS[] = {
    &release_attachments_collection,
    &note_attachments_collection,
    &issue_attachments_collection,
    &merge_request_attachments_collection,
};

static gboolean schedule_attachments(Stage *stage, json_t *waiters, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(COLLECTIONS); i++) {
        log_info("starting importer", "{s:s}", "importer", COLLECTIONS[i]->objects.importer);
        if (!parallel_scheduling_run_records(stage, COLLECTIONS[i], waiters, error))
            return FALSE;
    }
    return TRUE;
}

/* Leaves `waiters` empty where files are not wanted. */
static gboolean run_importers(Stage *stage, json_t *waiters, GError **error)
{
    if (stage->data->attachments_import)
        return schedule_attachments(stage, waiters, error);
    log_info("skipping importer", "{s:s}", "importer", "Attachments");
    return TRUE;
}

static gboolean import_attachments(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return run_importers(stage, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "protected_branches", error);
}

gboolean import_attachments_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_attachments, error);
}
