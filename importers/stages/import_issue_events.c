#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_issue_events(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "attachments", error);
}

gboolean import_issue_events_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_issue_events, error);
}
