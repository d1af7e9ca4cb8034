#include "importers/objects/lfs_object.h"

#include "importers/files/file_store.h"
#include "importers/gitlab/import_watch.h"
#include "importers/lfs/lfs_batch.h"
#include "importers/lfs/lfs_download.h"
#include "importers/lfs/lfs_error.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"
#include "protocol/log.h"

const TableColumns lfs_object_columns = {
    .table = "lfs_objects",
    .columns = COLUMNS("id", "oid", "size", "created_at", "updated_at", "file", "file_store"),
    .inserts = TRUE,
};

const TableColumns lfs_objects_project_columns = {
    .table = "lfs_objects_projects",
    .columns = COLUMNS("lfs_object_id", "project_id", "created_at", "updated_at"),
    .known = COLUMNS("oid"),
    .inserts = TRUE,
};

/* ImportedObject.importer_data: an object that is to be the project's. NULL: nothing is done. */
typedef struct LfsObject {
    LfsDownloadObject download;
    FilePlace place;   /* of its file */
    gboolean has_file; /* GitLab's row says so */
    gboolean linked;   /* before this job */
} LfsObject;

/* --- what GitLab has --- */

static const Statement find_objects = {
    "lfs_object_find",
    "SELECT o.oid, o.file IS NOT NULL AS has_file, o.file_store,"
    "  EXISTS (SELECT FROM lfs_objects_projects l WHERE l.lfs_object_id = o.id AND l.project_id = $1) AS "
    "linked"
    " FROM lfs_objects o WHERE o.oid = ANY(ARRAY(SELECT json_array_elements_text($2::json)))",
};

/* LfsObjectUploader: store_dir and filename (app/uploaders/lfs_object_uploader.rb). (transfer full) */
static char *file_key(const char *oid)
{
    return g_strdup_printf("%.2s/%.2s/%s", oid, oid + 2, oid + 4);
}

/* *kept is FALSE where GitLab's file is missing, or is another one. */
static gboolean find_file(Session *session, const LfsObject *object, gboolean *kept, GError **error)
{
    g_autofree char *key = file_key(object->download.oid);
    guint64 size = 0;
    *kept = FALSE;
    if (!object->has_file)
        return TRUE;
    if (!file_store_find(session, FILE_STORE_LFS, object->place, key, kept, &size, error))
        return FALSE;
    *kept = *kept && size == object->download.size;
    return TRUE;
}

/* NULL: its attributes are not valid. (transfer full) */
static LfsObject *lfs_object_new(const json_t *representation)
{
    g_autofree LfsObject *object = g_new0(LfsObject, 1);
    if (lfs_download_object_parse(representation, &object->download))
        return g_steal_pointer(&object);
    log_warn("LFS file has invalid attributes", "{s:O?}", "oid", json_object_get(representation, "oid"));
    return NULL;
}

/* The oids of the batch's objects, whose importer_data it sets. (transfer full) */
static json_t *read_objects(const ObjectBatch *batch)
{
    json_t *oids = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        LfsObject *data = lfs_object_new(object->representation);
        object->importer_data = data;
        object->importer_data_free = g_free;
        if (data)
            json_array_append_new(oids, json_string(data->download.oid));
    }
    return oids;
}

static void set_known(LfsObject *object, const PGresult *rows, int row)
{
    gboolean remote = database_integer(rows, row, "file_store") == FILE_PLACE_REMOTE;
    object->place = remote ? FILE_PLACE_REMOTE : FILE_PLACE_LOCAL;
    object->has_file = database_boolean(rows, row, "has_file");
    object->linked = database_boolean(rows, row, "linked");
}

static void set_all_known(const ObjectBatch *batch, const PGresult *rows)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        LfsObject *object = ((const ImportedObject *)batch->objects->pdata[i])->importer_data;
        for (int row = 0; object && row < PQntuples(rows); row++)
            if (g_str_equal(database_value(rows, row, "oid"), object->download.oid))
                set_known(object, rows, row);
    }
}

/* --- the download --- */

static LfsPointer pointer_of(const LfsDownloadObject *object)
{
    LfsPointer pointer = {.size = object->size};
    g_strlcpy(pointer.oid, object->oid, sizeof pointer.oid);
    return pointer;
}

