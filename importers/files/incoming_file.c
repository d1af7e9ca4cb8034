#include "importers/files/incoming_file.h"

#include "importers/files/directory.h"
#include "importers/gitlab/autoptr_openssl.h"
#include "protocol/error_class.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_PREFIX ".hubferry-"
#define TEMPORARY_NAME   TEMPORARY_PREFIX "XXXXXX"
#define LEFTOVER_AGE     86400 /* seconds; no file is received for so long without a byte */

struct IncomingFile {
    char *directory;
    char *temporary; /* the name that the file has until it is published; NULL: it has none */
    int descriptor;
    guint64 size, max_size;
    EVP_MD_CTX *sha256; /* OpenSSL's takes less than half of the time of GLib's */
};

static const char *file_error_class(int code)
{
    switch ((FileError)code) {
    case FILE_ERROR_REMOTE:
        return "Fog::Errors::Error";
    case FILE_ERROR_KEY:
        return "Gitlab::PathTraversal::PathTraversalAttackError";
    case FILE_ERROR_TOO_LARGE:
        return "Gitlab::GithubImport::AttachmentsDownloader::DownloadError";
    case FILE_ERROR_STORAGE:
        break;
    }
    return "SystemCallError";
}

DEFINE_ERROR_DOMAIN(file_error, file_error_class)

static gboolean fail(GError **error, const char *path, int problem)
{
    g_set_error(error, FILE_ERROR, FILE_ERROR_STORAGE, "%s: %s", path, g_strerror(problem));
    return FALSE;
}

/* What open() says of O_TMPFILE where the file system, or the kernel, has no files without a name. */
static gboolean needs_a_name(int problem)
{
    return problem == EOPNOTSUPP || problem == EISDIR;
}

static gboolean is_leftover(const char *path)
{
    struct stat there;
    return stat(path, &there) == 0 && S_ISREG(there.st_mode) && there.st_mtime < time(NULL) - LEFTOVER_AGE;
}

/* Of processes that were killed. What cannot be removed does no harm but take room. */
static void remove_leftovers(const char *directory)
{
    g_autoptr(GDir) names = g_dir_open(directory, 0, NULL);
    for (const char *name = names ? g_dir_read_name(names) : NULL; name; name = g_dir_read_name(names)) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        if (g_str_has_prefix(name, TEMPORARY_PREFIX) && is_leftover(path))
            g_unlink(path);
    }
}

static gboolean open_file(IncomingFile *file, GError **error)
{
    file->descriptor = open(file->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file->descriptor >= 0)
        return TRUE;
    if (!needs_a_name(errno))
        return fail(error, file->directory, errno);
    remove_leftovers(file->directory);
    g_autofree char *temporary = g_build_filename(file->directory, TEMPORARY_NAME, NULL);
    file->descriptor = mkostemp(temporary, O_CLOEXEC);
    if (file->descriptor < 0)
        return fail(error, file->directory, errno);
    file->temporary = g_steal_pointer(&temporary);
    return TRUE;
}

static void begin_digest(IncomingFile *file)
{
    if (!EVP_DigestInit_ex(file->sha256, EVP_sha256(), NULL))
        g_error("OpenSSL has no SHA-256");
}

IncomingFile *incoming_file_new(const char *directory, guint64 max_size, GError **error)
{
    g_autoptr(IncomingFile) file = g_new0(IncomingFile, 1);
    file->directory = g_strdup(directory);
    file->descriptor = -1;
    file->max_size = max_size;
    file->sha256 = EVP_MD_CTX_new();
    begin_digest(file);
    return open_file(file, error) ? g_steal_pointer(&file) : NULL;
}

void incoming_file_free(IncomingFile *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    if (file->temporary)
        g_unlink(file->temporary);
    g_free(file->temporary);
    g_free(file->directory);
    EVP_MD_CTX_free(file->sha256);
    g_free(file);
}

