#include "importers/gitlab/schema_check.h"

#include "importers/gitlab/table_columns.h"
#include "protocol/error_class.h"

static const char *schema_error_class(G_GNUC_UNUSED int code)
{
    return "ActiveRecord::UnknownAttributeError";
}

DEFINE_ERROR_DOMAIN(schema_error, schema_error_class)

struct Schema {
    GHashTable *tables; /* char *table -> GHashTable of char *column -> whether an INSERT must name it */
};

/* GitLab often writes NOT NULL as a CHECK of that one column, which binds new rows even while it is NOT
 * VALID. Only constraints of one column are told as text: to tell each for each column takes ten times
 * longer. */
static const Statement catalogue = {
    "schema_catalogue",
    "SELECT c.relname AS table_name, a.attname AS column_name,"
    "  NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''"
    "  AND (a.attnotnull OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'"
    "    AND k.conkey = ARRAY[a.attnum]"
    "    AND pg_get_constraintdef(k.oid, true) IN (format('CHECK (%I IS NOT NULL)', a.attname),"
    "      format('CHECK (%I IS NOT NULL) NOT VALID', a.attname)))) AS mandatory"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " WHERE c.relname = ANY($1::text[]) AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"
    "  AND a.attnum > 0 AND NOT a.attisdropped",
};

/* The tables' names as an array literal; they are identifiers and need no quotes. */
static char *table_names(void)
{
    g_autoptr(GString) names = g_string_new("{");
    for (guint i = 0; schema_tables[i]; i++)
        g_string_append_printf(names, "%s%s", i ? "," : "", schema_tables[i]->table);
    g_string_append_c(names, '}');
    return g_string_free(g_steal_pointer(&names), FALSE);
}

static GHashTable *columns_of(Schema *schema, const char *table)
{
    GHashTable *columns = g_hash_table_lookup(schema->tables, table);
    if (!columns) {
        columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_hash_table_insert(schema->tables, g_strdup(table), columns);
    }
    return columns;
}

Schema *schema_read(Database *database, GError **error)
{
    g_autofree char *names = table_names();
    g_autoptr(PGresult) rows = database_run(database, error, &catalogue, names, DATABASE_END);
    if (!rows)
        return NULL;
    Schema *schema = g_new0(Schema, 1);
    schema->tables =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    for (int row = 0; row < PQntuples(rows); row++) {
        GHashTable *columns = columns_of(schema, database_value(rows, row, "table_name"));
        g_hash_table_insert(columns, g_strdup(database_value(rows, row, "column_name")),
                            GINT_TO_POINTER(database_boolean(rows, row, "mandatory")));
    }
    return schema;
}

void schema_free(Schema *schema)
{
    g_hash_table_unref(schema->tables);
    g_free(schema);
}

gboolean schema_has_column(const Schema *schema, const char *table, const char *column)
{
    GHashTable *columns = g_hash_table_lookup(schema->tables, table);
    return columns && g_hash_table_contains(columns, column);
}

gboolean schema_requires_column(const Schema *schema, const char *table, const char *column)
{
    GHashTable *columns = g_hash_table_lookup(schema->tables, table);
    return columns && GPOINTER_TO_INT(g_hash_table_lookup(columns, column));
}

static void find_missing_columns(const TableColumns *table, GHashTable *columns, GPtrArray *findings)
{
    for (guint i = 0; table->columns[i]; i++)
        if (!g_hash_table_contains(columns, table->columns[i]))
            g_ptr_array_add(findings,
                            g_error_new(SCHEMA_ERROR, SCHEMA_ERROR_COLUMN_MISSING,
                                        "GitLab's table %s has no column %s, which hubferry writes: "
                                        "this hubferry is made for another version of GitLab",
                                        table->table, table->columns[i]));
}

static gboolean contains(const char *const *names, const char *name)
{
    return names && g_strv_contains(names, name);
}

static void find_unknown_columns(const TableColumns *table, GHashTable *columns, GPtrArray *findings)
{
    GHashTableIter iterator;
    gpointer name, mandatory;
    g_hash_table_iter_init(&iterator, columns);
    while (g_hash_table_iter_next(&iterator, &name, &mandatory))
        if (GPOINTER_TO_INT(mandatory) && !contains(table->columns, name) && !contains(table->known, name))
            g_ptr_array_add(findings,
                            g_error_new(SCHEMA_ERROR, SCHEMA_ERROR_COLUMN_UNKNOWN,
                                        "GitLab's table %s has the mandatory column %s, which hubferry does "
                                        "not know: this hubferry is older than this GitLab",
                                        table->table, (const char *)name));
}

GPtrArray *schema_findings(const Schema *schema)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
    for (guint i = 0; schema_tables[i]; i++) {
        const TableColumns *table = schema_tables[i];
        GHashTable *columns = g_hash_table_lookup(schema->tables, table->table);
        if (columns) {
            if (!table->optional)
                find_missing_columns(table, columns, findings);
            if (table->inserts)
                find_unknown_columns(table, columns, findings);
        } else if (!table->optional) {
            g_ptr_array_add(findings, g_error_new(SCHEMA_ERROR, SCHEMA_ERROR_TABLE_MISSING,
                                                  "GitLab's database has no table %s", table->table));
        }
    }
    return findings;
}