/* The server is asked once more where the object is. (transfer full; NULL without error: it does not say) */
static json_t *fresh_argument(const ObjectBatch *batch, const LfsDownloadObject *object, GError **error)
{
    const LfsPointer pointer = pointer_of(object);
    g_autoptr(LfsEndpoint) endpoint = NULL;
    if (!batch->github ||
        !lfs_endpoint_find(batch->session, batch->project, batch->github, &endpoint, error) || !endpoint)
        return NULL;
    g_autoptr(json_t) arguments = lfs_batch(batch->session, endpoint, &pointer, 1, error);
    return json_incref(json_array_get(arguments, 0));
}

/* (transfer full) */
static IncomingFile *download_afresh(const ObjectBatch *batch, const LfsDownloadObject *object,
                                     GError **error)
{
    LfsDownloadObject fresh;
    g_autoptr(GError) refusal = NULL;
    g_autoptr(json_t) argument = fresh_argument(batch, object, &refusal);
    if (argument && lfs_download_object_parse(argument, &fresh)) {
        fresh.oid = object->oid;
        fresh.size = object->size;
        return lfs_download(batch->session, &fresh, error);
    }
    if (refusal)
        g_propagate_error(error, g_steal_pointer(&refusal));
    else
        g_set_error_literal(error, LFS_ERROR, LFS_ERROR_RESPONSE, "The server has no link to it any more");
    return NULL;
}

/* (transfer full) */
static IncomingFile *fetch(const ObjectBatch *batch, const LfsDownloadObject *object, GError **error)
{
    g_autoptr(GError) failure = NULL;
    IncomingFile *file = lfs_download(batch->session, object, &failure);
    if (g_error_matches(failure, LFS_ERROR, LFS_ERROR_EXPIRED))
        return download_afresh(batch, object, error);
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return file;
}

static gboolean keep(ObjectBatch *batch, LfsObject *object, IncomingFile *file, GError **error)
{
    g_autofree char *key = file_key(object->download.oid);
    return file_store_place(batch->session, FILE_STORE_LFS, &object->place, error) &&
           file_store_keep(batch->session, FILE_STORE_LFS, file, key, NULL, error);
}

static void log_forgotten(const LfsDownloadObject *object, const GError *failure)
{
    g_autofree char *address = lfs_download_object_address(object);
    g_autofree char *message = g_strdup_printf("LFS file with oid %s couldn't be downloaded from %s: %s",
                                               object->oid, address, failure->message);
    log_error(message, failure, NULL);
}

/* --- the job --- */

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    gboolean enabled;
    if (!lfs_enabled(batch->session, batch->project, &enabled, error))
        return FALSE;
    if (!enabled)
        return TRUE;
    g_autoptr(json_t) oids = read_objects(batch);
    g_autofree char *list = json_dump(oids);
    g_autoptr(PGresult) rows = database_run(session_database(batch->session), error, &find_objects,
                                            SQL_INTEGER(batch->project->id), list, DATABASE_END);
    if (rows)
        set_all_known(batch, rows);
    return rows != NULL;
}

