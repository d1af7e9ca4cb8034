#include "importers/objects/issue.h"

#include "importers/objects/issuable.h"
#include "importers/objects/issue_batch.h"
#include "importers/objects/issue_label_links.h"
#include "importers/objects/issue_rows.h"
#include "importers/objects/issue_search_data.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

static const char *issuable_type(const json_t *representation)
{
    return issue_is_pull_request(representation) ? "MergeRequest" : "Issue";
}

/* What Ruby's representation would stumble over. */
static gboolean check_shape(const ImportedObject *object, GError **error)
{
    const json_t *representation = object->representation;
    if (issue_iid(object->representation) > 0 &&
        json_is_array(json_object_get(representation, "label_names")) &&
        json_is_array(json_object_get(representation, "assignees")))
        return TRUE;
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD,
                        "the representation of an issue has no iid, assignees or label_names");
    return FALSE;
}

static gboolean check_not_taken(const IssueWork *work, GError **error)
{
    if (!work->existing_id || work->imported)
        return TRUE;
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NOT_UNIQUE,
                        "PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint "
                        "\"index_issues_on_project_id_and_iid\"");
    return FALSE;
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const json_t *representation = object->representation;
    const IssueWork *work = object->importer_data;
    if (!check_shape(object, error))
        return FALSE;
    if (!issue_is_pull_request(representation) &&
        (!check_not_taken(work, error) || (!work->existing_id && !issue_rows_build(batch, object, error))))
        return FALSE;
    gint64 target = work->existing_id ? work->existing_id : work->new_id;
    return target == 0 ||
           issue_label_links_build(batch, object, issuable_type(representation), target, work->linked, error);
}

/* The issue's id now; 0: it is a pull request, or somebody has deleted the issue. */
static gint64 committed_id(const ImportedObject *object)
{
    const IssueWork *work = object->importer_data;
    if (issue_is_pull_request(object->representation))
        return 0;
    if (work->existing_id)
        return work->existing_id;
    return object->fresh ? work->new_id : 0;
}

static gboolean committed(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) iids = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        gint64 id = committed_id(object);
        if (!id)
            continue;
        g_ptr_array_add(iids, issuable_iid_text(issue_iid(object->representation)));
        g_array_append_val(ids, id);
    }
    return finder_remember(batch->issues, iids, ids, error) &&
           issue_search_data_update(batch->session, ids, error);
}

static const char *counted_as(const json_t *representation)
{
    return issue_is_pull_request(representation) ? NULL : "issue";
}

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:o, s:o, s:s}", "iid", representation_value(representation, "iid"), "title",
                     representation_value(representation, "title"), "issuable_type",
                     issuable_type(representation));
}

static char *receipt(const json_t *representation)
{
    return issuable_iid_text(issue_iid(representation));
}

static void people(const json_t *representation, json_t *users)
{
    if (issue_is_pull_request(representation))
        return;
    json_array_append_new(users, representation_value(representation, "author"));
    if (json_is_array(json_object_get(representation, "assignees")))
        json_array_extend(users, json_object_get(representation, "assignees"));
}

const ObjectImporter issue_importer = {
    .class_name = "Gitlab::GithubImport::Importer::IssueAndLabelLinksImporter",
    .object_type = "issue",
    .counted_as = counted_as,
    .identifiers = identifiers,
    .receipt = receipt,
    .people = people,
    .prepare = issue_batch_prepare,
    .build = build,
    .committed = committed,
    .tables = (const RowTable *const[]){&issue_table, &issue_assignee_table, &label_link_table, NULL},
};
