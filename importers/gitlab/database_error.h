/*
 * What went wrong in PostgreSQL, as a DATABASE_ERROR: by SQLSTATE, as ActiveRecord's PostgreSQL adapter
 * translates exceptions. The text is the server's primary message; its detail line is left out, because it
 * may show a whole row.
 */
#pragma once

#include "importers/gitlab/database.h"

/* `result` is a failed result of `connection`. */
void database_error_set(GError **error, PGconn *connection, const PGresult *result,
                        const char *statement_name);
/* The server has forgotten a prepared statement, or its plan is outdated (a migration ran meanwhile): prepare
 * again. */
gboolean database_error_outdated_plan(const PGresult *result);
