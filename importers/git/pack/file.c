#include "importers/git/pack/file.h"

#include "importers/git/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER ((gsize)256 * 1024)

static gboolean fail(GError **error, const char *path, int code)
{
    g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE, "%s: %s", path, g_strerror(code));
    return FALSE;
}

PackFile *pack_file_new(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, "pack_git2_XXXXXX", NULL);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        fail(error, path, errno);
        return NULL;
    }
    PackFile *file = g_new(PackFile, 1);
    *file = (PackFile){.path = g_steal_pointer(&path), .fd = fd};
    return file;
}

void pack_file_free(PackFile *file)
{
    close(file->fd);
    if (!file->kept)
        g_unlink(file->path);
    g_free(file->path);
    g_free(file);
}

gboolean pack_file_overwrite(PackFile *file, guint64 offset, gconstpointer bytes, gsize length,
                             GError **error)
{
    for (const guint8 *position = bytes; length > 0;) {
        ssize_t count = pwrite(file->fd, position, length, (off_t)offset);
        if (count < 0 && errno != EINTR)
            return fail(error, file->path, errno);
        gsize step = count > 0 ? (gsize)count : 0;
        position += step;
        length -= step;
        offset += step;
    }
    return TRUE;
}

gboolean pack_file_append(PackFile *file, gconstpointer bytes, gsize length, GError **error)
{
    if (!pack_file_overwrite(file, file->size, bytes, length, error))
        return FALSE;
    file->size += length;
    return TRUE;
}

gboolean pack_file_truncate(PackFile *file, guint64 size, GError **error)
{
    file->size = size;
    return ftruncate(file->fd, (off_t)size) == 0 || fail(error, file->path, errno);
}

gboolean pack_file_read(const PackFile *file, guint64 offset, gpointer buffer, gsize length, gsize *count,
                        GError **error)
{
    ssize_t step = 1;
    for (*count = 0; *count < length && step != 0; *count += (gsize)MAX(step, 0)) {
        step = pread(file->fd, (guint8 *)buffer + *count, length - *count, (off_t)(offset + *count));
        if (step < 0 && errno != EINTR)
            return fail(error, file->path, errno);
    }
    return TRUE;
}

gboolean pack_file_sum(const PackFile *file, guint64 length, guint8 sum[PACK_SUM_LENGTH], GError **error)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA1);
    g_autofree guint8 *buffer = g_malloc(BUFFER);
    gsize count, sum_length = PACK_SUM_LENGTH;
    for (guint64 offset = 0; offset < length; offset += count) {
        if (!pack_file_read(file, offset, buffer, (gsize)MIN(BUFFER, length - offset), &count, error))
            return FALSE;
        if (count == 0)
            return fail(error, file->path, EIO);
        g_checksum_update(checksum, buffer, (gssize)count);
    }
    g_checksum_get_digest(checksum, sum, &sum_length);
    return TRUE;
}

gboolean pack_file_append_sum(PackFile *file, GError **error)
{
    guint8 sum[PACK_SUM_LENGTH];
    return pack_file_sum(file, file->size, sum, error) && pack_file_append(file, sum, sizeof sum, error);
}

gboolean pack_file_keep(PackFile *file, const char *path, GError **error)
{
    if (fchmod(file->fd, 0444) != 0 || fsync(file->fd) != 0 || g_rename(file->path, path) != 0)
        return fail(error, path, errno);
    file->kept = TRUE;
    return TRUE;
}
