/* lib/gitlab/github_import/importer/events/merged.rb, importer/pull_requests/merged_by_importer.rb */
#include "importers/gitlab/people_mode.h"
#include "importers/objects/events/state_change.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

const TableColumns merge_request_metrics_columns = {
    .table = "merge_request_metrics",
    .columns = COLUMNS("id", "merge_request_id", "target_project_id", "merged_by_id", "merged_at",
                       "created_at", "updated_at"),
    .inserts = TRUE,
};

static const RowTable metrics_table = {
    .columns = &merge_request_metrics_columns,
    .sequence = "merge_request_metrics_id_seq",
};

static const Statement existing_metrics = {
    "merged_existing_metrics",
    "SELECT merge_request_id, id FROM merge_request_metrics WHERE merge_request_id = ANY"
    "(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))",
};

static const Statement upsert_metrics = {
    "merged_upsert_metrics",
    "INSERT INTO merge_request_metrics (id, merge_request_id, target_project_id, merged_by_id, merged_at,"
    "  created_at, updated_at)"
    " SELECT DISTINCT ON (merge_request_id) id, merge_request_id, $2::bigint, merged_by_id, merged_at,"
    "  $3::timestamp, $3::timestamp"
    " FROM json_to_recordset($1::json)"
    "  AS r (id bigint, merge_request_id bigint, merged_by_id bigint, merged_at timestamp)"
    " ORDER BY merge_request_id, merged_at DESC"
    " ON CONFLICT (merge_request_id) DO UPDATE SET target_project_id = excluded.target_project_id,"
    "  merged_by_id = excluded.merged_by_id, merged_at = excluded.merged_at,"
    "  created_at = excluded.created_at, updated_at = excluded.updated_at",
};

static gboolean has_metrics(const IssueEvent *event)
{
    return event_is(event, "merged") && event->issuable_id != 0 &&
           g_str_equal(event->issuable_type, "MergeRequest");
}

static void take_metrics_id(ObjectBatch *batch, gint64 merge_request_id, gint64 id)
{
    for (guint i = 0; i < batch->objects->len; i++)
        if (has_metrics(event_at(batch, i)) && event_at(batch, i)->issuable_id == merge_request_id)
            event_at(batch, i)->metrics_id = id;
}

gboolean events_find_metrics(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) ids = json_array();
    for (guint i = 0; i < batch->objects->len; i++)
        if (has_metrics(event_at(batch, i)))
            json_array_append_new(ids, json_integer(event_at(batch, i)->issuable_id));
    if (json_array_size(ids) == 0)
        return TRUE;
    g_autofree char *text = json_dump(ids);
    g_autoptr(PGresult) rows =
        database_run(session_database(batch->session), error, &existing_metrics, text, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        take_metrics_id(batch, database_integer(rows, row, "merge_request_id"),
                        database_integer(rows, row, "id"));
    return rows != NULL;
}

gboolean events_write_metrics(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) metrics = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const IssueEvent *event = event_of(object);
        if (!object->fresh || !has_metrics(event))
            continue;
        json_array_append_new(
            metrics,
            json_pack("{s:I, s:I, s:o, s:s}", "id", (json_int_t)event->metrics_id, "merge_request_id",
                      (json_int_t)event->issuable_id, "merged_by_id",
                      event->merged_by.user_id ? json_integer(event->merged_by.user_id) : json_null(),
                      "merged_at", event->created_at));
    }
    if (json_array_size(metrics) == 0)
        return TRUE;
    g_autofree char *text = json_dump(metrics);
    g_autoptr(PGresult) result = database_run(session_database(batch->session), error, &upsert_metrics, text,
                                              SQL_INTEGER(batch->project->id), batch->now, DATABASE_END);
    return result != NULL;
}

static gboolean refer_to_metrics(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    IssueEvent *event = event_of(object);
    const json_t *actor = json_object_get(object->representation, "actor");
    if (!has_metrics(event))
        return TRUE;
    if (!user_finder_find(batch->users, actor, TRUE, &event->merged_by, error) ||
        (event->metrics_id == 0 && !object_next_id(batch, &metrics_table, &event->metrics_id, error)))
        return FALSE;
    object_refer(batch, object, &event->merged_by, "MergeRequest::Metrics", event->metrics_id,
                 "merged_by_id");
    return TRUE;
}

/* Without mapping the metrics may name nobody: a note says who it was. */
static gboolean add_note(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    if (people_mode_maps(batch->session, batch->data))
        return TRUE;
    g_autofree char *login = representation_text(json_object_get(object->representation, "actor"), "login");
    g_autofree char *text =
        g_strdup_printf("*Merged by: %s at %.19s UTC*", login ? login : "ghost", event->created_at);
    FoundUser creator = {.user_id = batch->project->creator_id};
    NewNote note = {
        .noteable_type = event->issuable_type,
        .noteable_id = event->issuable_id,
        .author = &creator,
        .text = text,
        .created_at = event->created_at,
        .updated_at = batch->now,
    };
    return note_insert(batch, object, &note, NULL, error);
}

gboolean event_import_merged(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    g_autofree char *commit = representation_text(object->representation, "commit_id");
    return event_require_issuable(event_of(object), error) && refer_to_metrics(batch, object, error) &&
           add_note(batch, object, error) &&
           state_change_import(batch, object, EVENT_MERGED, STATE_MERGED, commit, error);
}
