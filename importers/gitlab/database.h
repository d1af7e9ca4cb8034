/*
 * A session's PostgreSQL connection: named statements with parameters, transactions, reconnecting.
 *
 * A statement is a static object beside the code that uses it. It is prepared once per connection where the
 * configuration allows, and sent unprepared (PQexecParams) where `prepared_statements` is off (PgBouncer in
 * transaction mode). Nothing is SET for the session; the time zone is UTC through the connection's startup
 * parameter where possible and every timestamp is sent as text with its offset-free UTC form. All parameters
 * and results are in text format.
 *
 * A connection that is lost during a call or within a transaction fails the call with
 * DATABASE_ERROR_DISCONNECTED; one that was lost before is replaced (with backoff inside a bounded wait). Not
 * thread-safe: one connection belongs to one thread.
 */
#pragma once

#include "importers/gitlab/autoptr_libpq.h"

#define DATABASE_ERROR (database_error_quark())
GQuark database_error_quark(void);
typedef enum {
    DATABASE_ERROR_CONNECT,      /* PG::ConnectionBad */
    DATABASE_ERROR_DISCONNECTED, /* PG::ConnectionBad */
    DATABASE_ERROR_UNIQUE,       /* 23505: ActiveRecord::RecordNotUnique */
    DATABASE_ERROR_FOREIGN_KEY,  /* 23503: ActiveRecord::InvalidForeignKey */
    DATABASE_ERROR_INVALID,      /* 23502, 23514, 22001 and the like: ActiveRecord::StatementInvalid */
    DATABASE_ERROR_RETRYABLE,    /* serialization failure, deadlock, lock timeout, missing partition, shutting
                                    down */
    DATABASE_ERROR_STATEMENT,    /* anything else: ActiveRecord::StatementInvalid */
} DatabaseError;

typedef struct Database Database;

typedef struct Statement {
    const char *name; /* unique in the program, e.g. "import_state_start" */
    const char *sql;  /* $1, $2, ... */
} Statement;

/* Keywords and values as for PQconnectdbParams; borrowed. Does not connect yet. */
Database *database_new(const char *const *keywords, const char *const *values, gboolean prepared_statements);
void database_free(Database *database);

/* Runs one statement. Its parameters are texts, NULL is SQL's NULL; DATABASE_END follows the last one.
 * (transfer full) */
#define DATABASE_END ((const char *)-1)
PGresult *database_run(Database *database, GError **error, const Statement *statement, ...);
/* SQL whose text depends on data (a multi-row VALUES list, a column set read from the catalogue): sent
 * unprepared. Values still travel as parameters. */
PGresult *database_execute_text(Database *database, const char *sql, const char *const *params,
                                guint n_params, GError **error);

/* A number as a parameter: text that lives until the end of the enclosing block. */
#define SQL_INTEGER(number) (sql_integer((char[24]){0}, (number)))
const char *sql_integer(char text[24], gint64 number);

gboolean database_begin(Database *database, GError **error);
gboolean database_commit(Database *database, GError **error);
/* Never fails: on a broken connection there is nothing to roll back. */
void database_rollback(Database *database);
gboolean database_in_transaction(const Database *database);
/* Runs `body` in a transaction; commits when it returns TRUE, else rolls back. Within a transaction `body`
 * becomes part of it. */
gboolean database_transaction(Database *database,
                              gboolean (*body)(Database *database, gpointer data, GError **error),
                              gpointer data, GError **error);

/* One field of a result as text; NULL for SQL's NULL. Borrowed from the result. */
const char *database_value(const PGresult *result, int row, const char *column);
gint64 database_integer(const PGresult *result, int row, const char *column);
gboolean database_boolean(const PGresult *result, int row, const char *column);

/* Times as texts (database_time.c). Now, as GitLab writes a time: "2024-03-01 10:00:00.123456" (UTC).
 * (transfer full) */
char *database_now(void);
/* Any time text that the importer meets ("2017-10-10T16:00:00Z", "2017-10-10 16:00:00 UTC") in that form;
 * NULL if it is none. (transfer full) */
char *database_time(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Database, database_free)