/* *file stays NULL, without error, where the object is given up. */
static gboolean download_object(const ObjectBatch *batch, const LfsDownloadObject *object,
                                IncomingFile **file, GError **error)
{
    g_autoptr(GError) failure = NULL;
    *file = fetch(batch, object, &failure);
    if (!failure)
        return TRUE;
    if (lfs_error_is_final(failure)) {
        log_forgotten(object, failure);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* The rows are shared by projects, so that `write` makes them. */
static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    LfsObject *data = object->importer_data;
    g_autoptr(IncomingFile) file = NULL;
    gboolean kept;
    if (!data || data->linked)
        return TRUE;
    if (!session_check_stopping(batch->session, error) ||
        !download_object(batch, &data->download, &file, error))
        return FALSE;
    if (!file) {
        g_clear_pointer(&object->importer_data, g_free);
        return TRUE;
    }
    return find_file(batch->session, data, &kept, error) && (kept || keep(batch, data, file, error));
}

/* --- rows --- */

/* What was found may have been removed since, and is whole again then. Two jobs may name the same object, and
 * two batches wait for each other's instead of deadlocking. */
static const Statement upsert_objects = {
    "lfs_object_upsert",
    "INSERT INTO lfs_objects AS o (oid, size, file, file_store, created_at, updated_at)"
    " SELECT DISTINCT ON (oid) oid, size, file, file_store, $2::timestamp, $2::timestamp"
    "  FROM json_to_recordset($1) AS object (oid text, size bigint, file text, file_store integer)"
    "  ORDER BY oid ON CONFLICT (oid) DO UPDATE"
    " SET size = excluded.size, file = excluded.file, file_store = excluded.file_store,"
    "  updated_at = CASE WHEN (o.file, o.file_store) IS DISTINCT FROM (excluded.file, excluded.file_store)"
    "   THEN excluded.updated_at ELSE o.updated_at END"
    " RETURNING id",
};

/* GitLabs without a unique index are served too: the objects' rows are locked since they were written. */
#define INSERT_LINKS(column, value)                                                                          \
    "INSERT INTO lfs_objects_projects (project_id, lfs_object_id, created_at, updated_at" column ")"         \
    " SELECT $1, o.id, $3, $3" value " FROM lfs_objects o"                                                   \
    " WHERE o.id = ANY(ARRAY(SELECT value::bigint FROM json_array_elements_text($2::json))) AND NOT EXISTS"  \
    "  (SELECT FROM lfs_objects_projects l WHERE l.project_id = $1 AND l.lfs_object_id = o.id)"              \
    " ORDER BY o.id ON CONFLICT DO NOTHING"

static const Statement insert_links = {"lfs_object_link", INSERT_LINKS(", oid", ", o.oid")};
/* GitLab before the column. */
static const Statement insert_links_without_oid = {"lfs_object_link_without_oid", INSERT_LINKS("", "")};

/* (transfer full) */
static json_t *rows_to_write(const ObjectBatch *batch)
{
    json_t *rows = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const LfsObject *object = ((const ImportedObject *)batch->objects->pdata[i])->importer_data;
        if (!object || object->linked)
            continue;
        const char *oid = object->download.oid;
        json_array_append_new(rows, json_pack("{s:s, s:I, s:s, s:i}", "oid", oid, "size",
                                              (json_int_t)object->download.size, "file", oid + 4,
                                              "file_store", (int)object->place));
    }
    return rows;
}

/* Of the objects' rows; NULL: error. (transfer full) */
static json_t *write_objects(const ObjectBatch *batch, const json_t *objects, GError **error)
{
    g_autofree char *list = json_dump(objects);
    g_autoptr(PGresult) written = database_run(session_database(batch->session), error, &upsert_objects, list,
                                               batch->now, DATABASE_END);
    if (!written)
        return NULL;
    json_t *ids = json_array();
    for (int row = 0; row < PQntuples(written); row++)
        json_array_append_new(ids, json_string(database_value(written, row, "id")));
    return ids;
}

static gboolean link_objects(const ObjectBatch *batch, const json_t *ids, GError **error)
{
    Session *session = batch->session;
    gboolean has_oid = schema_has_column(session->schema, lfs_objects_project_columns.table, "oid");
    g_autofree char *list = json_dump(ids);
    g_autoptr(PGresult) linked =
        database_run(session_database(session), error, has_oid ? &insert_links : &insert_links_without_oid,
                     SQL_INTEGER(batch->project->id), list, batch->now, DATABASE_END);
    return linked != NULL;
}

/* Natural keys, no receipts: an object that could not be had before may be had now. */
static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) objects = rows_to_write(batch);
    if (json_array_size(objects) == 0)
        return TRUE;
    g_autoptr(json_t) ids = write_objects(batch, objects, error);
    return ids && link_objects(batch, ids, error);
}

static gboolean has_objects(const ObjectBatch *batch)
{
    for (guint i = 0; i < batch->objects->len; i++)
        if (((const ImportedObject *)batch->objects->pdata[i])->importer_data)
            return TRUE;
    return FALSE;
}

/* LfsObjectsProject#update_project_statistics. While such a job waits, no second one is enqueued. */
static gboolean committed(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) args = json_pack("[I, [], [s]]", (json_int_t)batch->project->id, "lfs_objects_size");
    if (!has_objects(batch))
        return TRUE;
    return import_watch_check(batch->session, error) &&
           session_push(batch->session, "ProjectCacheWorker", g_steal_pointer(&args), error);
}

static char *receipt(const json_t *representation)
{
    const char *oid = json_string_field(representation, "oid");
    return g_strdup(oid ? oid : "");
}

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:o, s:o}", "oid", representation_value(representation, "oid"), "size",
                     representation_value(representation, "size"));
}

static const RowTable *const no_tables[] = {NULL};

const ObjectImporter lfs_object_importer = {
    .class_name = "Gitlab::GithubImport::Importer::LfsObjectImporter",
    .object_type = "lfs_object",
    .identifiers = identifiers,
    .receipt = receipt,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .committed = committed,
    .tables = no_tables,
};
