#include "importers/files/file_store.h"

#include "importers/gitlab/session.h"

#include <errno.h>
#include <sys/stat.h>

typedef struct FileKind {
    const char *files;  /* in messages */
    const char *option; /* that names the folder */
} FileKind;

static const FileKind kinds[] = {
    [FILE_STORE_UPLOADS] = {"uploads", "--uploads-directory"},
    [FILE_STORE_LFS] = {"LFS objects", "--lfs-directory"},
};

static const FileStoreSettings *settings_of(const Session *session, FileStoreKind kind)
{
    const Configuration *configuration = session->configuration;
    return kind == FILE_STORE_UPLOADS ? &configuration->uploads : &configuration->lfs_objects;
}

static gboolean hand_over(FileStoreKind kind, const char *why, GError **error)
{
    g_set_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER, "No place for %s: %s", kinds[kind].files, why);
    return FALSE;
}

/* A folder that is not mounted here is left to those who have it, not made anew where nobody looks. */
static gboolean check_directory(const FileStoreSettings *settings, FileStoreKind kind, GError **error)
{
    if (settings->directory && g_file_test(settings->directory, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_autofree char *why =
        settings->directory
            ? g_strdup_printf("%s is not a directory; mount it, or name its place by %s", settings->directory,
                              kinds[kind].option)
            : g_strdup_printf("give %s, or --gitlab-config with gitlab.yml", kinds[kind].option);
    return hand_over(kind, why, error);
}

static gboolean check_bucket(const FileStoreSettings *settings, FileStoreKind kind, GError **error)
{
    return settings->bucket || hand_over(kind, "the object storage is not configured here", error);
}

gboolean file_store_place(const Session *session, FileStoreKind kind, FilePlace *place, GError **error)
{
    const FileStoreSettings *settings = settings_of(session, kind);
    if (settings->handed_over)
        return hand_over(kind, settings->handed_over, error);
    *place = settings->bucket ? FILE_PLACE_REMOTE : FILE_PLACE_LOCAL;
    return settings->bucket || check_directory(settings, kind, error);
}

IncomingFile *file_store_receive(const Session *session, FileStoreKind kind, guint64 max_size, GError **error)
{
    FilePlace place;
    if (!file_store_place(session, kind, &place, error))
        return NULL;
    const char *directory =
        place == FILE_PLACE_LOCAL ? settings_of(session, kind)->directory : g_get_tmp_dir();
    return incoming_file_new(directory, max_size, error);
}

/* A key never leads out of its folder, nor to another one than it says. */
static gboolean check_key(const char *key, GError **error)
{
    g_auto(GStrv) segments = g_strsplit(key, "/", -1);
    gboolean plain = *segments != NULL;
    for (char **segment = segments; *segment; segment++)
        plain = plain && **segment && !g_str_equal(*segment, ".") && !g_str_equal(*segment, "..");
    if (!plain)
        g_set_error(error, FILE_ERROR, FILE_ERROR_KEY, "'%s' is no path below the folder of files", key);
    return plain;
}

static gboolean keep_remote(Session *session, const Bucket *bucket, IncomingFile *file, const char *key,
                            const char *content_type, GError **error)
{
    g_autofree char *sha256 = incoming_file_sha256(file);
    return object_storage_put(session, bucket, key, incoming_file_descriptor(file), incoming_file_size(file),
                              sha256, content_type, error);
}

gboolean file_store_keep(Session *session, FileStoreKind kind, IncomingFile *file, const char *key,
                         const char *content_type, GError **error)
{
    FilePlace place;
    const FileStoreSettings *settings = settings_of(session, kind);
    if (!check_key(key, error) || !file_store_place(session, kind, &place, error))
        return FALSE;
    if (place == FILE_PLACE_REMOTE)
        return keep_remote(session, settings->bucket, file, key, content_type, error);
    g_autofree char *path = g_build_filename(settings->directory, key, NULL);
    return incoming_file_publish(file, path, error);
}

static gboolean find_local(const char *directory, const char *key, gboolean *found, guint64 *size,
                           GError **error)
{
    struct stat there;
    g_autofree char *path = g_build_filename(directory, key, NULL);
    *found = stat(path, &there) == 0;
    if (!*found && errno != ENOENT && errno != ENOTDIR) {
        g_set_error(error, FILE_ERROR, FILE_ERROR_STORAGE, "%s: %s", path, g_strerror(errno));
        return FALSE;
    }
    *found = *found && S_ISREG(there.st_mode);
    *size = *found ? (guint64)there.st_size : 0;
    return TRUE;
}

gboolean file_store_find(Session *session, FileStoreKind kind, FilePlace place, const char *key,
                         gboolean *found, guint64 *size, GError **error)
{
    const FileStoreSettings *settings = settings_of(session, kind);
    if (!check_key(key, error))
        return FALSE;
    if (place == FILE_PLACE_REMOTE)
        return check_bucket(settings, kind, error) &&
               object_storage_find(session, settings->bucket, key, found, size, error);
    return check_directory(settings, kind, error) && find_local(settings->directory, key, found, size, error);
}
