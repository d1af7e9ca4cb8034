#include "importers/objects/pull_requests/reviewers.h"

#include "importers/objects/pull_requests/merge_request_users.h"
#include "protocol/json.h"

const TableColumns merge_request_reviewer_columns = {
    .table = "merge_request_reviewers",
    .columns = COLUMNS("id", "merge_request_id", "user_id", "state", "created_at"),
    .known = COLUMNS("project_id", "updated_at"),
    .inserts = TRUE,
};

static const RowTable reviewer_table = {
    .columns = &merge_request_reviewer_columns,
    .sequence = "merge_request_reviewers_id_seq",
};

static const Statement find = {
    "reviewers_find",
    "SELECT merge_request_id, user_id FROM merge_request_reviewers" ON_MERGE_REQUESTS,
};

GHashTable *reviewers_find(ObjectBatch *batch, const json_t *merge_request_ids, GError **error)
{
    return merge_request_users_find(batch, &find, merge_request_ids, error);
}

gboolean reviewer_build(ObjectBatch *batch, ImportedObject *object, const NewReviewer *reviewer,
                        GHashTable *present, json_t *rows, GError **error)
{
    gint64 user_id = reviewer->user->user_id, id;
    if (!merge_request_users_add(present, reviewer->merge_request_id, user_id))
        return TRUE;
    if (!object_next_id(batch, &reviewer_table, &id, error))
        return FALSE;
    json_array_append_new(rows, json_pack("{s:I, s:I, s:I, s:i, s:s, s:s}", "id", (json_int_t)id,
                                          "merge_request_id", (json_int_t)reviewer->merge_request_id,
                                          "user_id", (json_int_t)user_id, "state", (int)reviewer->state,
                                          "created_at", reviewer->created_at, "updated_at", batch->now));
    object_refer(batch, object, reviewer->user, "MergeRequestReviewer", id, "user_id");
    return TRUE;
}

gboolean reviewer_build_asked(ObjectBatch *batch, ImportedObject *object, gint64 merge_request_id,
                              const json_t *user, GHashTable *present, json_t *rows, GError **error)
{
    FoundUser found;
    if (!user_finder_find(batch->users, user, FALSE, &found, error))
        return FALSE;
    const NewReviewer reviewer = {merge_request_id, &found, REVIEWER_UNREVIEWED, batch->now};
    return found.user_id == 0 || reviewer_build(batch, object, &reviewer, present, rows, error);
}

/* GitLab's trigger fills project_id. Sorted, so that two batches with common reviewers wait for each other
 * instead of deadlocking. */
#define INSERT_REVIEWERS(updated_at)                                                                         \
    "INSERT INTO merge_request_reviewers (id, merge_request_id, user_id, state, created_at" updated_at ")"   \
    " SELECT id, merge_request_id, user_id, state, created_at" updated_at                                    \
    " FROM json_to_recordset($1) AS r (id bigint, merge_request_id bigint, user_id bigint, state smallint,"  \
    "  created_at timestamptz, updated_at timestamptz)"                                                      \
    " ORDER BY merge_request_id, user_id ON CONFLICT DO NOTHING"

static const Statement insert = {"reviewers_insert", INSERT_REVIEWERS(", updated_at")};
/* GitLab before the column. */
static const Statement insert_without_updated_at = {
    "reviewers_insert_without_updated_at",
    INSERT_REVIEWERS(""),
};

gboolean reviewers_write(ObjectBatch *batch, const json_t *rows, GError **error)
{
    const Schema *schema = batch->session->schema;
    gboolean has_updated_at = schema_has_column(schema, merge_request_reviewer_columns.table, "updated_at");
    if (json_array_size(rows) == 0)
        return TRUE;
    g_autofree char *text = json_dump(rows);
    g_autoptr(PGresult) result =
        database_run(session_database(batch->session), error,
                     has_updated_at ? &insert : &insert_without_updated_at, text, DATABASE_END);
    return result != NULL;
}
