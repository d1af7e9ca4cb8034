#include "importers/git/file_text.h"

#include "importers/git/commit_object.h"
#include "importers/git/encoding.h"
#include "importers/git/error.h"
#include "importers/git/object_id.h"

#define READ_MAXIMUM (10 * 1024 * 1024) /* Gitlab::Git::Blob::MAX_DATA_DISPLAY_SIZE, bytes */

static int find_entry(git_repository *repository, const char *commit_id, const char *path,
                      git_tree_entry **entry)
{
    g_autoptr(git_tree) tree = NULL;
    git_oid id, tree_id;
    if (!object_id_parse(commit_id, &id) || !git_commit_object_tree(repository, &id, &tree_id, NULL))
        return GIT_ENOTFOUND;
    int result = git_tree_lookup(&tree, repository, &tree_id);
    if (result == 0)
        result = git_tree_entry_bypath(entry, tree, path);
    return result == 0 && git_tree_entry_type(*entry) != GIT_OBJECT_BLOB ? GIT_ENOTFOUND : result;
}

static int find_blob(git_repository *repository, const char *commit_id, const char *path, git_blob **blob)
{
    g_autoptr(git_tree_entry) entry = NULL;
    g_autoptr(git_odb) odb = NULL;
    git_object_t type;
    size_t size;
    int result = find_entry(repository, commit_id, path, &entry);
    if (result == 0)
        result = git_repository_odb(&odb, repository);
    if (result == 0)
        result = git_odb_read_header(&size, &type, odb, git_tree_entry_id(entry));
    if (result == 0 && size > READ_MAXIMUM)
        return GIT_ENOTFOUND;
    return result < 0 ? result : git_blob_lookup(blob, repository, git_tree_entry_id(entry));
}

gboolean git_file_text(git_repository *repository, const char *commit_id, const char *path, char **text,
                       GError **error)
{
    g_autoptr(git_blob) blob = NULL;
    *text = NULL;
    int result = find_blob(repository, commit_id, path, &blob);
    if (result < 0)
        return result == GIT_ENOTFOUND || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "reading a file", error);
    *text = encoding_text(git_blob_rawcontent(blob), (gsize)git_blob_rawsize(blob));
    return TRUE;
}
