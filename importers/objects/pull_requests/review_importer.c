/* Reviews that come with jobs of their own. */
#include "importers/objects/note.h"
#include "importers/objects/pull_requests/review.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

/* NULL: a representation of GitLab before 16, which has only the merge request's id. (transfer full) */
static char *merge_request_iid(const json_t *representation)
{
    gboolean present = json_integer_field(representation, "merge_request_iid", 0) > 0;
    return present ? representation_id(representation, "merge_request_iid") : NULL;
}

static gboolean find_merge_request(ObjectBatch *batch, const json_t *representation, gint64 *id,
                                   GError **error)
{
    g_autofree char *iid = merge_request_iid(representation);
    *id = json_integer_field(representation, "merge_request_id", 0);
    return !iid || finder_find(batch->merge_requests, iid, id, error);
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) reviews = g_ptr_array_new();
    if (!object_batch_preload(batch, batch->merge_requests, merge_request_iid, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        gint64 merge_request_id;
        if (!find_merge_request(batch, object->representation, &merge_request_id, error))
            return FALSE;
        object->importer_data =
            review_new(json_incref((json_t *)object->representation), merge_request_id, TRUE);
        object->importer_data_free = (GDestroyNotify)review_free;
        g_ptr_array_add(reviews, object->importer_data);
    }
    return reviews_prepare(batch, reviews, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    return review_import(batch, object, object->importer_data, error);
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) fresh = object_batch_fresh_data(batch);
    return reviews_write(batch, fresh, error);
}

static void people(const json_t *representation, json_t *users)
{
    json_array_append(users, json_object_get(representation, "author"));
}

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:o, s:o}", "merge_request_iid",
                     representation_value(representation, "merge_request_iid"), "review_id",
                     representation_value(representation, "review_id"));
}

static char *receipt(const json_t *representation)
{
    return representation_id(representation, "review_id");
}

static const RowTable *const tables[] = {&note_table, NULL};

const ObjectImporter review_importer = {
    .class_name = "Gitlab::GithubImport::Importer::PullRequests::ReviewImporter",
    .object_type = REVIEW_RECEIPT,
    .identifiers = identifiers,
    .receipt = receipt,
    .people = people,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .tables = tables,
};
