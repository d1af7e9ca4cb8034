/*
 * app/workers/gitlab/github_import/stage/import_issues_and_diff_notes_worker.rb: issues, then review
 * comments.
 */
#include "importers/gitlab/people_mode.h"
#include "importers/objects/diff_note_collection.h"
#include "importers/objects/issue.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

static gboolean run_issues(Stage *stage, json_t *waiters, GError **error)
{
    log_info("starting importer", "{s:s}", "importer", issues_collection.importer);
    return parallel_scheduling_run(stage, &issues_collection, waiters, error);
}

static gboolean run_single_endpoint(Stage *stage, json_t *waiters, GError **error)
{
    static const ParentCollection *const parents[] = {&diff_notes_parents, NULL};
    log_info("starting importer", "{s:s}", "importer", diff_notes_collection.importer);
    return parallel_scheduling_run_parents(stage, &diff_notes_collection, parents, waiters, error);
}

/* Where GitHub lists no more Ruby fails. Here the rest is asked for merge request by merge request. */
static gboolean run_repository(Stage *stage, json_t *waiters, GError **error)
{
    gboolean cut;
    log_info("starting importer", "{s:s}", "importer", repository_diff_notes_collection.importer);
    if (!parallel_scheduling_run_limited(stage, &repository_diff_notes_collection, waiters, &cut, error))
        return FALSE;
    if (!cut)
        return TRUE;
    log_info("GitHub lists no more review comments, asking merge request by merge request", NULL);
    return run_single_endpoint(stage, waiters, error);
}

static gboolean run_diff_notes(Stage *stage, json_t *waiters, GError **error)
{
    gboolean single = people_mode_is_newest(stage->session) || stage->data->single_endpoint_notes_import;
    return single ? run_single_endpoint(stage, waiters, error) : run_repository(stage, waiters, error);
}

static gboolean import_issues_and_diff_notes(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return run_issues(stage, waiters, error) && run_diff_notes(stage, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "issue_events", error);
}

gboolean import_issues_and_diff_notes_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_issues_and_diff_notes, error);
}
