#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_collaborators(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "issues_and_diff_notes", error);
}

gboolean import_collaborators_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_collaborators, error);
}
