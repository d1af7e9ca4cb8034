/*
 * Tables that object jobs insert rows into: many rows a statement, from JSON, with the columns that the
 * connected GitLab has. Ids are taken from the table's sequence beforehand, so that rows can refer to one
 * another and to Redis before they are written.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "importers/gitlab/table_columns.h"

typedef struct RowTable {
    const TableColumns *columns;      /* columns->columns are written by every INSERT ... */
    const char *const *where_present; /* ... and these where this GitLab has them, ended by NULL; or NULL */
    const char *sequence;             /* "notes_id_seq"; NULL: the table has no id */
} RowTable;

/* The next `n` ids of the table's sequence. (transfer full; array of gint64) */
GArray *row_table_ids(Session *session, const RowTable *table, guint n, GError **error);
gboolean row_table_next_id(Session *session, const RowTable *table, gint64 *id, GError **error);
/* `rows` is an array of objects; a column that a row does not name becomes NULL, not the column's default. */
gboolean row_table_insert(Session *session, const RowTable *table, const json_t *rows, GError **error);
/* In one statement, at whose end foreign keys are checked: rows of two tables that refer to one another. */
gboolean row_table_insert_both(Session *session, const RowTable *one, const json_t *one_rows,
                               const RowTable *other, const json_t *other_rows, GError **error);
