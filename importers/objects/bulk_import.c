#include "importers/objects/bulk_import.h"

#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/object_counter.h"
#include "importers/gitlab/receipts.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define SLICE 100

typedef struct BulkImport {
    Stage *stage;
    const BulkImporter *importer;
    GHashTable *existing; /* key -> id as text, of rows in the database */
    GHashTable *taken;    /* title -> why it is refused */
    GHashTable *receipts; /* keys of rows that this import has inserted */
    GHashTable *seen;     /* keys met in this run */
    GPtrArray *rows;      /* of BulkRow: to be inserted */
    GPtrArray *repeated;  /* of BulkRow: inserted by an earlier run of this import */
    GPtrArray *refused;   /* of BulkRow */
} BulkImport;

static void bulk_import_clear(BulkImport *import)
{
    g_hash_table_unref(import->existing);
    g_hash_table_unref(import->taken);
    g_hash_table_unref(import->receipts);
    g_hash_table_unref(import->seen);
    g_ptr_array_unref(import->rows);
    g_ptr_array_unref(import->repeated);
    g_ptr_array_unref(import->refused);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BulkImport, bulk_import_clear)

static void bulk_import_init(BulkImport *import, Stage *stage, const BulkImporter *importer)
{
    GDestroyNotify free_row = (GDestroyNotify)bulk_row_free;

    *import = (BulkImport){
        .stage = stage,
        .importer = importer,
        .existing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
        .receipts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .rows = g_ptr_array_new_with_free_func(free_row),
        .repeated = g_ptr_array_new_with_free_func(free_row),
        .refused = g_ptr_array_new_with_free_func(free_row),
    };
}

/* A two-column result as a table: `key` -> `value`. */
static gboolean read_pairs(BulkImport *import, const Statement *statement, const char *key, const char *value,
                           GHashTable *pairs, GError **error)
{
    g_autoptr(PGresult) result = database_run(session_database(import->stage->session), error, statement,
                                              SQL_INTEGER(import->stage->project->id), DATABASE_END);

    for (int i = 0; result && i < PQntuples(result); i++)
        g_hash_table_insert(pairs, g_strdup(database_value(result, i, key)),
                            g_strdup(database_value(result, i, value)));
    return result != NULL;
}

static gboolean read_receipts(BulkImport *import, GError **error)
{
    Stage *stage = import->stage;
    g_autoptr(GPtrArray) receipts =
        receipts_keys(stage->session, stage->project->id, import->importer->object_type, error);

    if (!receipts)
        return FALSE;
    for (guint i = 0; i < receipts->len; i++)
        g_hash_table_add(import->receipts, g_strdup(receipts->pdata[i]));
    return TRUE;
}

static gboolean read_present(BulkImport *import, GError **error)
{
    const BulkImporter *importer = import->importer;

    return read_pairs(import, &importer->existing, "key", "id", import->existing, error) &&
           (!importer->taken.sql ||
            read_pairs(import, &importer->taken, "title", "reason", import->taken, error)) &&
           read_receipts(import, error);
}

static const char *why_taken(const BulkImport *import, const BulkRow *row)
{
    return row->title ? g_hash_table_lookup(import->taken, row->title) : NULL;
}

/* (row is transfer full) */
static void sort_in(BulkImport *import, BulkRow *row)
{
    if (g_hash_table_contains(import->existing, row->key)) {
        if (g_hash_table_contains(import->receipts, row->key))
            g_ptr_array_add(import->repeated, row);
        else
            bulk_row_free(row);
        return;
    }
    if (!g_hash_table_add(import->seen, g_strdup(row->key))) {
        bulk_row_free(row);
        return;
    }
    if (why_taken(import, row))
        bulk_row_refuse(row, why_taken(import, row));
    g_ptr_array_add(row->invalid ? import->refused : import->rows, row);
}

static gboolean sort_page(BulkImport *import, const json_t *objects, GError **error)
{
    size_t i;
    json_t *object;

    json_array_foreach (objects, i, object) {
        BulkRow *row = NULL;
        if (!import->importer->build(import->stage, object, &row, error))
            return FALSE;
        if (row)
            sort_in(import, row);
    }
    return TRUE;
}

