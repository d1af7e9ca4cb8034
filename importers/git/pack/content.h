/*
 * What one object holds while a pack is indexed: in memory, or in a temporary file where it is too large for
 * that, so that objects of any size cost the same memory.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/pack/file.h"

/* Larger ones are always in a file. */
#define PACK_CONTENT_MEMORY_MAX ((guint64)8 * 1024 * 1024)

typedef struct PackContent {
    git_object_t type;
    guint64 size, written;
    guint8 *bytes;  /* NULL: in the file */
    PackFile *file; /* NULL: in memory */
} PackContent;

/* An empty one that becomes `size` long. The file, if `in_file` or the size ask for one, is made in
 * `directory`. (transfer full) */
PackContent *pack_content_new(git_object_t type, guint64 size, gboolean in_file, const char *directory,
                              GError **error);
void pack_content_free(PackContent *content);

/* Appends; the sum must not exceed the size. */
gboolean pack_content_append(PackContent *content, gconstpointer bytes, gsize length, GError **error);
/* Reads all of the bytes asked for; they must be there. */
gboolean pack_content_read(const PackContent *content, guint64 offset, gpointer buffer, gsize length,
                           GError **error);
/* The object's id. */
gboolean pack_content_id(const PackContent *content, git_oid *id, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PackContent, pack_content_free)