static gboolean append(IncomingFile *file, const char *bytes, gsize length, GError **error)
{
    while (length > 0) {
        ssize_t written = pwrite(file->descriptor, bytes, length, (off_t)file->size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(error, file->directory, errno);
        EVP_DigestUpdate(file->sha256, bytes, (size_t)written);
        file->size += (guint64)written;
        bytes += written;
        length -= (gsize)written;
    }
    return TRUE;
}

gboolean incoming_file_announce(gpointer data, guint64 length, GError **error)
{
    const IncomingFile *file = data;
    if (length <= file->max_size - file->size)
        return TRUE;
    g_set_error(error, FILE_ERROR, FILE_ERROR_TOO_LARGE,
                "The file is larger than %" G_GUINT64_FORMAT " bytes", file->max_size);
    return FALSE;
}

gboolean incoming_file_write(gpointer data, const char *bytes, gsize length, GError **error)
{
    return incoming_file_announce(data, length, error) && append(data, bytes, length, error);
}

gboolean incoming_file_restart(IncomingFile *file, GError **error)
{
    if (ftruncate(file->descriptor, 0) != 0)
        return fail(error, file->directory, errno);
    file->size = 0;
    begin_digest(file);
    return TRUE;
}

guint64 incoming_file_size(const IncomingFile *file)
{
    return file->size;
}

char *incoming_file_sha256(const IncomingFile *file)
{
    guchar digest[EVP_MAX_MD_SIZE];
    guint length;
    g_autoptr(EVP_MD_CTX) so_far = EVP_MD_CTX_new();
    if (!EVP_MD_CTX_copy_ex(so_far, file->sha256) || !EVP_DigestFinal_ex(so_far, digest, &length))
        g_error("OpenSSL: out of memory");
    GString *hex = g_string_sized_new(2 * length);
    for (guint i = 0; i < length; i++)
        g_string_append_printf(hex, "%02x", digest[i]);
    return g_string_free(hex, FALSE);
}

int incoming_file_descriptor(const IncomingFile *file)
{
    return file->descriptor;
}

static gboolean is_there(const IncomingFile *file, const char *path)
{
    struct stat there;
    return stat(path, &there) == 0 && S_ISREG(there.st_mode) && (guint64)there.st_size == file->size;
}

/* FALSE: errno says why; EEXIST when something has this name already. */
static gboolean link_file(const IncomingFile *file, const char *path)
{
    g_autofree char *open_file = g_strdup_printf("/proc/self/fd/%d", file->descriptor);
    return linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* rename() replaces what is there, and needs a name for it. */
static gboolean link_temporary(IncomingFile *file, const char *directory, GError **error)
{
    g_autofree char *random = g_uuid_string_random();
    g_autofree char *temporary = g_strdup_printf("%s/" TEMPORARY_PREFIX "%s", directory, random);
    if (!link_file(file, temporary))
        return fail(error, temporary, errno);
    file->temporary = g_steal_pointer(&temporary);
    return TRUE;
}

static gboolean give_name(IncomingFile *file, const char *directory, const char *path, GError **error)
{
    if (!file->temporary) {
        if (link_file(file, path))
            return TRUE;
        if (errno != EEXIST)
            return fail(error, path, errno);
        if (!link_temporary(file, directory, error))
            return FALSE;
    }
    if (rename(file->temporary, path) != 0)
        return fail(error, path, errno);
    g_clear_pointer(&file->temporary, g_free);
    return TRUE;
}

static gboolean sync_directory(const char *directory, GError **error)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(error, directory, errno);
    gboolean synced = fsync(descriptor) == 0 || fail(error, directory, errno);
    close(descriptor);
    return synced;
}

/* A file of another size cannot have come from here: only whole files are given a name. */
gboolean incoming_file_publish(IncomingFile *file, const char *path, GError **error)
{
    struct stat folder;
    g_autofree char *directory = g_path_get_dirname(path);
    if (stat(file->directory, &folder) != 0)
        return fail(error, file->directory, errno);
    if (!directory_create(directory, file->directory))
        return fail(error, directory, errno);
    if (!directory_share_file(file->descriptor, &folder) || fsync(file->descriptor) != 0)
        return fail(error, path, errno);
    return (is_there(file, path) || give_name(file, directory, path, error)) &&
           sync_directory(directory, error);
}
