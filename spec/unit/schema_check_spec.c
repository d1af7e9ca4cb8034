#include "importers/gitlab/schema_check.h"

#include "importers/gitlab/table_columns.h"
#include "spec/support/private_gitlab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static Schema *read_schema(void)
{
    const Configuration *configuration = private_gitlab_configuration();
    g_autoptr(GError) error = NULL;
    g_autoptr(Database) database = database_new((const char *const *)configuration->database_keywords,
                                                (const char *const *)configuration->database_values, TRUE);
    Schema *schema = schema_read(database, &error);
    assert_null(error);
    return schema;
}

/* With `change` made to the schema and taken back afterwards: exactly one finding, which names `what`. */
static void assert_finding(const char *change, const char *undo, int code, const char *what)
{
    g_autofree char *changed = private_gitlab_sql(change);
    g_autoptr(Schema) schema = read_schema();
    g_autofree char *undone = private_gitlab_sql(undo);
    g_autoptr(GPtrArray) findings = schema_findings(schema);
    assert_int_equal(findings->len, 1);
    const GError *finding = g_ptr_array_index(findings, 0);
    assert_true(g_error_matches(finding, SCHEMA_ERROR, code));
    assert_non_null(strstr(finding->message, what));
}

static void assert_no_findings(const char *change, const char *undo)
{
    g_autofree char *changed = private_gitlab_sql(change);
    g_autoptr(Schema) schema = read_schema();
    g_autofree char *undone = private_gitlab_sql(undo);
    g_autoptr(GPtrArray) findings = schema_findings(schema);
    for (guint i = 0; i < findings->len; i++)
        print_message("%s\n", ((const GError *)g_ptr_array_index(findings, i))->message);
    assert_int_equal(findings->len, 0);
}

static void gitlabs_schema_is_fine(G_GNUC_UNUSED void **state)
{
    assert_no_findings("SELECT", "SELECT");
}

static void a_missing_table_is_found(G_GNUC_UNUSED void **state)
{
    assert_finding("ALTER TABLE internal_ids RENAME TO renamed", "ALTER TABLE renamed RENAME TO internal_ids",
                   SCHEMA_ERROR_TABLE_MISSING, "internal_ids");
}

static void a_missing_column_is_found(G_GNUC_UNUSED void **state)
{
    assert_finding("ALTER TABLE import_failures RENAME source TO origin",
                   "ALTER TABLE import_failures RENAME origin TO source", SCHEMA_ERROR_COLUMN_MISSING,
                   "source");
}

static void an_unknown_mandatory_column_is_found(G_GNUC_UNUSED void **state)
{
    assert_finding("ALTER TABLE import_failures ADD shard_key bigint NOT NULL",
                   "ALTER TABLE import_failures DROP shard_key", SCHEMA_ERROR_COLUMN_UNKNOWN, "shard_key");
    assert_finding("ALTER TABLE import_failures ADD shard_key bigint,"
                   " ADD CONSTRAINT check_1 CHECK (shard_key IS NOT NULL) NOT VALID",
                   "ALTER TABLE import_failures DROP shard_key", SCHEMA_ERROR_COLUMN_UNKNOWN, "shard_key");
}

static void harmless_new_columns_are_fine(G_GNUC_UNUSED void **state)
{
    assert_no_findings("ALTER TABLE import_failures ADD a bigint NOT NULL DEFAULT 1, ADD b text,"
                       " ADD c bigint GENERATED ALWAYS AS IDENTITY",
                       "ALTER TABLE import_failures DROP a, DROP b, DROP c");
    assert_no_findings(
        "ALTER TABLE projects ADD only_updated bigint; ALTER TABLE projects ADD CONSTRAINT check_1"
        " CHECK (only_updated IS NOT NULL) NOT VALID",
        "ALTER TABLE projects DROP only_updated");
}

static void knows_which_columns_exist(G_GNUC_UNUSED void **state)
{
    g_autoptr(Schema) schema = read_schema();
    assert_true(schema_has_column(schema, "users", "organization_id"));
    assert_false(schema_has_column(schema, "users", "nonsense"));
    assert_false(schema_has_column(schema, "nonsense", "id"));
}

static void each_table_is_listed_once(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; schema_tables[i]; i++)
        for (guint j = 0; j < i; j++)
            assert_string_not_equal(schema_tables[i]->table, schema_tables[j]->table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gitlabs_schema_is_fine),
        cmocka_unit_test(a_missing_table_is_found),
        cmocka_unit_test(a_missing_column_is_found),
        cmocka_unit_test(an_unknown_mandatory_column_is_found),
        cmocka_unit_test(harmless_new_columns_are_fine),
        cmocka_unit_test(knows_which_columns_exist),
        cmocka_unit_test(each_table_is_listed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
