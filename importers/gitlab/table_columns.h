/*
 * What a module knows of a table that it writes, declared beside its SQL and listed in schema_tables.c. The
 * start-up check compares it with the connected GitLab's catalogue. Static, immutable.
 */
#pragma once

#include <glib.h>

typedef struct TableColumns {
    const char *table;
    const char *const *columns; /* written or read always, ended by NULL */
    /* NOT NULL, but filled by a trigger of GitLab's, or written only where they exist; or NULL. */
    const char *const *known;
    gboolean inserts;  /* rows are inserted, so that an unknown NOT NULL column without default matters */
    gboolean optional; /* GitLab versions without the table are served too */
} TableColumns;

#define COLUMNS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Every table that hubferry writes, and those that it reads only where they exist; ended by NULL. */
extern const TableColumns *const schema_tables[];
