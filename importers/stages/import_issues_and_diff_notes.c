#include "importers/objects/issue.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

static gboolean import_issues_and_diff_notes(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    log_info("starting importer", "{s:s}", "importer", issues_collection.importer);
    return parallel_scheduling_run(stage, &issues_collection, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "issue_events", error);
}

gboolean import_issues_and_diff_notes_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_issues_and_diff_notes, error);
}
