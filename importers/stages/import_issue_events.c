/*
 * app/workers/gitlab/github_import/stage/import_issue_events_worker.rb: the timelines of issues, then of
 * merge requests.
 *
 * They are read whatever GitLab it is, with the comments, reviews, review requests and merges that they tell
 * of, as the newest GitLab does. GitLab 16 and 17 leave these to stages of their own unless the import has
 * "extended events"; what the jobs of such stages have imported is not imported again. An import of theirs
 * whose events nobody wants has these stages, and no timeline.
 */
#include "importers/objects/issue_event_representation.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

static const ParentCollection *const PARENTS[] = {&issue_parents, &merge_request_parents, NULL};

static gboolean read_timelines(Stage *stage, json_t *waiters, GError **error)
{
    log_info("starting importer", "{s:s}", "importer", issue_events_collection.importer);
    return parallel_scheduling_run_parents(stage, &issue_events_collection, PARENTS, waiters, error);
}

static gboolean import_issue_events(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    if (stage->data->issue_events_refused)
        return stage_advance_to(stage, g_steal_pointer(&waiters), "notes", error);
    return read_timelines(stage, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "attachments", error);
}

gboolean import_issue_events_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_issue_events, error);
}
