/*
 * Gitlab::GithubImport::BulkImporting (lib/gitlab/github_import/bulk_importing.rb): objects that a stage
 * imports itself, 100 rows a statement: labels, milestones, releases. Objects that exist are skipped, invalid
 * ones are recorded in import_failures.
 *
 * Each slice of rows is one transaction with its receipts. What follows a commit (counters, placeholder
 * references) is done again for every row with a receipt, so that a kill between commit and Redis leaves
 * nothing out and counts nothing twice.
 */
#pragma once

#include "importers/gitlab/table_columns.h"
#include "importers/gitlab/user_finder.h"
#include "importers/stages/stage.h"

/* One object of GitHub as the row it becomes. */
typedef struct BulkRow {
    char *key;           /* the natural key as text: title, iid, tag */
    char *title;         /* compared with the titles that `taken` yields; or NULL */
    json_t *columns;     /* named as the importer's INSERT expects them, `key` included */
    json_t *identifiers; /* for import_failures */
    char *invalid;       /* why GitLab's model would refuse it; NULL: valid */
    FoundUser author;    /* releases only */
} BulkRow;

typedef struct BulkImporter {
    const char *class_name;  /* "Gitlab::GithubImport::Importer::LabelsImporter" */
    const char *object_type; /* "label" */
    const char *collection;  /* the API's path below the repository */
    const char *query;       /* or NULL */
    Statement existing;      /* $1 project id; yields id, key */
    Statement
        taken; /* $1 project id; yields title, reason: titles that GitLab's model refuses. May be empty */
    Statement insert; /* $1 rows as a JSON array, $2 project id; yields id, key of the rows inserted */
    /* *row stays NULL for an object that is no candidate. (transfer full) */
    gboolean (*build)(Stage *stage, const json_t *object, BulkRow **row, GError **error);
    /* After the row's commit; may be repeated. NULL: nothing to do. */
    gboolean (*inserted)(Stage *stage, const BulkRow *row, gint64 id, GError **error);
    /* After all rows. NULL: nothing to do. */
    gboolean (*finished)(Stage *stage, GError **error);
} BulkImporter;

extern const BulkImporter labels_importer, milestones_importer, releases_importer;
extern const TableColumns label_columns, milestone_columns, release_columns;

gboolean bulk_import(Stage *stage, const BulkImporter *importer, GError **error);

/* `title` may be NULL; `columns` and `identifiers` are consumed. (transfer full) */
BulkRow *bulk_row_new(const char *key, const char *title, json_t *columns, json_t *identifiers);
/* Keeps the first reason. */
void bulk_row_refuse(BulkRow *row, const char *reason);
void bulk_row_free(BulkRow *row);

/* A text field of GitHub's object without NUL characters, which PostgreSQL cannot store; JSON null when it is
 * no text. (transfer full) */
json_t *bulk_text(const json_t *object, const char *field);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BulkRow, bulk_row_free)
