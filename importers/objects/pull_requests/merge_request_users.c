#include "importers/objects/pull_requests/merge_request_users.h"

#include "protocol/json.h"

GHashTable *merge_request_users_find(ObjectBatch *batch, const Statement *find,
                                     const json_t *merge_request_ids, GError **error)
{
    g_autoptr(GHashTable) users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (json_array_size(merge_request_ids) == 0)
        return g_steal_pointer(&users);
    g_autofree char *ids = json_dump(merge_request_ids);
    g_autoptr(PGresult) rows = database_run(session_database(batch->session), error, find, ids, DATABASE_END);
    if (!rows)
        return NULL;
    for (int row = 0; row < PQntuples(rows); row++)
        merge_request_users_add(users, database_integer(rows, row, "merge_request_id"),
                                database_integer(rows, row, "user_id"));
    return g_steal_pointer(&users);
}

gboolean merge_request_users_add(GHashTable *users, gint64 merge_request_id, gint64 user_id)
{
    return g_hash_table_add(
        users, g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, merge_request_id, user_id));
}
