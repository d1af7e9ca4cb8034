/* lib/gitlab/github_import/importer/pull_requests/reviews_importer.rb,
 * representation/pull_request_review.rb */
#include "importers/objects/pull_requests/parents.h"
#include "importers/objects/pull_requests/review.h"
#include "importers/objects/representation.h"

static char *review_id(const json_t *review, G_GNUC_UNUSED const json_t *parent)
{
    return representation_id(review, "id");
}

static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *review, const json_t *parent,
                              G_GNUC_UNUSED GError **error)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "merge_request_id", representation_value(parent, "id"),
        "merge_request_iid", representation_value(parent, "iid"), "author",
        representation_user(json_object_get(review, "user")), "note", representation_value(review, "body"),
        "review_type", representation_value(review, "state"), "submitted_at",
        representation_time(review, "submitted_at"), "review_id", representation_value(review, "id"));
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *review)
{
    return "pull_request_review";
}

static void people(const json_t *review, json_t *users)
{
    json_array_append(users, json_object_get(review, "user"));
}

static const ObjectCollection reviews = {
    .importer = "Gitlab::GithubImport::Importer::PullRequests::ReviewsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::PullRequests::ReviewImporter",
    .name = "pull_request_reviews",
    .path = "pulls/%s/reviews",
    .worker = "Gitlab::GithubImport::PullRequests::ImportReviewWorker",
    .id = review_id,
    .representation = representation,
    .fetched_as = fetched_as,
    .people = people,
};

static const ParentCollection parents = {
    .object_type = "pull_request",
    .next = &every_merge_request,
    .parent = merge_request_as_parent,
    .done_set = "github-importer/merge_request/already-imported/%" G_GINT64_FORMAT,
    .done_set_key = "id",
    .page_counter = "merge_request/%s/pull_request_reviews",
    .page_counter_key = "id",
};

gboolean reviews_schedule(Stage *stage, json_t *waiters, GError **error)
{
    const ParentCollection *const all[] = {&parents, NULL};
    return parallel_scheduling_run_parents(stage, &reviews, all, waiters, error);
}
