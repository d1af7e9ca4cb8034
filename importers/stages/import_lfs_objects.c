#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_lfs_objects(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "finish", error);
}

gboolean import_lfs_objects_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_lfs_objects, error);
}
