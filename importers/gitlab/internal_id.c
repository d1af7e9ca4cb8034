#include "importers/gitlab/internal_id.h"

const TableColumns internal_id_columns = {
    .table = "internal_ids",
    .columns = COLUMNS("id", "project_id", "namespace_id", "usage", "last_value"),
    .inserts = TRUE,
};

static const Statement project_row_exists = {
    "internal_id_project_row_exists",
    "SELECT FROM internal_ids WHERE project_id = $1 AND usage = $2",
};
static const Statement namespace_row_exists = {
    "internal_id_namespace_row_exists",
    "SELECT FROM internal_ids WHERE namespace_id = $1 AND usage = $2",
};
static const Statement raise_project_row = {
    "internal_id_raise_project_row",
    "INSERT INTO internal_ids (project_id, usage, last_value) VALUES ($1, $2, $3)"
    " ON CONFLICT (usage, project_id) WHERE project_id IS NOT NULL"
    " DO UPDATE SET last_value = greatest(internal_ids.last_value, excluded.last_value)",
};
static const Statement raise_namespace_row = {
    "internal_id_raise_namespace_row",
    "INSERT INTO internal_ids (namespace_id, usage, last_value) VALUES ($1, $2, $3)"
    " ON CONFLICT (usage, namespace_id) WHERE namespace_id IS NOT NULL"
    " DO UPDATE SET last_value = greatest(internal_ids.last_value, excluded.last_value)",
};
static const Statement delete_project_rows = {
    "internal_id_delete_project_rows",
    "DELETE FROM internal_ids WHERE project_id = $1",
};

gboolean internal_id_exists(Session *session, const Project *project, InternalIdUsage usage, gboolean *exists,
                            GError **error)
{
    gboolean issues = usage == INTERNAL_ID_ISSUES;
    g_autoptr(PGresult) rows = database_run(
        session_database(session), error, issues ? &namespace_row_exists : &project_row_exists,
        SQL_INTEGER(issues ? project->project_namespace_id : project->id), SQL_INTEGER(usage), DATABASE_END);
    if (!rows)
        return FALSE;
    *exists = PQntuples(rows) > 0;
    return TRUE;
}

gboolean internal_id_raise(Session *session, const Project *project, InternalIdUsage usage, gint64 value,
                           GError **error)
{
    gboolean issues = usage == INTERNAL_ID_ISSUES;
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, issues ? &raise_namespace_row : &raise_project_row,
                     SQL_INTEGER(issues ? project->project_namespace_id : project->id), SQL_INTEGER(usage),
                     SQL_INTEGER(value), DATABASE_END);
    return result != NULL;
}

gboolean internal_id_delete_all(Session *session, const Project *project, GError **error)
{
    g_autoptr(PGresult) result = database_run(session_database(session), error, &delete_project_rows,
                                              SQL_INTEGER(project->id), DATABASE_END);
    return result != NULL;
}
