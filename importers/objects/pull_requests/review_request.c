#include "importers/objects/pull_requests/review_request.h"

#include "importers/objects/pull_requests/parents.h"
#include "importers/objects/pull_requests/reviewers.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

/* --- jobs --- */

/* ImportedObject.importer_data. */
typedef struct ReviewRequest {
    GHashTable *reviewers; /* of the whole batch; see merge_request_users.h */
    json_t *rows;
} ReviewRequest;

static void review_request_free(gpointer data)
{
    ReviewRequest *request = data;
    g_hash_table_unref(request->reviewers);
    json_decref(request->rows);
    g_free(request);
}

static gint64 merge_request_id(const ImportedObject *object)
{
    return json_integer_field(object->representation, "merge_request_id", 0);
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) merge_requests = json_array();
    for (guint i = 0; i < batch->objects->len; i++)
        json_array_append_new(merge_requests, json_integer(merge_request_id(batch->objects->pdata[i])));
    g_autoptr(GHashTable) reviewers = reviewers_find(batch, merge_requests, error);
    for (guint i = 0; reviewers && i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        ReviewRequest *request = g_new0(ReviewRequest, 1);
        request->reviewers = g_hash_table_ref(reviewers);
        request->rows = json_array();
        object->importer_data = request;
        object->importer_data_free = review_request_free;
    }
    return reviewers != NULL;
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const ReviewRequest *request = object->importer_data;
    const json_t *users = json_object_get(object->representation, "users");
    size_t index;
    json_t *user;
    json_array_foreach (users, index, user)
        if (!reviewer_build_asked(batch, object, merge_request_id(object), user, request->reviewers,
                                  request->rows, error))
            return FALSE;
    return TRUE;
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (object->fresh)
            json_array_extend(rows, ((const ReviewRequest *)object->importer_data)->rows);
    }
    return reviewers_write(batch, rows, error);
}

static void people(const json_t *representation, json_t *users)
{
    json_array_extend(users, json_object_get(representation, "users"));
}

static json_t *identifiers(const json_t *representation)
{
    json_t *logins = json_array(), *user;
    size_t index;
    json_array_foreach (json_object_get(representation, "users"), index, user)
        json_array_append_new(logins, representation_value(user, "login"));
    return json_pack("{s:o, s:o}", "merge_request_iid",
                     representation_value(representation, "merge_request_iid"), "requested_reviewers",
                     logins);
}

static char *receipt(const json_t *representation)
{
    return representation_id(representation, "merge_request_id");
}

static const RowTable *const no_tables[] = {NULL};

const ObjectImporter review_request_importer = {
    .class_name = "Gitlab::GithubImport::Importer::PullRequests::ReviewRequestImporter",
    .object_type = "pull_request_review_request",
    .identifiers = identifiers,
    .receipt = receipt,
    .people = people,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .tables = no_tables,
};

/* --- the collection --- */

static char *parent_iid(G_GNUC_UNUSED const json_t *answer, const json_t *parent)
{
    return representation_id(parent, "iid");
}

/* The requested teams are left out. */
static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *answer, const json_t *parent,
                              G_GNUC_UNUSED GError **error)
{
    return json_pack("{s:o, s:o, s:o}", "merge_request_id", representation_value(parent, "id"),
                     "merge_request_iid", representation_value(parent, "iid"), "users",
                     representation_users(json_object_get(answer, "users")));
}

static const ObjectCollection review_requests = {
    .importer = "Gitlab::GithubImport::Importer::PullRequests::ReviewRequestsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::PullRequests::ReviewRequestImporter",
    .name = "pull_request_review_requests",
    .path = "pulls/%s/requested_reviewers",
    .worker = "Gitlab::GithubImport::PullRequests::ImportReviewRequestWorker",
    .id = parent_iid,
    .representation = representation,
    .people = people,
};

static const ParentCollection parents = {
    .object_type = "pull_request",
    .next = &every_merge_request,
    .parent = merge_request_as_parent,
    .single = TRUE,
    .done_set =
        "github-importer/pull_requests/pull_request_review_requests/already-imported/%" G_GINT64_FORMAT,
};

gboolean review_requests_schedule(Stage *stage, json_t *waiters, GError **error)
{
    const ParentCollection *const all[] = {&parents, NULL};
    return parallel_scheduling_run_parents(stage, &review_requests, all, waiters, error);
}
