#include "importers/gitlab/receipts.h"

#include "protocol/json.h"

#include <string.h>

static const Statement table_exists = {
    "receipts_table_exists",
    "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('hubferry.receipts')"
    "  AND attname = 'placeholder_references') AS exists",
};
static const Statement record = {
    "receipts_record",
    "INSERT INTO hubferry.receipts (project_id, kind, key, jid) VALUES ($1, $2, $3, $4) ON CONFLICT DO "
    "NOTHING",
};
static const Statement record_all = {
    "receipts_record_all",
    "INSERT INTO hubferry.receipts (project_id, kind, key, jid) "
    "SELECT $1::bigint, $2, key, $4 FROM jsonb_array_elements_text($3) AS key ON CONFLICT DO NOTHING",
};
/* Sorted, so that two batches with common objects wait for each other instead of deadlocking. */
static const Statement record_new = {
    "receipts_record_new",
    "INSERT INTO hubferry.receipts (project_id, kind, key, jid, placeholder_references) "
    "SELECT $1::bigint, kind, key, jid, placeholder_references FROM json_to_recordset($2)"
    " AS receipt (kind text, key text, jid text, placeholder_references json)"
    " ORDER BY kind, key ON CONFLICT DO NOTHING RETURNING kind, key",
};
static const Statement find = {
    "receipts_find",
    "SELECT placeholder_references FROM hubferry.receipts WHERE project_id = $1 AND kind = $2 AND key = $3",
};
static const Statement keys = {
    "receipts_keys",
    "SELECT key FROM hubferry.receipts WHERE project_id = $1 AND kind = $2 ORDER BY key",
};
static const Statement prune = {
    "receipts_prune",
    "DELETE FROM hubferry.receipts WHERE project_id = $1",
};

/* Processes that start together take turns: CREATE ... IF NOT EXISTS alone is not safe against a concurrent
 * twin. */
static const char *const INSTALLATION[] = {
    "SELECT pg_advisory_xact_lock(hashtext('hubferry.receipts'))",
    "CREATE SCHEMA IF NOT EXISTS hubferry",
    "CREATE TABLE IF NOT EXISTS hubferry.receipts ("
    " project_id bigint NOT NULL, kind text NOT NULL, key text NOT NULL, jid text NOT NULL,"
    " created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (project_id, kind, key))",
    "ALTER TABLE hubferry.receipts ADD COLUMN IF NOT EXISTS placeholder_references json",
};

static gboolean create_table(Database *database, G_GNUC_UNUSED gpointer data, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(INSTALLATION); i++) {
        g_autoptr(PGresult) result = database_execute_text(database, INSTALLATION[i], NULL, 0, error);
        if (!result)
            return FALSE;
    }
    return TRUE;
}

gboolean receipts_install(Database *database, GError **error)
{
    g_autoptr(PGresult) rows = database_run(database, error, &table_exists, DATABASE_END);
    if (!rows)
        return FALSE;
    return database_boolean(rows, 0, "exists") || database_transaction(database, create_table, NULL, error);
}

gboolean receipts_record(Session *session, gint64 project_id, const char *kind, const char *key,
                         gboolean *first, GError **error)
{
    if (first)
        *first = TRUE;
    if (!session->configuration->receipts)
        return TRUE;
    const char *jid = session->job ? session->job->jid : "";
    g_autoptr(PGresult) result = database_run(session_database(session), error, &record,
                                              SQL_INTEGER(project_id), kind, key, jid, DATABASE_END);
    if (!result)
        return FALSE;
    if (first)
        *first = g_str_equal(PQcmdTuples(result), "1");
    return TRUE;
}

gboolean receipts_record_all(Session *session, gint64 project_id, const char *kind, const GPtrArray *all,
                             GError **error)
{
    g_autoptr(json_t) array = json_array();
    if (!session->configuration->receipts || all->len == 0)
        return TRUE;
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(array, json_string(all->pdata[i]));
    g_autofree char *text = json_dump(array);
    const char *jid = session->job ? session->job->jid : "";
    g_autoptr(PGresult) result = database_run(session_database(session), error, &record_all,
                                              SQL_INTEGER(project_id), kind, text, jid, DATABASE_END);
    return result != NULL;
}

