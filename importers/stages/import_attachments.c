#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_attachments(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "protected_branches", error);
}

gboolean import_attachments_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_attachments, error);
}
