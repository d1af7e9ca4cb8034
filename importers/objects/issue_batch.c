#include "importers/objects/issue_batch.h"

#include "importers/objects/issuable.h"
#include "importers/objects/issue_label_links.h"
#include "protocol/json.h"

static const Statement existing = {
    "issues_existing",
    "SELECT id, iid, imported_from = 4 AS imported FROM issues WHERE project_id = $1"
    " AND iid = ANY(ARRAY(SELECT value::integer FROM json_array_elements_text($2::json)))",
};
/* GitLabs that do not know where an issue comes from. */
static const Statement existing_without_source = {
    "issues_existing_without_source",
    "SELECT id, iid, true AS imported FROM issues WHERE project_id = $1"
    " AND iid = ANY(ARRAY(SELECT value::integer FROM json_array_elements_text($2::json)))",
};

gboolean issue_is_pull_request(const json_t *representation)
{
    return json_is_true(json_object_get(representation, "pull_request"));
}

gint64 issue_iid(const json_t *representation)
{
    return json_integer_field(representation, "iid", 0);
}

static void issue_work_free(gpointer data)
{
    IssueWork *work = data;
    g_hash_table_unref(work->linked);
    g_free(work);
}

static ImportedObject *object_at(const ObjectBatch *batch, guint i)
{
    return batch->objects->pdata[i];
}

static IssueWork *work_at(const ObjectBatch *batch, guint i)
{
    return object_at(batch, i)->importer_data;
}

static gint64 iid_at(const ObjectBatch *batch, guint i)
{
    return issue_iid(object_at(batch, i)->representation);
}

static gboolean is_pull_request_at(const ObjectBatch *batch, guint i)
{
    return issue_is_pull_request(object_at(batch, i)->representation);
}

static void attach_work(ObjectBatch *batch, GHashTable *linked)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = object_at(batch, i);
        IssueWork *work = g_new0(IssueWork, 1);
        work->type.id = json_integer_field(object->representation, "work_item_type_id", 0);
        work->linked = g_hash_table_ref(linked);
        object->importer_data = work;
        object->importer_data_free = issue_work_free;
    }
}

static gboolean resolve_types(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) types = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++)
        g_ptr_array_add(types, &work_at(batch, i)->type);
    return issue_types_resolve(batch->session, types, error);
}

static char *milestone_iid(const json_t *representation)
{
    return issue_is_pull_request(representation) ? NULL : issuable_milestone_iid(representation);
}

static char *merge_request_iid(const json_t *representation)
{
    return issue_is_pull_request(representation) ? issuable_iid_text(issue_iid(representation)) : NULL;
}

static gboolean find_merge_requests(ObjectBatch *batch, GError **error)
{
    if (!object_batch_preload(batch, batch->merge_requests, merge_request_iid, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        g_autofree char *iid = merge_request_iid(object_at(batch, i)->representation);
        if (iid && !finder_find(batch->merge_requests, iid, &work_at(batch, i)->existing_id, error))
            return FALSE;
    }
    return TRUE;
}

static void note_existing(ObjectBatch *batch, gint64 iid, gint64 id, gboolean imported)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        if (iid_at(batch, i) != iid || is_pull_request_at(batch, i))
            continue;
        work_at(batch, i)->existing_id = id;
        work_at(batch, i)->imported = imported;
    }
}

static gboolean find_issues(ObjectBatch *batch, GError **error)
{
    gboolean knows_source = schema_has_column(batch->session->schema, "issues", "imported_from");
    g_autoptr(json_t) iids = json_array();
    for (guint i = 0; i < batch->objects->len; i++)
        if (!is_pull_request_at(batch, i))
            json_array_append_new(iids, json_integer(iid_at(batch, i)));
    g_autofree char *text = json_dump(iids);
    g_autoptr(PGresult) rows = database_run(session_database(batch->session), error,
                                            knows_source ? &existing : &existing_without_source,
                                            SQL_INTEGER(batch->project->id), text, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        note_existing(batch, database_integer(rows, row, "iid"), database_integer(rows, row, "id"),
                      database_boolean(rows, row, "imported"));
    return rows != NULL;
}

static gboolean read_label_links(ObjectBatch *batch, GHashTable *linked, GError **error)
{
    g_autoptr(json_t) issues = json_array(), merge_requests = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        gint64 target = work_at(batch, i)->existing_id;
        if (target)
            json_array_append_new(is_pull_request_at(batch, i) ? merge_requests : issues,
                                  json_integer(target));
    }
    return issue_label_links_read(batch->session, "Issue", issues, linked, error) &&
           issue_label_links_read(batch->session, "MergeRequest", merge_requests, linked, error);
}

gboolean issue_batch_prepare(ObjectBatch *batch, GError **error)
{
    g_autoptr(GHashTable) linked = issue_label_links_set_new();
    attach_work(batch, linked);
    return resolve_types(batch, error) && issue_label_links_preload(batch, error) &&
           object_batch_preload(batch, batch->milestones, milestone_iid, error) &&
           find_merge_requests(batch, error) && find_issues(batch, error) &&
           read_label_links(batch, linked, error);
}