/* JSON null for none: most people of an import are mapped, but not all. */
static json_t *references_as_json(const GPtrArray *references)
{
    if (references->len == 0)
        return json_null();
    json_t *array = json_array();
    for (guint i = 0; i < references->len; i++)
        json_array_append_new(array, json_string(references->pdata[i]));
    return array;
}

static json_t *receipts_as_json(const GArray *receipts)
{
    json_t *rows = json_array();
    for (guint i = 0; i < receipts->len; i++) {
        const Receipt *receipt = &g_array_index(receipts, Receipt, i);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:o}", "kind", receipt->kind, "key",
                                              receipt->key, "jid", receipt->jid, "placeholder_references",
                                              references_as_json(receipt->references)));
    }
    return rows;
}

static char *kind_and_key(const char *kind, const char *key)
{
    return g_strconcat(kind, "/", key, NULL);
}

/* Each receipt that PostgreSQL took is the first of its kind and key, once. */
static void mark_first(GArray *receipts, const PGresult *taken)
{
    g_autoptr(GHashTable) fresh = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int row = 0; row < PQntuples(taken); row++)
        g_hash_table_add(fresh,
                         kind_and_key(database_value(taken, row, "kind"), database_value(taken, row, "key")));
    for (guint i = 0; i < receipts->len; i++) {
        Receipt *receipt = &g_array_index(receipts, Receipt, i);
        g_autofree char *name = kind_and_key(receipt->kind, receipt->key);
        receipt->first = g_hash_table_remove(fresh, name);
    }
}

/* The rows were written by an earlier execution, with other ids than those of this one. */
static gboolean take_earlier_references(Session *session, gint64 project_id, const Receipt *receipt,
                                        GError **error)
{
    g_autoptr(PGresult) row = database_run(session_database(session), error, &find, SQL_INTEGER(project_id),
                                           receipt->kind, receipt->key, DATABASE_END);
    if (!row)
        return FALSE;
    g_ptr_array_set_size(receipt->references, 0);
    const char *text = PQntuples(row) > 0 ? database_value(row, 0, "placeholder_references") : NULL;
    g_autoptr(json_t) references = text ? json_parse(text, strlen(text), error) : json_array();
    size_t i;
    json_t *reference;
    json_array_foreach (references, i, reference)
        g_ptr_array_add(receipt->references, g_strdup(json_string_value(reference)));
    return references != NULL;
}

static gboolean find_earlier(Session *session, gint64 project_id, const GArray *receipts, GError **error)
{
    for (guint i = 0; i < receipts->len; i++) {
        const Receipt *receipt = &g_array_index(receipts, Receipt, i);
        if (!receipt->first && !take_earlier_references(session, project_id, receipt, error))
            return FALSE;
    }
    return TRUE;
}

gboolean receipts_record_new(Session *session, gint64 project_id, GArray *receipts, GError **error)
{
    for (guint i = 0; i < receipts->len; i++)
        g_array_index(receipts, Receipt, i).first = TRUE;
    if (!session->configuration->receipts || receipts->len == 0)
        return TRUE;
    g_autoptr(json_t) rows = receipts_as_json(receipts);
    g_autofree char *text = json_dump(rows);
    g_autoptr(PGresult) taken = database_run(session_database(session), error, &record_new,
                                             SQL_INTEGER(project_id), text, DATABASE_END);
    if (!taken)
        return FALSE;
    mark_first(receipts, taken);
    return find_earlier(session, project_id, receipts, error);
}

GPtrArray *receipts_keys(Session *session, gint64 project_id, const char *kind, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    if (!session->configuration->receipts)
        return g_steal_pointer(&found);
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &keys, SQL_INTEGER(project_id), kind, DATABASE_END);
    if (!rows)
        return NULL;
    for (int row = 0; row < PQntuples(rows); row++)
        g_ptr_array_add(found, g_strdup(database_value(rows, row, "key")));
    return g_steal_pointer(&found);
}

gboolean receipts_prune(Session *session, gint64 project_id, GError **error)
{
    if (!session->configuration->receipts)
        return TRUE;
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &prune, SQL_INTEGER(project_id), DATABASE_END);
    return result != NULL;
}
