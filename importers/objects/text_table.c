#include "importers/objects/text_table.h"

#include "protocol/json.h"

struct TextTable {
    const char *object_type, *model;
    Statement read, lock, update;
};

#define SELECT_TEXTS(table, project, column)                                                                 \
    "SELECT id, " column " AS text FROM " table                                                              \
    " WHERE id = ANY(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))"                   \
    "  AND " project " = $2 AND " column " IS NOT NULL"

/* Locked in one order, so that two jobs wait for each other instead of deadlocking. */
#define TEXT_TABLE(type, of_model, table, project, column)                                                   \
    {                                                                                                        \
        .object_type = (type), .model = (of_model),                                                          \
        .read = {"text_table_read_" table, SELECT_TEXTS(table, project, column)},                            \
        .lock = {"text_table_lock_" table, SELECT_TEXTS(table, project, column) " ORDER BY id FOR UPDATE"},  \
        .update = {"text_table_update_" table,                                                               \
                   "UPDATE " table " SET " column " = changed.value, " column "_html = NULL,"                \
                   " cached_markdown_version = NULL FROM json_each_text($1) AS changed"                      \
                   " WHERE id = changed.key::bigint"},                                                       \
    }

static const TextTable tables[] = {
    TEXT_TABLE("release_attachment", "Release", "releases", "project_id", "description"),
    TEXT_TABLE("note_attachment", "Note", "notes", "project_id", "note"),
    TEXT_TABLE("issue_attachment", "Issue", "issues", "project_id", "description"),
    TEXT_TABLE("merge_request_attachment", "MergeRequest", "merge_requests", "target_project_id",
               "description"),
};

const TextTable *text_table_find(const char *object_type)
{
    const TextTable *table = tables;
    while (!g_str_equal(table->object_type, object_type))
        table++;
    return table;
}

const char *text_table_model(const TextTable *table)
{
    return table->model;
}

static json_t *select_texts(Session *session, const Statement *statement, const Project *project,
                            const json_t *ids, GError **error)
{
    g_autofree char *list = json_dump(ids);
    g_autoptr(PGresult) rows = database_run(session_database(session), error, statement, list,
                                            SQL_INTEGER(project->id), DATABASE_END);
    if (!rows)
        return NULL;
    json_t *texts = json_object();
    for (int row = 0; row < PQntuples(rows); row++)
        json_object_set_new(texts, database_value(rows, row, "id"),
                            json_string(database_value(rows, row, "text")));
    return texts;
}

json_t *text_table_read(Session *session, const TextTable *table, const Project *project, const json_t *ids,
                        GError **error)
{
    return select_texts(session, &table->read, project, ids, error);
}

json_t *text_table_lock(Session *session, const TextTable *table, const Project *project, const json_t *ids,
                        GError **error)
{
    return select_texts(session, &table->lock, project, ids, error);
}

gboolean text_table_update(Session *session, const TextTable *table, const json_t *texts, GError **error)
{
    g_autofree char *changed = json_dump(texts);
    if (json_object_size(texts) == 0)
        return TRUE;
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &table->update, changed, DATABASE_END);
    return result != NULL;
}
