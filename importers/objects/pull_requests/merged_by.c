#include "importers/objects/pull_requests/merged_by.h"

#include "importers/objects/pull_request_representation.h"
#include "importers/objects/pull_requests/merge_metrics.h"
#include "importers/objects/pull_requests/parents.h"
#include "importers/objects/representation.h"

#define OBJECT_TYPE "pull_request_merged_by"

/* --- jobs --- */

static char *iid_text(const json_t *pull_request)
{
    return representation_id(pull_request, "iid");
}

/* Leaves an object whose merge request does not exist without importer_data. */
static gboolean attach_metrics(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const json_t *pull_request = object->representation;
    g_autofree char *iid = iid_text(pull_request);
    gint64 merge_request_id;
    if (!finder_find(batch->merge_requests, iid, &merge_request_id, error))
        return FALSE;
    if (merge_request_id == 0)
        return TRUE;
    object->importer_data = merge_metrics_new(merge_request_id, json_object_get(pull_request, "merged_by"),
                                              representation_timestamp(pull_request, "merged_at"));
    object->importer_data_free = (GDestroyNotify)merge_metrics_free;
    return TRUE;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) metrics = g_ptr_array_new();
    if (!object_batch_preload(batch, batch->merge_requests, iid_text, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        if (!attach_metrics(batch, object, error))
            return FALSE;
        if (object->importer_data)
            g_ptr_array_add(metrics, object->importer_data);
    }
    return merge_metrics_prepare(batch, metrics, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    if (object->importer_data)
        return merge_metrics_import(batch, object, object->importer_data, error);
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD,
                        "the merged pull request's merge request does not exist");
    return FALSE;
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) fresh = object_batch_fresh_data(batch);
    return merge_metrics_write(batch, fresh, error);
}

static void people(const json_t *pull_request, json_t *users)
{
    json_array_append(users, json_object_get(pull_request, "merged_by"));
}

static const RowTable *const no_tables[] = {NULL};

const ObjectImporter merged_by_importer = {
    .class_name = "Gitlab::GithubImport::Importer::PullRequests::MergedByImporter",
    .object_type = OBJECT_TYPE,
    .identifiers = pull_request_identifiers,
    .receipt = iid_text,
    .people = people,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .tables = no_tables,
};

/* --- the collection --- */

static char *parent_id(G_GNUC_UNUSED const json_t *answer, const json_t *parent)
{
    return representation_id(parent, "id");
}

static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *answer,
                              G_GNUC_UNUSED const json_t *parent, G_GNUC_UNUSED GError **error)
{
    return pull_request_representation(answer);
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *answer)
{
    return OBJECT_TYPE;
}

static const ObjectCollection merged_pull_requests = {
    .importer = "Gitlab::GithubImport::Importer::PullRequests::AllMergedByImporter",
    .object_importer = "Gitlab::GithubImport::Importer::PullRequests::MergedByImporter",
    .name = "pull_requests_merged_by",
    .path = "pulls/%s",
    .worker = "Gitlab::GithubImport::PullRequests::ImportMergedByWorker",
    .id = parent_id,
    .representation = representation,
    .fetched_as = fetched_as,
    .people = people,
};

static const Statement merged = {
    "merged_by_merge_requests",
    "SELECT iid, id FROM merge_requests WHERE target_project_id = $1 AND iid > $2 AND state_id = 3"
    " ORDER BY iid LIMIT 100",
};

/* Ruby asks its set of scheduled objects which are done. That one is kept for 15 minutes only when all are
 * scheduled; a stage that is retried later would schedule them again. */
static const ParentCollection parents = {
    .object_type = "pull_request",
    .next = &merged,
    .parent = merge_request_as_parent,
    .single = TRUE,
    .done_set = "github-importer/pull_requests/pull_requests_merged_by/already-imported/%" G_GINT64_FORMAT,
};

gboolean merged_by_schedule(Stage *stage, json_t *waiters, GError **error)
{
    const ParentCollection *const all[] = {&parents, NULL};
    return parallel_scheduling_run_parents(stage, &merged_pull_requests, all, waiters, error);
}
