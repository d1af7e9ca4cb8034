#include "importers/git/pack/content.h"

#include "importers/git/error.h"

#include <string.h>

PackContent *pack_content_new(git_object_t type, guint64 size, gboolean in_file, const char *directory,
                              GError **error)
{
    g_autoptr(PackContent) content = g_new(PackContent, 1);
    *content = (PackContent){.type = type, .size = size};
    if (in_file || size > PACK_CONTENT_MEMORY_MAX)
        content->file = pack_file_new(directory, error);
    else
        content->bytes = g_malloc(size + 1);
    return content->file || content->bytes ? g_steal_pointer(&content) : NULL;
}

void pack_content_free(PackContent *content)
{
    g_clear_pointer(&content->file, pack_file_free);
    g_free(content->bytes);
    g_free(content);
}

gboolean pack_content_append(PackContent *content, gconstpointer bytes, gsize length, GError **error)
{
    if (content->file && !pack_file_append(content->file, bytes, length, error))
        return FALSE;
    if (content->bytes)
        memcpy(content->bytes + content->written, bytes, length);
    content->written += length;
    return TRUE;
}

gboolean pack_content_read(const PackContent *content, guint64 offset, gpointer buffer, gsize length,
                           GError **error)
{
    gsize count;
    if (content->file)
        return pack_file_read(content->file, offset, buffer, length, &count, error);
    memcpy(buffer, content->bytes + offset, length);
    return TRUE;
}

gboolean pack_content_id(const PackContent *content, git_oid *id, GError **error)
{
    int result = content->file ? git_odb_hashfile(id, content->file->path, content->type)
                               : git_odb_hash(id, content->bytes, content->size, content->type);
    return result == 0 || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "finding the id of an object", error);
}
