#include "importers/objects/bulk_import.h"
#include "importers/stages/stage.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

static const BulkImporter *const IMPORTERS[] = {&labels_importer, &milestones_importer, &releases_importer};

static gboolean import_base_data(Stage *stage, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(IMPORTERS); i++) {
        log_info("starting importer", "{s:s}", "importer", IMPORTERS[i]->class_name);
        if (!bulk_import(stage, IMPORTERS[i], error))
            return FALSE;
    }
    return stage_continue_with(stage, "Gitlab::GithubImport::Stage::ImportPullRequestsWorker", error);
}

gboolean import_base_data_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_base_data, error);
}
