/*
 * The connected GitLab's catalogue, compared with what hubferry writes. Read once at start.
 * A NOT NULL column without default that hubferry does not know, in a table that it writes, is a refusal to
 * start; an optional column that is missing is left out of the INSERTs. (pg_attribute and pg_attrdef;
 * information_schema hides what the role may not see.)
 */
#pragma once

#include "importers/gitlab/database.h"

#define SCHEMA_ERROR (schema_error_quark())
GQuark schema_error_quark(void);
typedef enum {
    SCHEMA_ERROR_TABLE_MISSING,
    SCHEMA_ERROR_COLUMN_MISSING,
    SCHEMA_ERROR_COLUMN_UNKNOWN
} SchemaError;

typedef struct Schema Schema;

/* Reads the catalogue. (transfer full) */
Schema *schema_read(Database *database, GError **error);
void schema_free(Schema *schema);
gboolean schema_has_column(const Schema *schema, const char *table, const char *column);
/* The column is there, must not be NULL and has no default. */
gboolean schema_requires_column(const Schema *schema, const char *table, const char *column);
/* All findings, one sentence each, of GError; empty: hubferry can write to this GitLab. (transfer full) */
GPtrArray *schema_findings(const Schema *schema);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Schema, schema_free)
