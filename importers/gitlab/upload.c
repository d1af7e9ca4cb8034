#include "importers/gitlab/upload.h"

#include "protocol/import_caching.h"
#include "protocol/json.h"

#include <string.h>

#define UPLOADER          "FileUploader"
#define UPLOADER_VERSION  2
#define SECRET_DIGITS     32
#define MAX_NAME          255 /* bytes; of a file system */
#define MAX_PATH          511 /* characters; of the column */
#define LONGEST_EXTENSION 32  /* what is longer is no extension but a name with a dot */

const TableColumns upload_columns = {
    .table = "uploads",
    .columns = COLUMNS("id", "size", "path", "checksum", "model_id", "model_type", "uploader", "store",
                       "secret", "version", "created_at"),
    .inserts = TRUE,
};

static const RowTable uploads_table = {&upload_columns, COLUMNS("project_id"), "uploads_id_seq"};

static const Statement find_rows = {
    "upload_find_rows",
    "SELECT path FROM uploads WHERE uploader = $1 AND model_type = 'Project' AND model_id = $2"
    " AND path = ANY(ARRAY(SELECT json_array_elements_text($3::json)))",
};

/* --- the file --- */

/* The key that GitLab encrypts with at present, or NULL. */
static const char *current_key(const Configuration *configuration)
{
    guint n = configuration->db_key_base ? g_strv_length(configuration->db_key_base) : 0;
    return n > 0 ? configuration->db_key_base[n - 1] : NULL;
}

/* (transfer full) */
static char *make_secret(const Configuration *configuration, const Project *project, const char *origin,
                         GError **error)
{
    const char *key = current_key(configuration);
    if (!key) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_HAND_OVER,
                            "Without db_key_base the addresses of uploads could be guessed");
        return NULL;
    }
    g_autofree char *derived = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)key, strlen(key),
                                                         "hubferry: secrets of uploads", -1);
    g_autofree char *file = g_strdup_printf("%" G_GINT64_FORMAT "/%s", project->id, origin);
    char *secret =
        g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)derived, strlen(derived), file, -1);
    secret[SECRET_DIGITS] = '\0';
    return secret;
}

/* (transfer full) */
static char *disk_path(const Project *project)
{
    return project->hashed_attachments ? project_hashed_path(project) : g_strdup(project->full_path);
}

/* (transfer full) */
static char *cut_name(const char *name, gsize limit)
{
    gsize length = strlen(name);
    const char *dot = strrchr(name, '.');
    gsize extension = dot ? length - (gsize)(dot - name) : 0;
    if (length <= limit)
        return g_strdup(name);
    if (extension > LONGEST_EXTENSION)
        extension = 0;
    return g_strdup_printf("%.*s%s", (int)(limit - extension), name, name + length - extension);
}

/* Fills in where the file belongs. */
static void set_path(Upload *upload, const char *folder, const char *name)
{
    const char *prefix = upload->place == FILE_PLACE_REMOTE ? folder : "";
    const char *slash = upload->place == FILE_PLACE_REMOTE ? "/" : "";
    gsize taken = strlen(prefix) + strlen(slash) + SECRET_DIGITS + 1;
    gsize room = taken + LONGEST_EXTENSION < MAX_PATH ? MAX_PATH - taken : LONGEST_EXTENSION + 1;
    upload->name = cut_name(name, MIN(room, MAX_NAME));
    upload->path = g_strdup_printf("%s%s%s/%s", prefix, slash, upload->secret, upload->name);
}

/* With place and secret alone. (transfer full) */
static Upload *upload_new(const Session *session, const Project *project, const char *origin, GError **error)
{
    g_autoptr(Upload) upload = g_new0(Upload, 1);
    if (!file_store_place(session, FILE_STORE_UPLOADS, &upload->place, error))
        return NULL;
    upload->secret = make_secret(session->configuration, project, origin, error);
    return upload->secret ? g_steal_pointer(&upload) : NULL;
}

/* Of the file store. (transfer full) */
static char *key_of(const Upload *upload, const Project *project)
{
    g_autofree char *folder = disk_path(project);
    return g_strdup_printf("%s/%s/%s", folder, upload->secret, upload->name);
}

/* --- what was kept before --- */

/* (transfer full) */
static char *memory_key(const Upload *upload, const Project *project)
{
    return g_strdup_printf("hubferry/uploads/%" G_GINT64_FORMAT "/%s", project->id, upload->secret);
}

static gboolean remember(Session *session, const Project *project, const Upload *upload, GError **error)
{
    g_autofree char *key = memory_key(upload, project);
    g_autoptr(json_t) memory = json_pack("{s:s, s:I, s:s?}", "name", upload->name, "size",
                                         (json_int_t)upload->size, "checksum", upload->checksum);
    g_autofree char *text = json_dump(memory);
    return cache_write(session_redis(session, REDIS_SHARED_STATE), key, text, CACHE_TIMEOUT, error);
}

/* *memory is NULL when there is none. (transfer full) */
static gboolean recall(Session *session, const Project *project, const Upload *upload, json_t **memory,
                       GError **error)
{
    g_autofree char *key = memory_key(upload, project), *text = NULL;
    *memory = NULL;
    if (!cache_read(session_redis(session, REDIS_SHARED_STATE), key, &text, error))
        return FALSE;
    if (text)
        *memory = json_parse(text, strlen(text), error);
    return !text || *memory;
}

