/*
 * What must hold before a process may take jobs. Each check fails with STARTUP_ERROR when the process must
 * refuse to start, with a sentence that says what to do, and with an error of Redis or PostgreSQL when it is
 * worth trying again.
 */
#pragma once

#include "importers/gitlab/session.h"

#define STARTUP_ERROR (startup_error_quark())
GQuark startup_error_quark(void);
typedef enum {
    STARTUP_ERROR_REDIS,   /* too old */
    STARTUP_ERROR_DATABASE /* not the schema that hubferry knows */
} StartupError;

/* FALSE: trying again would not help. */
gboolean startup_may_retry(const GError *error);

/* Redis 6.2 or later, as Sidekiq 7 (INFO; where INFO is not allowed, the version is taken to be high enough).
 * Warns when keys may be evicted. */
gboolean startup_check_redis(Redis *queues, GError **error);
/* The same for the text of INFO. */
gboolean startup_check_redis_info(const char *info, GError **error);

/* Compares GitLab's schema with what the importers write and installs the receipts; *schema (transfer full)
 * is NULL when no database is configured. */
gboolean startup_check_database(const Configuration *configuration, Schema **schema, GError **error);
