#include "worker/commands/checks.h"

static const Statement server_state = {
    "check_server_state",
    "SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS replica,"
    " to_regclass('hubferry.receipts') IS NOT NULL AS receipts,"
    " has_database_privilege(current_database(), 'CREATE') AS may_create",
};

static gboolean is_true(const PGresult *row, const char *column)
{
    return g_strcmp0(database_value(row, 0, column), "t") == 0;
}

static void check_server(Findings *findings, const PGresult *row)
{
    const char *version = database_value(row, 0, "version");
    if (is_true(row, "replica"))
        findings_error(findings, "name the primary in database.yml or HUBFERRY_DATABASE_URL",
                       "PostgreSQL %s is a replica and takes no writes", version);
    else
        findings_ok(findings, "PostgreSQL: version %s", version);
}

static void check_receipts(Findings *findings, const Configuration *configuration, const PGresult *row)
{
    if (!configuration->receipts)
        findings_warning(
            findings, "use --receipts on where a schema of hubferry's own is allowed",
            "receipts are off: a process killed at the wrong moment may repeat notes and events");
    else if (is_true(row, "receipts"))
        findings_ok(findings, "receipts: table hubferry.receipts exists");
    else if (is_true(row, "may_create"))
        findings_ok(findings, "receipts: table hubferry.receipts will be created at the first start");
    else
        findings_error(findings, "GRANT CREATE ON DATABASE to the role, or use --receipts off",
                       "receipts: the role may not create the schema hubferry");
}

static void check_schema(Findings *findings, Database *database, Schema **schema)
{
    g_autoptr(GError) error = NULL;
    *schema = schema_read(database, &error);
    if (!*schema) {
        findings_error(findings, "let the role read the catalogue", "GitLab's schema cannot be read: %s",
                       error->message);
        return;
    }
    g_autoptr(GPtrArray) differences = schema_findings(*schema);
    for (guint i = 0; i < differences->len; i++)
        findings_error(findings, "update hubferry or GitLab, whichever is older", "schema: %s",
                       ((const GError *)differences->pdata[i])->message);
    if (differences->len == 0)
        findings_ok(findings, "schema: every table is as the importers know it");
}

void check_database(Findings *findings, Session *session, Schema **schema)
{
    g_autoptr(GError) error = NULL;
    *schema = NULL;
    if (!session->configuration->database_keywords) {
        findings_error(findings, "give --gitlab-config or HUBFERRY_DATABASE_URL",
                       "no database is configured");
        return;
    }
    Database *database = session_database(session);
    g_autoptr(PGresult) row = database_run(database, &error, &server_state, DATABASE_END);
    if (!row) {
        findings_error(findings, "check database.yml or HUBFERRY_DATABASE_URL, and that PostgreSQL runs",
                       "PostgreSQL: %s", error->message);
        return;
    }
    check_server(findings, row);
    check_receipts(findings, session->configuration, row);
    check_schema(findings, database, schema);
}
