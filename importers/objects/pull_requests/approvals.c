#include "importers/objects/pull_requests/approvals.h"

#include "importers/objects/events/system_note.h"
#include "importers/objects/pull_requests/merge_request_users.h"
#include "protocol/json.h"

#define TEXT             "approved this merge request"
#define IMPORTED_FROM_NO 0 /* Ruby leaves the column of these notes at its default */

const TableColumns approval_columns = {
    .table = "approvals",
    .columns = COLUMNS("id", "merge_request_id", "user_id", "created_at", "updated_at"),
    .known = COLUMNS("project_id"),
    .inserts = TRUE,
};

static const RowTable approval_table = {
    .columns = &approval_columns,
    .sequence = "approvals_id_seq",
};

static const Statement find = {
    "approvals_find",
    "SELECT merge_request_id, user_id FROM approvals" ON_MERGE_REQUESTS,
};

GHashTable *approvals_find(ObjectBatch *batch, const json_t *merge_request_ids, GError **error)
{
    return merge_request_users_find(batch, &find, merge_request_ids, error);
}

/* One of its own: the note of the review is another discussion. */
static char *discussion_id(const NewApproval *approval)
{
    g_autofree char *name =
        g_strdup_printf("discussion-merge_request-%" G_GINT64_FORMAT "-approval-%" G_GINT64_FORMAT,
                        approval->merge_request_id, approval->user->user_id);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, name, -1);
}

static json_t *system_note_row(const ObjectBatch *batch, gint64 id, const NewApproval *approval)
{
    g_autofree char *discussion = discussion_id(approval);
    NewNote note = {
        .noteable_type = "MergeRequest",
        .noteable_id = approval->merge_request_id,
        .author = approval->user,
        .text = TEXT,
        .system = TRUE,
        .created_at = approval->created_at,
        .updated_at = approval->created_at,
    };
    json_t *row = note_row(batch, id, &note, discussion);
    json_object_set_new(row, "imported_from", json_integer(IMPORTED_FROM_NO));
    return row;
}

gboolean approval_build(ObjectBatch *batch, ImportedObject *object, const NewApproval *approval,
                        GHashTable *present, json_t *rows, GError **error)
{
    gint64 user_id = approval->user->user_id, id, note_id, metadata_id;
    if (!merge_request_users_add(present, approval->merge_request_id, user_id))
        return TRUE;
    if (!object_next_id(batch, &approval_table, &id, error) ||
        !object_next_id(batch, &note_table, &note_id, error) ||
        !object_next_id(batch, &system_note_metadata_table, &metadata_id, error))
        return FALSE;
    json_array_append_new(
        rows, json_pack("{s:I, s:I, s:I, s:s, s:o, s:o}", "id", (json_int_t)id, "merge_request_id",
                        (json_int_t)approval->merge_request_id, "user_id", (json_int_t)user_id, "created_at",
                        approval->created_at, "note", system_note_row(batch, note_id, approval), "metadata",
                        system_note_metadata_row(batch, metadata_id, note_id, "approved", batch->now)));
    object_refer(batch, object, approval->user, "Approval", id, "user_id");
    object_refer(batch, object, approval->user, "Note", note_id, "author_id");
    return TRUE;
}

/* GitLab's trigger fills project_id. Sorted, so that two batches with common approvals wait for each other
 * instead of deadlocking. */
static const Statement insert = {
    "approvals_insert",
    "INSERT INTO approvals (id, merge_request_id, user_id, created_at, updated_at)"
    " SELECT id, merge_request_id, user_id, created_at, created_at FROM json_to_recordset($1)"
    "  AS r (id bigint, merge_request_id bigint, user_id bigint, created_at timestamp)"
    " ORDER BY merge_request_id, user_id ON CONFLICT DO NOTHING RETURNING id",
};

/* The rows of the system notes, or those of their metadata, of the approvals that were inserted. (transfer
 * full) */
static json_t *rows_of_inserted(const json_t *rows, const PGresult *inserted, const char *field)
{
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    json_t *found = json_array(), *row;
    size_t index;
    for (int i = 0; i < PQntuples(inserted); i++) {
        gint64 id = database_integer(inserted, i, "id");
        g_hash_table_add(ids, g_memdup2(&id, sizeof id));
    }
    json_array_foreach (rows, index, row) {
        gint64 id = json_integer_field(row, "id", 0);
        if (g_hash_table_contains(ids, &id))
            json_array_append(found, json_object_get(row, field));
    }
    return found;
}

gboolean approvals_write(ObjectBatch *batch, const json_t *rows, GError **error)
{
    if (json_array_size(rows) == 0)
        return TRUE;
    g_autofree char *text = json_dump(rows);
    g_autoptr(PGresult) inserted =
        database_run(session_database(batch->session), error, &insert, text, DATABASE_END);
    if (!inserted || PQntuples(inserted) == 0)
        return inserted != NULL;
    g_autoptr(json_t) notes = rows_of_inserted(rows, inserted, "note");
    g_autoptr(json_t) metadata = rows_of_inserted(rows, inserted, "metadata");
    return row_table_insert(batch->session, &note_table, notes, error) &&
           row_table_insert(batch->session, &system_note_metadata_table, metadata, error);
}
