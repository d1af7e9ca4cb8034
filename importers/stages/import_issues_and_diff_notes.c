#include "importers/stages/stage.h"
#include "importers/stages/stages.h"

static gboolean import_issues_and_diff_notes(Stage *stage, GError **error)
{
    return stage_advance_without_objects(stage, "issue_events", error);
}

gboolean import_issues_and_diff_notes_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_issues_and_diff_notes, error);
}