static gboolean read_collection(BulkImport *import, GError **error)
{
    Stage *stage = import->stage;
    g_autofree char *path =
        g_strdup_printf("%s/%s", github_client_repository_path(stage->github), import->importer->collection);
    g_autoptr(GithubPages) pages = github_pages(stage->github, path, import->importer->query, NULL);
    g_autoptr(GError) cause = NULL;

    while (session_check_stopping(stage->session, &cause)) {
        g_autoptr(json_t) objects = github_pages_next(pages, &cause);
        if (!objects || !sort_page(import, objects, &cause))
            break;
        /* A repository with many pages must not look like a dead import. */
        if (!import_state_refresh_jid(stage->session, stage->project->id, NULL, &cause))
            break;
    }
    if (!cause)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

static GPtrArray *keys_of(const GPtrArray *rows, guint from, guint n)
{
    GPtrArray *keys = g_ptr_array_new();

    for (guint i = from; i < from + n; i++)
        g_ptr_array_add(keys, ((BulkRow *)rows->pdata[i])->key);
    return keys;
}

static gboolean count(BulkImport *import, const char *operation, const GPtrArray *rows, guint from, guint n,
                      GError **error)
{
    g_autoptr(GPtrArray) keys = keys_of(rows, from, n);

    return object_counter_increment(import->stage->session, import->stage->project->id, operation,
                                    import->importer->object_type, keys, error);
}

typedef struct Slice {
    BulkImport *import;
    guint from, n;
    PGresult *inserted; /* id, key */
} Slice;

static void slice_clear(Slice *slice)
{
    PQclear(slice->inserted);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Slice, slice_clear)

static gboolean insert_rows(Database *database, gpointer data, GError **error)
{
    Slice *slice = data;
    BulkImport *import = slice->import;
    Stage *stage = import->stage;
    g_autoptr(json_t) rows = json_array();
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_autofree char *text = NULL;

    for (guint i = slice->from; i < slice->from + slice->n; i++)
        json_array_append(rows, ((BulkRow *)import->rows->pdata[i])->columns);
    text = json_dump(rows);
    slice->inserted = database_run(database, error, &import->importer->insert, text,
                                   SQL_INTEGER(stage->project->id), DATABASE_END);
    if (!slice->inserted)
        return FALSE;
    for (int i = 0; i < PQntuples(slice->inserted); i++)
        g_ptr_array_add(keys, (char *)database_value(slice->inserted, i, "key"));
    return receipts_record_all(stage->session, stage->project->id, import->importer->object_type, keys,
                               error);
}

/* The rows of a slice and what follows them: `inserted` is called for those that PostgreSQL took. */
static gboolean import_slice(BulkImport *import, guint from, guint n, GError **error)
{
    g_auto(Slice) slice = {.import = import, .from = from, .n = n};
    Stage *stage = import->stage;
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    if (!database_transaction(session_database(stage->session), insert_rows, &slice, error) ||
        !count(import, "imported", import->rows, from, n, error))
        return FALSE;
    log_info("objects imported", "{s:s, s:s, s:i}", "importer", import->importer->class_name, "object_type",
             import->importer->object_type, "count", PQntuples(slice.inserted));

    for (int i = 0; i < PQntuples(slice.inserted); i++)
        g_hash_table_insert(ids, (char *)database_value(slice.inserted, i, "key"),
                            (char *)database_value(slice.inserted, i, "id"));
    for (guint i = from; import->importer->inserted && i < from + n; i++) {
        const BulkRow *row = import->rows->pdata[i];
        const char *id = g_hash_table_lookup(ids, row->key);
        if (id && !import->importer->inserted(stage, row, g_ascii_strtoll(id, NULL, 10), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean import_rows(BulkImport *import, GError **error)
{
    for (guint from = 0; from < import->rows->len; from += SLICE)
        if (!session_check_stopping(import->stage->session, error) ||
            !import_slice(import, from, MIN(SLICE, import->rows->len - from), error))
            return FALSE;
    return TRUE;
}

/* An earlier run of this job committed these rows; it may not have got further. */
static gboolean repeat_what_follows(BulkImport *import, GError **error)
{
    GPtrArray *rows = import->repeated;

    if (!count(import, "fetched", rows, 0, rows->len, error) ||
        !count(import, "imported", rows, 0, rows->len, error))
        return FALSE;
    for (guint i = 0; import->importer->inserted && i < rows->len; i++) {
        const BulkRow *row = rows->pdata[i];
        const char *id = g_hash_table_lookup(import->existing, row->key);
        if (!import->importer->inserted(import->stage, row, g_ascii_strtoll(id, NULL, 10), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean record_refused(BulkImport *import, GError **error)
{
    for (guint i = 0; i < import->refused->len; i++) {
        const BulkRow *row = import->refused->pdata[i];
        g_autofree char *receipt = g_strdup_printf("%s/%s", import->importer->object_type, row->key);
        ImportFailure failure = {
            .project_id = import->stage->project->id,
            .source = import->importer->class_name,
            .exception_class = "ActiveRecord::RecordInvalid",
            .exception_message = row->invalid,
            .external_identifiers = row->identifiers,
            .receipt = receipt,
        };
        if (!import_failure_track(import->stage->session, &failure, error))
            return FALSE;
    }
    return TRUE;
}

gboolean bulk_import(Stage *stage, const BulkImporter *importer, GError **error)
{
    g_auto(BulkImport) import;

    bulk_import_init(&import, stage, importer);
    if (!read_present(&import, error) || !read_collection(&import, error))
        return FALSE;
    log_info("objects fetched", "{s:s, s:s, s:i}", "importer", importer->class_name, "object_type",
             importer->object_type, "count", (int)import.rows->len);
    return count(&import, "fetched", import.rows, 0, import.rows->len, error) &&
           import_rows(&import, error) && repeat_what_follows(&import, error) &&
           record_refused(&import, error) && (!importer->finished || importer->finished(stage, error));
}

BulkRow *bulk_row_new(const char *key, const char *title, json_t *columns, json_t *identifiers)
{
    BulkRow *row = g_new0(BulkRow, 1);

    row->key = g_strdup(key);
    row->title = g_strdup(title);
    row->columns = columns;
    row->identifiers = identifiers;
    return row;
}

void bulk_row_refuse(BulkRow *row, const char *reason)
{
    if (!row->invalid)
        row->invalid = g_strdup(reason);
}

void bulk_row_free(BulkRow *row)
{
    if (!row)
        return;
    g_free(row->key);
    g_free(row->title);
    g_free(row->invalid);
    json_decref(row->columns);
    json_decref(row->identifiers);
    g_free(row);
}

json_t *bulk_text(const json_t *object, const char *field)
{
    g_autofree char *text = representation_text(object, field);

    return text ? json_string(text) : json_null();
}
