#include "importers/gitlab/database_error.h"

#include "protocol/error_class.h"

#include <string.h>

static const char *database_error_class(int code)
{
    switch ((DatabaseError)code) {
    case DATABASE_ERROR_CONNECT:
    case DATABASE_ERROR_DISCONNECTED:
        return "PG::ConnectionBad";
    case DATABASE_ERROR_UNIQUE:
        return "ActiveRecord::RecordNotUnique";
    case DATABASE_ERROR_FOREIGN_KEY:
        return "ActiveRecord::InvalidForeignKey";
    case DATABASE_ERROR_INVALID:
    case DATABASE_ERROR_RETRYABLE:
    case DATABASE_ERROR_STATEMENT:
        break;
    }
    return "ActiveRecord::StatementInvalid";
}

DEFINE_ERROR_DOMAIN(database_error, database_error_class)

/* SQLSTATEs that pass by themselves; a prefix of two letters stands for its whole class. */
static const char *const RETRYABLE_STATES[] = {
    "40",    /* serialization failure, deadlock */
    "53",    /* too many connections, out of memory, disk full */
    "57",    /* canceled, shutting down, starting up */
    "55P03", /* lock not available */
    "25006", /* read only: a standby that is about to be promoted */
    NULL,
};

static DatabaseError error_code(const char *sqlstate, const char *constraint)
{
    for (guint i = 0; RETRYABLE_STATES[i]; i++)
        if (g_str_has_prefix(sqlstate, RETRYABLE_STATES[i]))
            return DATABASE_ERROR_RETRYABLE;
    if (g_str_equal(sqlstate, "23505"))
        return DATABASE_ERROR_UNIQUE;
    if (g_str_equal(sqlstate, "23503"))
        return DATABASE_ERROR_FOREIGN_KEY;
    /* "no partition of relation found for row" names no constraint. GitLab's partition manager will create
     * it. */
    if (g_str_equal(sqlstate, "23514") && !constraint)
        return DATABASE_ERROR_RETRYABLE;
    if (g_str_has_prefix(sqlstate, "22") || g_str_has_prefix(sqlstate, "23"))
        return DATABASE_ERROR_INVALID;
    return DATABASE_ERROR_STATEMENT;
}

void database_error_set(GError **error, PGconn *connection, const PGresult *result,
                        const char *statement_name)
{
    const char *sqlstate = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *message = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (PQstatus(connection) == CONNECTION_BAD || !sqlstate) {
        g_autofree char *text = g_strchomp(g_strdup(PQerrorMessage(connection)));
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED, "%s: %s", statement_name,
                    message ? message : text);
        return;
    }
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    g_set_error(error, DATABASE_ERROR, (int)error_code(sqlstate, constraint), "%s: ERROR %s: %s",
                statement_name, sqlstate, message);
}

gboolean database_error_outdated_plan(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return g_strcmp0(sqlstate, "26000") == 0 ||
           (g_strcmp0(sqlstate, "0A000") == 0 && message && strstr(message, "cached plan"));
}
