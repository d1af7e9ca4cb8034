#include "importers/objects/protected_branch_rows.h"

const TableColumns protected_branch_columns = {
    .table = "protected_branches",
    .columns = COLUMNS("id", "project_id", "name", "created_at", "updated_at", "code_owner_approval_required",
                       "allow_force_push"),
    .known = COLUMNS("namespace_id"), /* of a group's rule */
    .inserts = TRUE,
};

#define LEVEL_COLUMNS                                                                                        \
    .columns = COLUMNS("id", "protected_branch_id", "access_level", "created_at", "updated_at"),             \
    .known = COLUMNS("protected_branch_project_id"), .inserts = TRUE

const TableColumns protected_branch_push_access_level_columns = {
    .table = "protected_branch_push_access_levels",
    LEVEL_COLUMNS,
};
const TableColumns protected_branch_merge_access_level_columns = {
    .table = "protected_branch_merge_access_levels",
    LEVEL_COLUMNS,
};
const RowTable protected_branch_table = {
    .columns = &protected_branch_columns,
    .sequence = "protected_branches_id_seq",
};
const RowTable protected_branch_push_access_level_table = {
    .columns = &protected_branch_push_access_level_columns,
    .where_present = COLUMNS("protected_branch_project_id"),
    .sequence = "protected_branch_push_access_levels_id_seq",
};
const RowTable protected_branch_merge_access_level_table = {
    .columns = &protected_branch_merge_access_level_columns,
    .where_present = COLUMNS("protected_branch_project_id"),
    .sequence = "protected_branch_merge_access_levels_id_seq",
};

json_t *protected_branch_row(gint64 id, const Project *project, const char *name, gboolean allow_force_push,
                             const char *now)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:b, s:b}", "id", (json_int_t)id, "project_id",
                     (json_int_t)project->id, "name", name, "created_at", now, "updated_at", now,
                     "code_owner_approval_required", FALSE, "allow_force_push", allow_force_push);
}

json_t *protected_branch_access_level_row(gint64 id, gint64 protected_branch_id, const Project *project,
                                          int access_level, const char *now)
{
    return json_pack("{s:I, s:I, s:i, s:s, s:s, s:I}", "id", (json_int_t)id, "protected_branch_id",
                     (json_int_t)protected_branch_id, "access_level", access_level, "created_at", now,
                     "updated_at", now, "protected_branch_project_id", (json_int_t)project->id);
}

static const Statement touch_project = {
    "protected_branch_touch_project",
    "UPDATE projects SET updated_at = $2 WHERE id = $1",
};

gboolean protected_branch_touch_project(Session *session, const Project *project, const char *now,
                                        GError **error)
{
    g_autoptr(PGresult) touched = database_run(session_database(session), error, &touch_project,
                                               SQL_INTEGER(project->id), now, DATABASE_END);
    return touched != NULL;
}
