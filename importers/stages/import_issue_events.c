#include "importers/objects/issue_event_representation.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

/* Issues first, then merge requests, as in Ruby. */
static const ParentCollection *const PARENTS[] = {&issue_parents, &merge_request_parents, NULL};

static gboolean import_issue_events(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    log_info("starting importer", "{s:s}", "importer", issue_events_collection.importer);
    return parallel_scheduling_run_parents(stage, &issue_events_collection, PARENTS, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "attachments", error);
}

gboolean import_issue_events_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_issue_events, error);
}
