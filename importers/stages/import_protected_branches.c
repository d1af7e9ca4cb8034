#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_protected_branches(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "lfs_objects", error);
}

gboolean import_protected_branches_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_protected_branches, error);
}
