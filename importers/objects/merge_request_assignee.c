#include "importers/objects/merge_request_assignee.h"

#include "importers/objects/pull_request.h"
#include "protocol/json.h"

const TableColumns merge_request_assignee_columns = {
    .table = "merge_request_assignees",
    .columns = COLUMNS("id", "merge_request_id", "user_id", "created_at"),
    .known = COLUMNS("project_id"),
    .inserts = TRUE,
};

const RowTable merge_request_assignee_table = {
    .columns = &merge_request_assignee_columns,
    .where_present = COLUMNS("project_id"),
    .sequence = "merge_request_assignees_id_seq",
};

void merge_request_assignee_clear(MergeRequestAssignee *assignee)
{
    g_clear_pointer(&assignee->present, g_hash_table_unref);
}

static void add_present(MergeRequestAssignee *assignee, gint64 user_id, gint64 id)
{
    if (!assignee->present)
        assignee->present = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    g_hash_table_insert(assignee->present, g_memdup2(&user_id, sizeof(user_id)), g_memdup2(&id, sizeof(id)));
}

static void note_present(const GPtrArray *assignees, const PGresult *rows, int row)
{
    for (guint i = 0; i < assignees->len; i++) {
        MergeRequestAssignee *assignee = assignees->pdata[i];
        if (assignee->merge_request_id == database_integer(rows, row, "merge_request_id"))
            add_present(assignee, database_integer(rows, row, "user_id"), database_integer(rows, row, "id"));
    }
}

gboolean merge_request_assignees_find(Session *session, const GPtrArray *assignees, GError **error)
{
    static const Statement PRESENT = {
        "merge_request_assignees_present",
        "SELECT id, merge_request_id, user_id FROM merge_request_assignees WHERE merge_request_id = ANY"
        "(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))",
    };
    if (assignees->len == 0)
        return TRUE;
    g_autoptr(json_t) ids = json_array();
    for (guint i = 0; i < assignees->len; i++)
        json_array_append_new(ids,
                              json_integer(((MergeRequestAssignee *)assignees->pdata[i])->merge_request_id));
    g_autofree char *text = json_dump(ids);
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &PRESENT, text, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        note_present(assignees, rows, row);
    return rows != NULL;
}

static gboolean insert(ObjectBatch *batch, ImportedObject *object, const MergeRequestAssignee *assignee,
                       gint64 *id, GError **error)
{
    if (!object_next_id(batch, &merge_request_assignee_table, id, error))
        return FALSE;
    object_insert(object, &merge_request_assignee_table,
                  json_pack("{s:I, s:I, s:I, s:s, s:I}", "id", (json_int_t)*id, "merge_request_id",
                            (json_int_t)assignee->merge_request_id, "user_id",
                            (json_int_t)assignee->user.user_id, "created_at", batch->now, "project_id",
                            (json_int_t)batch->project->id));
    return TRUE;
}

gboolean merge_request_assignee_build(ObjectBatch *batch, ImportedObject *object,
                                      const MergeRequestAssignee *assignee, GError **error)
{
    gint64 new_id;
    if (!assignee->user.user_id)
        return TRUE;
    const gint64 *id =
        assignee->present ? g_hash_table_lookup(assignee->present, &assignee->user.user_id) : NULL;
    if (!id && !insert(batch, object, assignee, &new_id, error))
        return FALSE;
    object_refer(batch, object, &assignee->user, "MergeRequestAssignee", id ? *id : new_id, "user_id");
    return TRUE;
}

gboolean merge_request_assignees_set(Session *session, const GPtrArray *assignees, GError **error)
{
    static const Statement REMOVE = {
        "merge_request_assignees_remove_others",
        "DELETE FROM merge_request_assignees a USING json_to_recordset($1::json)"
        "  AS r (merge_request_id bigint, user_id bigint)"
        " WHERE a.merge_request_id = r.merge_request_id AND a.user_id <> r.user_id",
    };
    g_autoptr(json_t) kept = json_array();
    for (guint i = 0; i < assignees->len; i++) {
        const MergeRequestAssignee *assignee = assignees->pdata[i];
        if (assignee->user.user_id)
            json_array_append_new(kept, json_pack("{s:I, s:I}", "merge_request_id",
                                                  (json_int_t)assignee->merge_request_id, "user_id",
                                                  (json_int_t)assignee->user.user_id));
    }
    if (json_array_size(kept) == 0)
        return TRUE;
    g_autofree char *text = json_dump(kept);
    g_autoptr(PGresult) result = database_run(session_database(session), error, &REMOVE, text, DATABASE_END);
    return result != NULL;
}
