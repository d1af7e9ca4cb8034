#include "importers/gitlab/upload.h"

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

static const RowTable uploads = {&upload_columns, COLUMNS("project_id"), "uploads_id_seq"};

static const Statement find_upload = {
    "upload_find",
    "SELECT 1 FROM uploads WHERE uploader = $1 AND model_type = 'Project' AND model_id = $2 AND path = $3",
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

Upload *upload_store(Session *session, const Project *project, const char *origin, IncomingFile *file,
                     const char *name, const char *content_type, GError **error)
{
    g_autoptr(Upload) upload = g_new0(Upload, 1);
    if (!file_store_place(session, FILE_STORE_UPLOADS, &upload->place, error))
        return NULL;
    upload->secret = make_secret(session->configuration, project, origin, error);
    if (!upload->secret)
        return NULL;
    g_autofree char *folder = disk_path(project);
    set_path(upload, folder, name);
    g_autofree char *key = g_strdup_printf("%s/%s/%s", folder, upload->secret, upload->name);
    if (!file_store_keep(session, FILE_STORE_UPLOADS, file, key, content_type, error))
        return NULL;
    upload->size = incoming_file_size(file);
    upload->checksum = upload->place == FILE_PLACE_LOCAL ? incoming_file_sha256(file) : NULL;
    return g_steal_pointer(&upload);
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

static gboolean is_recorded(Session *session, const Project *project, const Upload *upload,
                            gboolean *recorded, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &find_upload, UPLOADER,
                                            SQL_INTEGER(project->id), upload->path, DATABASE_END);
    if (!rows)
        return FALSE;
    *recorded = PQntuples(rows) > 0;
    return TRUE;
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

gboolean upload_record(Session *session, const Project *project, const Upload *upload, const char *now,
                       GError **error)
{
    gboolean recorded;
    if (!is_recorded(session, project, upload, &recorded, error))
        return FALSE;
    if (recorded)
        return TRUE;
    g_autoptr(GArray) ids = row_table_ids(session, &uploads, 1, error);
    if (!ids)
        return FALSE;
    g_autoptr(json_t) rows = json_array();
    json_array_append_new(rows, row_of(upload, project, g_array_index(ids, gint64, 0), now));
    return row_table_insert(session, &uploads, rows, error);
}
