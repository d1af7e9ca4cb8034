#include "importers/objects/issue_search_data.h"

#include "importers/objects/issue_search_text.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <string.h>

const TableColumns issue_search_data_columns = {
    .table = "issue_search_data",
    .columns = COLUMNS("project_id", "issue_id", "search_vector"),
    .known = COLUMNS("namespace_id"),
    .inserts = TRUE,
    .optional = TRUE,
};

static const Statement read_texts = {
    "issue_search_data_texts",
    "SELECT id, title, description FROM issues WHERE project_id IS NOT NULL AND id IN"
    " (SELECT value::bigint FROM json_array_elements_text($1::json))",
};

#define VECTOR                                                                                               \
    "setweight(to_tsvector('english', coalesce(texts.title, '')), 'A')"                                      \
    " || setweight(to_tsvector('english', coalesce(texts.description, '')), 'B')"
#define TEXTS                                                                                                \
    " FROM json_to_recordset($1::json) AS texts (id bigint, title text, description text)"                   \
    " JOIN issues ON issues.id = texts.id ORDER BY issues.id"
#define UPSERT " ON CONFLICT (project_id, issue_id) DO UPDATE SET search_vector = excluded.search_vector"

static const Statement upsert = {
    "issue_search_data_upsert",
    "INSERT INTO issue_search_data (project_id, issue_id, search_vector)"
    " SELECT issues.project_id, issues.id, " VECTOR TEXTS UPSERT,
};
static const Statement upsert_with_namespace = {
    "issue_search_data_upsert_with_namespace",
    "INSERT INTO issue_search_data (project_id, issue_id, search_vector, namespace_id)"
    " SELECT issues.project_id, issues.id, " VECTOR ", issues.namespace_id" TEXTS UPSERT
    ", namespace_id = excluded.namespace_id",
};

static json_t *searchable(const PGresult *rows, int row, const char *column)
{
    g_autofree char *text = issue_search_text(database_value(rows, row, column));
    return text ? json_string(text) : json_null();
}

/* (transfer full) */
static json_t *searchable_texts(Session *session, const json_t *issue_ids, GError **error)
{
    g_autofree char *ids = json_dump(issue_ids);
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &read_texts, ids, DATABASE_END);
    if (!rows)
        return NULL;
    json_t *texts = json_array();
    for (int row = 0; row < PQntuples(rows); row++)
        json_array_append_new(texts, json_pack("{s:I, s:o, s:o}", "id",
                                               (json_int_t)database_integer(rows, row, "id"), "title",
                                               searchable(rows, row, "title"), "description",
                                               searchable(rows, row, "description")));
    return texts;
}

static gboolean write_vectors(Session *session, const json_t *texts, GError **error)
{
    gboolean namespaced = schema_has_column(session->schema, "issue_search_data", "namespace_id");
    g_autofree char *text = json_dump(texts);
    g_autoptr(PGresult) result = database_run(
        session_database(session), error, namespaced ? &upsert_with_namespace : &upsert, text, DATABASE_END);
    return result != NULL;
}

static gboolean is_too_long(const GError *error)
{
    return g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_STATEMENT) &&
           strstr(error->message, "string is too long for tsvector");
}

/* A vector that is too long fails the whole statement. */
static gboolean write_one_by_one(Session *session, const json_t *texts, GError **error)
{
    size_t i;
    json_t *text;
    json_array_foreach (texts, i, text) {
        g_autoptr(GError) cause = NULL;
        g_autoptr(json_t) one = json_pack("[O]", text);
        if (write_vectors(session, one, &cause))
            continue;
        if (!is_too_long(cause)) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return FALSE;
        }
        log_error("Error updating search data: string is too long for tsvector", cause, "{s:s, s:O}", "class",
                  "Issue", "model_id", json_object_get(text, "id"));
    }
    return TRUE;
}

gboolean issue_search_data_update(Session *session, const GArray *issue_ids, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(json_t) ids = json_array();
    if (issue_ids->len == 0 || !schema_has_column(session->schema, "issue_search_data", "issue_id"))
        return TRUE;
    for (guint i = 0; i < issue_ids->len; i++)
        json_array_append_new(ids, json_integer(g_array_index(issue_ids, gint64, i)));
    g_autoptr(json_t) texts = searchable_texts(session, ids, error);
    if (!texts)
        return FALSE;
    if (json_array_size(texts) == 0 || write_vectors(session, texts, &cause))
        return TRUE;
    if (is_too_long(cause))
        return write_one_by_one(session, texts, error);
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}
