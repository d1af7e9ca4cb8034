#include "importers/gitlab/database.h"

#include "importers/gitlab/database_error.h"
#include "protocol/log.h"

#include <poll.h>

#define RECONNECT_SECONDS     5
#define FIRST_RECONNECT_PAUSE (G_USEC_PER_SEC / 10)
#define RUN_MAX_PARAMS        64

struct Database {
    GPtrArray *keywords, *values; /* ours first, so that the operator's win; ended by NULL */
    gboolean prepared_statements;
    PGconn *connection;      /* NULL while disconnected */
    GHashTable *prepared;    /* names of statements prepared on this connection */
    gboolean in_transaction; /* also after the connection broke, until the transaction is rolled back */
};

static const struct {
    const char *keyword, *value;
} CONNECTION_DEFAULTS[] = {
    {"connect_timeout", "10"},        {"keepalives", "1"},       {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},    {"keepalives_count", "3"}, {"client_encoding", "UTF8"},
    {"application_name", "hubferry"},
};

/*
 * libpq sends these as startup parameters, which PgBouncer in transaction mode keeps track of, unlike the
 * keyword `options`. Set before main(), because setenv() is not safe once there are threads.
 */
__attribute__((constructor)) static void speak_utc(void)
{
    g_setenv("PGTZ", "UTC", TRUE);
    g_setenv("PGDATESTYLE", "ISO", TRUE);
}

Database *database_new(const char *const *keywords, const char *const *values, gboolean prepared_statements)
{
    Database *database = g_new0(Database, 1);
    database->keywords = g_ptr_array_new();
    database->values = g_ptr_array_new();
    for (guint i = 0; i < G_N_ELEMENTS(CONNECTION_DEFAULTS); i++) {
        g_ptr_array_add(database->keywords, (gpointer)CONNECTION_DEFAULTS[i].keyword);
        g_ptr_array_add(database->values, (gpointer)CONNECTION_DEFAULTS[i].value);
    }
    for (guint i = 0; keywords[i]; i++) {
        g_ptr_array_add(database->keywords, (gpointer)keywords[i]);
        g_ptr_array_add(database->values, (gpointer)values[i]);
    }
    g_ptr_array_add(database->keywords, NULL);
    g_ptr_array_add(database->values, NULL);
    database->prepared_statements = prepared_statements;
    database->prepared = g_hash_table_new(g_str_hash, g_str_equal);
    return database;
}

static void disconnect(Database *database)
{
    g_clear_pointer(&database->connection, PQfinish);
    g_hash_table_remove_all(database->prepared);
}

void database_free(Database *database)
{
    disconnect(database);
    g_hash_table_unref(database->prepared);
    g_ptr_array_unref(database->keywords);
    g_ptr_array_unref(database->values);
    g_free(database);
}

static gboolean speaks_utc(PGconn *connection, GError **error)
{
    const char *zone = PQparameterStatus(connection, "TimeZone");
    if (!zone || g_str_equal(zone, "UTC") || g_str_equal(zone, "Etc/UTC"))
        return TRUE;
    g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_CONNECT,
                "the connection's time zone is %s and not UTC: times would be wrong", zone);
    return FALSE;
}

static void log_notice(G_GNUC_UNUSED void *data, const char *message)
{
    log_debug("database notice", "{s:s}", "notice", message);
}

static PGconn *connect_once(Database *database, GError **error)
{
    PGconn *connection = PQconnectdbParams((const char *const *)database->keywords->pdata,
                                           (const char *const *)database->values->pdata, 0);
    PQsetNoticeProcessor(connection, log_notice, NULL);
    if (PQstatus(connection) == CONNECTION_OK && speaks_utc(connection, error))
        return connection;
    if (error && !*error) {
        g_autofree char *text = g_strchomp(g_strdup(PQerrorMessage(connection)));
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_CONNECT, "%s", text);
    }
    PQfinish(connection);
    return NULL;
}

/* Short: whoever cannot connect gives the job back, to be executed again later. */
static gboolean connect_with_backoff(Database *database, GError **error)
{
    gint64 give_up_at = g_get_monotonic_time() + RECONNECT_SECONDS * G_USEC_PER_SEC;
    for (gint64 pause = FIRST_RECONNECT_PAUSE;; pause *= 2) {
        g_autoptr(GError) failure = NULL;
        database->connection = connect_once(database, &failure);
        if (database->connection)
            return TRUE;
        if (g_get_monotonic_time() + pause > give_up_at) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        g_usleep((gulong)pause);
    }
}

/* Whatever the server sent while nothing was asked: when it went away, its farewell and the end. */
static void read_unasked(PGconn *connection)
{
    struct pollfd socket = {.fd = PQsocket(connection), .events = POLLIN};
    while (PQstatus(connection) == CONNECTION_OK && poll(&socket, 1, 0) > 0)
        PQconsumeInput(connection);
}

/* A connection that was lost while it was idle is replaced before anybody notices: after a restart of the
 * server a job would else fail once for every executor that it is given to. */
static gboolean is_usable(const Database *database)
{
    if (!database->connection)
        return FALSE;
    if (!database->in_transaction)
        read_unasked(database->connection);
    return PQstatus(database->connection) == CONNECTION_OK;
}

/* A transaction whose connection broke has to be rolled back by its owner before anything else can be done.
 */
static gboolean ensure_connected(Database *database, GError **error)
{
    if (is_usable(database))
        return TRUE;
    disconnect(database);
    if (database->in_transaction) {
        g_set_error_literal(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED,
                            "the connection was lost within a transaction");
        return FALSE;
    }
    return connect_with_backoff(database, error);
}

