/*
 * database.yml: database `main` of the named form, or the old flat form, as libpq's keywords. hubferry sets
 * nothing session-wide, because PgBouncer in transaction mode stands before many GitLabs; `variables` and
 * `statement_limit` are Rails' business and left out. Passwords go from here to libpq and nowhere else.
 */
#pragma once

#include "worker/config/config_file.h"

typedef struct DatabaseConfig {
    /* libpq's (PQconnectdbParams), each ended by NULL; NULL when nothing names a database */
    char **keywords, **values;
    /* FALSE unless the file says true: GitLab's default, which PgBouncer needs */
    gboolean prepared_statements;
} DatabaseConfig;

void database_config_clear(DatabaseConfig *config);

/* `config` must be empty. Leaves it empty, without error, when there is no database.yml. */
gboolean database_config_load(const ConfigDirectory *directory, DatabaseConfig *config, GError **error);
/* postgresql://user:password@host/name?sslmode=..., or libpq's form "host=... dbname=...". */
gboolean database_config_from_url(const char *url, DatabaseConfig *config, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DatabaseConfig, database_config_clear)