static gboolean is_there(Session *session, const Project *project, const Upload *upload, gboolean *there,
                         GError **error)
{
    guint64 size;
    g_autofree char *key = key_of(upload, project);
    if (!file_store_find(session, FILE_STORE_UPLOADS, upload->place, key, there, &size, error))
        return FALSE;
    *there = *there && size == upload->size;
    return TRUE;
}

gboolean upload_find(Session *session, const Project *project, const char *origin, Upload **upload,
                     GError **error)
{
    gboolean there;
    g_autoptr(json_t) memory = NULL;
    g_autofree char *folder = disk_path(project);
    g_autoptr(Upload) kept = upload_new(session, project, origin, error);
    *upload = NULL;
    if (!kept || !recall(session, project, kept, &memory, error))
        return FALSE;
    const char *name = json_string_field(memory, "name");
    if (!name)
        return TRUE;
    set_path(kept, folder, name);
    kept->size = (guint64)json_integer_field(memory, "size", 0);
    kept->checksum = g_strdup(json_string_field(memory, "checksum"));
    if (!is_there(session, project, kept, &there, error))
        return FALSE;
    *upload = there ? g_steal_pointer(&kept) : NULL;
    return TRUE;
}

Upload *upload_store(Session *session, const Project *project, const char *origin, IncomingFile *file,
                     const char *name, const char *content_type, GError **error)
{
    g_autofree char *folder = disk_path(project);
    g_autoptr(Upload) upload = upload_new(session, project, origin, error);
    if (!upload)
        return NULL;
    set_path(upload, folder, name);
    g_autofree char *key = key_of(upload, project);
    if (!file_store_keep(session, FILE_STORE_UPLOADS, file, key, content_type, error))
        return NULL;
    upload->size = incoming_file_size(file);
    upload->checksum = upload->place == FILE_PLACE_LOCAL ? incoming_file_sha256(file) : NULL;
    return remember(session, project, upload, error) ? g_steal_pointer(&upload) : NULL;
}

gboolean upload_forget_all(Session *session, const Project *project, const GPtrArray *uploads, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < uploads->len; i++)
        g_ptr_array_add(keys, memory_key(uploads->pdata[i], project));
    return keys->len == 0 || cache_delete_all(session_redis(session, REDIS_SHARED_STATE), keys, error);
}

void upload_free(Upload *upload)
{
    g_free(upload->secret);
    g_free(upload->name);
    g_free(upload->checksum);
    g_free(upload->path);
    g_free(upload);
}

char *upload_markdown_url(const Upload *upload)
{
    return g_strdup_printf("/uploads/%s/%s", upload->secret, upload->name);
}

/* --- the row --- */

/* The paths of those that have a row already, as a set. (transfer full) */
static GHashTable *recorded_paths(Session *session, const Project *project, const GPtrArray *uploads,
                                  GError **error)
{
    g_autoptr(json_t) paths = json_array();
    for (guint i = 0; i < uploads->len; i++)
        json_array_append_new(paths, json_string(((const Upload *)uploads->pdata[i])->path));
    g_autofree char *list = json_dump(paths);
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &find_rows, UPLOADER,
                                            SQL_INTEGER(project->id), list, DATABASE_END);
    if (!rows)
        return NULL;
    GHashTable *recorded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int row = 0; row < PQntuples(rows); row++)
        g_hash_table_add(recorded, g_strdup(database_value(rows, row, "path")));
    return recorded;
}

/* (transfer full) */
static json_t *row_of(const Upload *upload, const Project *project, gint64 id, const char *now)
{
    return json_pack("{s:I, s:I, s:s, s:s?, s:I, s:s, s:s, s:i, s:s, s:i, s:s, s:I}", "id", (json_int_t)id,
                     "size", (json_int_t)upload->size, "path", upload->path, "checksum", upload->checksum,
                     "model_id", (json_int_t)project->id, "model_type", "Project", "uploader", UPLOADER,
                     "store", (int)upload->place, "secret", upload->secret, "version", UPLOADER_VERSION,
                     "created_at", now, "project_id", (json_int_t)project->id);
}

static gboolean insert_rows(Session *session, const Project *project, const GPtrArray *uploads,
                            const char *now, GError **error)
{
    g_autoptr(GArray) ids = row_table_ids(session, &uploads_table, uploads->len, error);
    g_autoptr(json_t) rows = json_array();
    if (!ids)
        return FALSE;
    for (guint i = 0; i < uploads->len; i++)
        json_array_append_new(rows, row_of(uploads->pdata[i], project, g_array_index(ids, gint64, i), now));
    return row_table_insert(session, &uploads_table, rows, error);
}

gboolean upload_record_all(Session *session, const Project *project, const GPtrArray *uploads,
                           const char *now, GError **error)
{
    if (uploads->len == 0)
        return TRUE;
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    g_autoptr(GHashTable) recorded = recorded_paths(session, project, uploads, error);
    if (!recorded)
        return FALSE;
    for (guint i = 0; i < uploads->len; i++) {
        Upload *upload = uploads->pdata[i];
        if (g_hash_table_add(recorded, g_strdup(upload->path)))
            g_ptr_array_add(missing, upload);
    }
    return missing->len == 0 || insert_rows(session, project, missing, now, error);
}
