/*
 * A rule of a project about one branch, as rows (app/models/protected_branch.rb,
 * protected_branch/{push,merge}_access_level.rb). The table allows two rules of one name: whoever writes one
 * looks for the name after it has touched the project's row, whose lock lets one after the other look.
 */
#pragma once

#include "importers/gitlab/row_table.h"
#include "importers/objects/protected_branch_access.h"

extern const TableColumns protected_branch_columns;
extern const TableColumns protected_branch_push_access_level_columns;
extern const TableColumns protected_branch_merge_access_level_columns;
extern const RowTable protected_branch_table;
extern const RowTable protected_branch_push_access_level_table;
extern const RowTable protected_branch_merge_access_level_table;

/* (transfer full) */
json_t *protected_branch_row(gint64 id, const Project *project, const char *name, gboolean allow_force_push,
                             const char *now);
/* For either table of access levels. (transfer full) */
json_t *protected_branch_access_level_row(gint64 id, gint64 protected_branch_id, const Project *project,
                                          int access_level, const char *now);

/* Inside a transaction. */
gboolean protected_branch_touch_project(Session *session, const Project *project, const char *now,
                                        GError **error);
