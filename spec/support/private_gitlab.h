/*
 * A Redis and a PostgreSQL with GitLab's schema and seed (spec/support/services), for one test program. They
 * end with the program, however it ends. Any failure ends the program with a message.
 */
#pragma once

#include "importers/configuration.h"

/* Started at the first call. Its values live until the program ends; receipts and prepared statements are on,
 * and may be switched by the test. */
Configuration *private_gitlab_configuration(void);
/* The seed alone, in PostgreSQL, and nothing in Redis. */
void private_gitlab_reset(void);
/* Runs psql, whose statements must succeed. Its output without alignment and headings. (transfer full) */
char *private_gitlab_sql(const char *sql);
/* Runs redis-cli. Its output. (transfer full) */
char *private_gitlab_redis(const char *command, ...) G_GNUC_NULL_TERMINATED;
