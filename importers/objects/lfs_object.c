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

/* ImportedObject.importer_data: the project has the object, or may have it. */
typedef struct LfsObject {
    LfsDownloadObject download;
    FilePlace place;
    gboolean linked; /* before this job */
} LfsObject;

/* --- what GitLab has --- */

static const Statement find_object = {
    "lfs_object_find",
    "SELECT o.size, o.file, o.file_store,"
    "  EXISTS (SELECT FROM lfs_objects_projects l WHERE l.lfs_object_id = o.id AND l.project_id = $1) AS "
    "linked"
    " FROM lfs_objects o WHERE o.oid = $2",
};

/* LfsObjectUploader: store_dir and filename (app/uploaders/lfs_object_uploader.rb). (transfer full) */
static char *file_key(const char *oid)
{
    return g_strdup_printf("%.2s/%.2s/%s", oid, oid + 2, oid + 4);
}

/* *kept is FALSE where GitLab's file is missing, or is another one. */
static gboolean find_file(Session *session, const PGresult *rows, const LfsDownloadObject *object,
                          FilePlace *place, gboolean *kept, GError **error)
{
    g_autofree char *key = file_key(object->oid);
    guint64 size = 0;
    *kept = FALSE;
    if (PQntuples(rows) == 0 || !database_value(rows, 0, "file"))
        return TRUE;
    *place =
        database_integer(rows, 0, "file_store") == FILE_PLACE_REMOTE ? FILE_PLACE_REMOTE : FILE_PLACE_LOCAL;
    if (!file_store_find(session, FILE_STORE_LFS, *place, key, kept, &size, error))
        return FALSE;
    *kept = *kept && size == object->size;
    return TRUE;
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

static gboolean keep(ObjectBatch *batch, const LfsDownloadObject *object, IncomingFile *file,
                     FilePlace *place, GError **error)
{
    g_autofree char *key = file_key(object->oid);
    return file_store_place(batch->session, FILE_STORE_LFS, place, error) &&
           file_store_keep(batch->session, FILE_STORE_LFS, file, key, NULL, error);
}

static gboolean forget(const LfsDownloadObject *object, const GError *failure)
{
    g_autofree char *address = lfs_download_object_address(object);
    g_autofree char *message = g_strdup_printf("LFS file with oid %s couldn't be downloaded from %s: %s",
                                               object->oid, address, failure->message);
    log_error(message, failure, NULL);
    return TRUE;
}

/* --- the job --- */

static void set_data(ImportedObject *object, const LfsObject *data)
{
    object->importer_data = g_memdup2(data, sizeof *data);
    object->importer_data_free = g_free;
}

static gboolean download_and_keep(ObjectBatch *batch, ImportedObject *object, LfsObject *data,
                                  const PGresult *rows, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gboolean kept;
    g_autoptr(IncomingFile) file = fetch(batch, &data->download, &failure);
    if (failure && lfs_error_is_final(failure))
        return forget(&data->download, failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!find_file(batch->session, rows, &data->download, &data->place, &kept, error) ||
        (!kept && !keep(batch, &data->download, file, &data->place, error)))
        return FALSE;
    set_data(object, data);
    return TRUE;
}

static gboolean prepare_object(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    LfsObject data = {0};
    if (!lfs_download_object_parse(object->representation, &data.download)) {
        log_warn("LFS file has invalid attributes", "{s:O?}", "oid",
                 json_object_get(object->representation, "oid"));
        return TRUE;
    }
    g_autoptr(PGresult) rows = database_run(session_database(batch->session), error, &find_object,
                                            SQL_INTEGER(batch->project->id), data.download.oid, DATABASE_END);
    if (!rows)
        return FALSE;
    data.linked = PQntuples(rows) > 0 && database_boolean(rows, 0, "linked");
    if (!data.linked)
        return download_and_keep(batch, object, &data, rows, error);
    set_data(object, &data);
    return TRUE;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    gboolean enabled;
    if (!lfs_enabled(batch->session, batch->project, &enabled, error))
        return FALSE;
    for (guint i = 0; enabled && i < batch->objects->len; i++)
        if (!prepare_object(batch, batch->objects->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* The rows are shared by projects, so that `write` makes them. */
static gboolean build(G_GNUC_UNUSED ObjectBatch *batch, G_GNUC_UNUSED ImportedObject *object,
                      G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

/* --- rows --- */

/* What was found may have been removed since, and is whole again then. */
static const Statement upsert_object = {
    "lfs_object_upsert",
    "INSERT INTO lfs_objects AS o (oid, size, file, file_store, created_at, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (oid) DO UPDATE"
    " SET size = excluded.size, file = excluded.file, file_store = excluded.file_store,"
    "  updated_at = CASE WHEN (o.file, o.file_store) IS DISTINCT FROM (excluded.file, excluded.file_store)"
    "   THEN excluded.updated_at ELSE o.updated_at END"
    " RETURNING id",
};

/* GitLabs without a unique index are served too: the object's row is locked since it was written. */
#define INSERT_LINK(column, value)                                                                           \
    "INSERT INTO lfs_objects_projects (project_id, lfs_object_id, created_at, updated_at" column ")"         \
    " SELECT $1, o.id, $3, $3" value " FROM lfs_objects o WHERE o.id = $2 AND NOT EXISTS"                    \
    "  (SELECT FROM lfs_objects_projects l WHERE l.project_id = $1 AND l.lfs_object_id = $2)"                \
    " ON CONFLICT DO NOTHING"

static const Statement insert_link = {"lfs_object_link", INSERT_LINK(", oid", ", o.oid")};
/* GitLab before the column. */
static const Statement insert_link_without_oid = {"lfs_object_link_without_oid", INSERT_LINK("", "")};

static gboolean write_object(ObjectBatch *batch, const LfsObject *object, GError **error)
{
    Session *session = batch->session;
    const char *oid = object->download.oid;
    gboolean has_oid = schema_has_column(session->schema, lfs_objects_project_columns.table, "oid");
    g_autoptr(PGresult) written = database_run(session_database(session), error, &upsert_object, oid,
                                               SQL_INTEGER((gint64)object->download.size), oid + 4,
                                               SQL_INTEGER(object->place), batch->now, DATABASE_END);
    if (!written)
        return FALSE;
    g_autoptr(PGresult) linked = database_run(
        session_database(session), error, has_oid ? &insert_link : &insert_link_without_oid,
        SQL_INTEGER(batch->project->id), database_value(written, 0, "id"), batch->now, DATABASE_END);
    return linked != NULL;
}

/* Natural keys, no receipts: an object that could not be had before may be had now. */
static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        const LfsObject *object = ((const ImportedObject *)batch->objects->pdata[i])->importer_data;
        if (object && !object->linked && !write_object(batch, object, error))
            return FALSE;
    }
    return TRUE;
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
