/* app/workers/gitlab/github_import/stage/import_pull_requests_review_requests_worker.rb of GitLabs up
 * to 17.x: who is asked for a review. Where the import has "extended events", the timeline brings them. */
#include "importers/objects/pull_requests/review_request.h"
#include "importers/stages/stages.h"

static gboolean import_pull_requests_review_requests(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return (stage->data->extended_events || review_requests_schedule(stage, waiters, error)) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "pull_request_reviews", error);
}

gboolean import_pull_requests_review_requests_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_pull_requests_review_requests, error);
}
