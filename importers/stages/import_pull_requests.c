#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_pull_requests(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "collaborators", error);
}

gboolean import_pull_requests_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_pull_requests, error);
}
