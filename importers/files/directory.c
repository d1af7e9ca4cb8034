#include "importers/files/directory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY_BITS 07777
#define FILE_BITS      0666

static gboolean is_directory(const char *path)
{
    struct stat there;
    if (stat(path, &there) != 0)
        return FALSE;
    errno = ENOTDIR;
    return S_ISDIR(there.st_mode);
}

/* Not the access of the directory it is in: another process may have made that one this very moment, and not
 * have given it its access yet. */
static gboolean create_one(const char *path, const struct stat *folder)
{
    mode_t mode = folder->st_mode & DIRECTORY_BITS;
    if (mkdir(path, mode) != 0)
        return errno == EEXIST && is_directory(path);
    if (geteuid() == 0 && chown(path, folder->st_uid, folder->st_gid) != 0)
        return FALSE;
    return chmod(path, mode) == 0;
}

static gboolean create_below(const char *path, const char *folder, const struct stat *access)
{
    if (is_directory(path))
        return TRUE;
    if (strlen(path) <= strlen(folder))
        return FALSE;
    g_autofree char *parent = g_path_get_dirname(path);
    return create_below(parent, folder, access) && create_one(path, access);
}

gboolean directory_create(const char *path, const char *folder)
{
    struct stat access;
    return stat(folder, &access) == 0 && create_below(path, folder, &access);
}

gboolean directory_share_file(int descriptor, const struct stat *folder)
{
    if (geteuid() == 0 && fchown(descriptor, folder->st_uid, folder->st_gid) != 0)
        return FALSE;
    return fchmod(descriptor, folder->st_mode & FILE_BITS) == 0;
}
