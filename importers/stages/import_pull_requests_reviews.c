/* app/workers/gitlab/github_import/stage/import_pull_requests_reviews_worker.rb of GitLabs up to 17.x: the
 * reviews. Where the import has "extended events", the timeline brings them. */
#include "importers/objects/pull_requests/review.h"
#include "importers/stages/stages.h"

static gboolean import_pull_requests_reviews(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return (stage->data->extended_events || reviews_schedule(stage, waiters, error)) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "issues_and_diff_notes", error);
}

gboolean import_pull_requests_reviews_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_pull_requests_reviews, error);
}