static gboolean succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* NULL with `error` unset means: the statement has to be prepared again, on a new connection. */
static PGresult *check(Database *database, PGresult *result, const char *statement_name, GError **error)
{
    g_autoptr(PGresult) owned = result;
    if (succeeded(owned))
        return g_steal_pointer(&owned);
    gboolean outdated = owned && database_error_outdated_plan(owned);
    if (!outdated)
        database_error_set(error, database->connection, owned, statement_name);
    else if (database->in_transaction)
        g_set_error(error, DATABASE_ERROR, DATABASE_ERROR_RETRYABLE, "%s: its plan is outdated",
                    statement_name);
    if (outdated || PQstatus(database->connection) == CONNECTION_BAD)
        disconnect(database);
    return NULL;
}

static gboolean prepare(Database *database, const Statement *statement, GError **error)
{
    if (g_hash_table_contains(database->prepared, statement->name))
        return TRUE;
    g_autoptr(PGresult) result =
        check(database, PQprepare(database->connection, statement->name, statement->sql, 0, NULL),
              statement->name, error);
    if (!result)
        return FALSE;
    g_hash_table_add(database->prepared, (gpointer)statement->name);
    return TRUE;
}

static PGresult *execute_once(Database *database, const Statement *statement, const char *const *params,
                              guint n_params, GError **error)
{
    if (!ensure_connected(database, error))
        return NULL;
    if (!database->prepared_statements)
        return check(
            database,
            PQexecParams(database->connection, statement->sql, (int)n_params, NULL, params, NULL, NULL, 0),
            statement->name, error);
    if (!prepare(database, statement, error))
        return NULL;
    return check(database,
                 PQexecPrepared(database->connection, statement->name, (int)n_params, params, NULL, NULL, 0),
                 statement->name, error);
}

/* Twice if the server has forgotten the statement's plan. */
static PGresult *execute(Database *database, const Statement *statement, const char *const *params,
                         guint n_params, GError **error)
{
    GError *failure = NULL;
    PGresult *result = execute_once(database, statement, params, n_params, &failure);
    if (!result && !failure)
        result = execute_once(database, statement, params, n_params, &failure);
    if (!result && !failure)
        g_set_error(&failure, DATABASE_ERROR, DATABASE_ERROR_RETRYABLE, "%s: its plan is outdated",
                    statement->name);
    if (failure)
        g_propagate_error(error, failure);
    return result;
}

PGresult *database_run(Database *database, GError **error, const Statement *statement, ...)
{
    const char *params[RUN_MAX_PARAMS];
    guint n_params = 0;
    va_list arguments;
    va_start(arguments, statement);
    for (const char *param; (param = va_arg(arguments, const char *)) != DATABASE_END;) {
        g_assert(n_params < RUN_MAX_PARAMS);
        params[n_params++] = param;
    }
    va_end(arguments);
    return execute(database, statement, params, n_params, error);
}

PGresult *database_execute_text(Database *database, const char *sql, const char *const *params,
                                guint n_params, GError **error)
{
    if (!ensure_connected(database, error))
        return NULL;
    return check(database,
                 PQexecParams(database->connection, sql, (int)n_params, NULL, params, NULL, NULL, 0),
                 "statement", error);
}

const char *sql_integer(char text[24], gint64 number)
{
    g_snprintf(text, 24, "%" G_GINT64_FORMAT, number);
    return text;
}

gboolean database_begin(Database *database, GError **error)
{
    g_return_val_if_fail(!database->in_transaction, FALSE);
    g_autoptr(PGresult) result = database_execute_text(database, "BEGIN", NULL, 0, error);
    database->in_transaction = result != NULL;
    return database->in_transaction;
}

gboolean database_commit(Database *database, GError **error)
{
    g_autoptr(PGresult) result = database_execute_text(database, "COMMIT", NULL, 0, error);
    database->in_transaction = FALSE;
    if (!result)
        return FALSE;
    /* The server answers COMMIT of a failed transaction with success and the tag ROLLBACK. */
    if (g_str_equal(PQcmdStatus(result), "COMMIT"))
        return TRUE;
    g_set_error_literal(error, DATABASE_ERROR, DATABASE_ERROR_STATEMENT,
                        "the transaction had failed and was rolled back");
    return FALSE;
}

void database_rollback(Database *database)
{
    if (database->in_transaction && database->connection) {
        g_autoptr(PGresult) result = PQexec(database->connection, "ROLLBACK");
        if (!succeeded(result))
            disconnect(database);
    }
    database->in_transaction = FALSE;
}

gboolean database_in_transaction(const Database *database)
{
    return database->in_transaction;
}

gboolean database_transaction(Database *database,
                              gboolean (*body)(Database *database, gpointer data, GError **error),
                              gpointer data, GError **error)
{
    if (database->in_transaction)
        return body(database, data, error);
    if (!database_begin(database, error))
        return FALSE;
    if (body(database, data, error))
        return database_commit(database, error);
    database_rollback(database);
    return FALSE;
}

static int column_number(const PGresult *result, const char *column)
{
    int number = PQfnumber(result, column);
    if (number < 0)
        g_error("the statement returns no column \"%s\"", column);
    return number;
}

const char *database_value(const PGresult *result, int row, const char *column)
{
    int number = column_number(result, column);
    return PQgetisnull(result, row, number) ? NULL : PQgetvalue(result, row, number);
}

gint64 database_integer(const PGresult *result, int row, const char *column)
{
    const char *value = database_value(result, row, column);
    return value ? g_ascii_strtoll(value, NULL, 10) : 0;
}

gboolean database_boolean(const PGresult *result, int row, const char *column)
{
    return g_strcmp0(database_value(result, row, column), "t") == 0;
}
