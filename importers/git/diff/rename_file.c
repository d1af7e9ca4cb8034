#include "importers/git/diff/rename_file.h"

#include "importers/git/diff/patch.h"
#include "importers/git/error.h"

#include <string.h>

#define FOOTPRINT_MAX ((gsize)64 * 1024 * 1024)            /* bytes of measures that are kept */
#define TYPE_OF_FILE  0170000u                             /* S_IFMT */
#define REGULAR_FILE  0100000u                             /* S_IFREG */
#define LARGE         ((git_object_size_t)4 * 1024 * 1024) /* bytes of a blob, of which one at a time is read */

static GMutex large_blobs;

gboolean rename_contents_open(RenameContents *contents, git_repository *repository, GError **error)
{
    *contents = (RenameContents){0};
    return git_repository_odb(&contents->odb, repository) == 0 ||
           git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
}

void rename_contents_clear(RenameContents *contents)
{
    g_clear_pointer(&contents->odb, git_odb_free);
}

RenameFile *rename_file_new(GitDiffEntry *entry, const char *path, const git_oid *id, guint mode)
{
    RenameFile *file = g_new0(RenameFile, 1);
    *file = (RenameFile){.entry = entry, .path = path, .id = id, .mode = mode};
    return file;
}

void rename_file_free(RenameFile *file)
{
    g_clear_pointer(&file->pieces, git_pieces_free);
    g_free(file);
}

const char *rename_file_name(const RenameFile *file)
{
    const char *slash = strrchr(file->path, '/');
    return slash ? slash + 1 : file->path;
}

gboolean rename_file_is_regular(const RenameFile *file)
{
    return (file->mode & TYPE_OF_FILE) == REGULAR_FILE;
}

gboolean rename_file_read_size(const RenameContents *contents, RenameFile *file, GError **error)
{
    if (file->has_size)
        return TRUE;
    size_t size;
    git_object_t type;
    if (git_odb_read_header(&size, &type, contents->odb, file->id) != 0)
        return git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading the size of a file", error);
    file->size = size;
    file->has_size = TRUE;
    return TRUE;
}

static gboolean read_pieces(RenameContents *contents, RenameFile *file, GError **error)
{
    if (file->pieces)
        return TRUE;
    g_autoptr(GMutexLocker) turn = file->size > LARGE ? g_mutex_locker_new(&large_blobs) : NULL;
    g_autoptr(git_odb_object) object = NULL;
    if (git_odb_read(&object, contents->odb, file->id) != 0)
        return git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading a file", error);
    file->pieces = git_pieces_new(git_odb_object_data(object), git_odb_object_size(object));
    contents->footprint += git_pieces_footprint(file->pieces);
    return TRUE;
}

void rename_file_drop(RenameContents *contents, RenameFile *file)
{
    if (file->pieces)
        contents->footprint -= git_pieces_footprint(file->pieces);
    g_clear_pointer(&file->pieces, git_pieces_free);
}

gboolean rename_file_similarity(RenameContents *contents, RenameFile *source, RenameFile *destination,
                                guint minimum, guint *similarity, GError **error)
{
    *similarity = 0;
    if (!rename_file_is_regular(source) || !rename_file_is_regular(destination))
        return TRUE;
    if (!rename_file_read_size(contents, source, error) ||
        !rename_file_read_size(contents, destination, error))
        return FALSE;
    if (MAX(source->size, destination->size) > GIT_PATCH_BLOB_MAX ||
        !git_sizes_similar(source->size, destination->size, minimum))
        return TRUE;
    if (!read_pieces(contents, source, error) || !read_pieces(contents, destination, error))
        return FALSE;
    *similarity = git_pieces_similarity(source->pieces, destination->pieces);
    if (contents->footprint > FOOTPRINT_MAX)
        rename_file_drop(contents, source);
    return TRUE;
}
