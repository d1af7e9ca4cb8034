#include "importers/gitlab/row_table.h"

#include "protocol/json.h"

static const Statement next_ids = {
    "row_table_next_ids",
    "SELECT nextval($1::regclass) AS id FROM generate_series(1, $2::integer)",
};

GArray *row_table_ids(Session *session, const RowTable *table, guint n, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &next_ids, table->sequence,
                                            SQL_INTEGER(n), DATABASE_END);
    if (!rows)
        return NULL;
    GArray *ids = g_array_sized_new(FALSE, FALSE, sizeof(gint64), n);
    for (int row = 0; row < PQntuples(rows); row++) {
        gint64 id = database_integer(rows, row, "id");
        g_array_append_val(ids, id);
    }
    return ids;
}

gboolean row_table_next_id(Session *session, const RowTable *table, gint64 *id, GError **error)
{
    g_autoptr(GArray) ids = row_table_ids(session, table, 1, error);
    if (!ids)
        return FALSE;
    *id = g_array_index(ids, gint64, 0);
    return TRUE;
}

static void add_column(GString *list, const char *column)
{
    g_string_append_printf(list, "%s\"%s\"", list->len > 0 ? ", " : "", column);
}

/* The columns that an INSERT into this GitLab's table names. (transfer full) */
static char *column_list(const Session *session, const RowTable *table)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (const char *const *column = table->columns->columns; *column; column++)
        add_column(list, *column);
    for (const char *const *column = table->where_present; column && *column; column++)
        if (schema_has_column(session->schema, table->columns->table, *column))
            add_column(list, *column);
    return g_string_free(g_steal_pointer(&list), FALSE);
}

/* The INSERT of the rows in parameter `number`. (transfer full) */
static char *insert_sql(const Session *session, const RowTable *table, int number)
{
    const char *name = table->columns->table;
    g_autofree char *columns = column_list(session, table);
    return g_strdup_printf("INSERT INTO %s (%s) SELECT %s FROM json_populate_recordset(NULL::%s, $%d::json)",
                           name, columns, columns, name, number);
}

/* Names of prepared statements live as long as the program; so there is one of a table's list of columns, and
 * it is interned. */
static const char *statement_name(const RowTable *table, const char *sql)
{
    g_autofree char *name =
        g_strdup_printf("row_table_insert_%s_%08x", table->columns->table, g_str_hash(sql));
    return g_intern_string(name);
}

gboolean row_table_insert(Session *session, const RowTable *table, const json_t *rows, GError **error)
{
    g_autofree char *sql = insert_sql(session, table, 1);
    Statement insert = {statement_name(table, sql), sql};
    g_autofree char *text = json_dump(rows);
    g_autoptr(PGresult) result = database_run(session_database(session), error, &insert, text, DATABASE_END);
    return result != NULL;
}

gboolean row_table_insert_both(Session *session, const RowTable *one, const json_t *one_rows,
                               const RowTable *other, const json_t *other_rows, GError **error)
{
    g_autofree char *insert_one = insert_sql(session, one, 1), *insert_other = insert_sql(session, other, 2);
    g_autofree char *sql = g_strdup_printf("WITH one AS (%s) %s", insert_one, insert_other);
    Statement insert = {statement_name(one, sql), sql};
    g_autofree char *one_text = json_dump(one_rows), *other_text = json_dump(other_rows);
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &insert, one_text, other_text, DATABASE_END);
    return result != NULL;
}
