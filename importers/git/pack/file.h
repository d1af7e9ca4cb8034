/*
 * A file that is written from beginning to end while a pack arrives: under a temporary name until it is kept,
 * removed otherwise. The name is one of those that git_remove_leftovers() finds after a kill.
 *
 * Reading goes through pread(), not through mapped memory, so that a large file costs no memory.
 */
#pragma once

#include <glib.h>

#define PACK_SUM_LENGTH 20 /* bytes of SHA-1 at the end of packs and of their indexes */

typedef struct PackFile {
    char *path;
    int fd;
    guint64 size;
    gboolean kept;
} PackFile;

/* An empty one in `directory`. (transfer full) */
PackFile *pack_file_new(const char *directory, GError **error);
void pack_file_free(PackFile *file);

gboolean pack_file_append(PackFile *file, gconstpointer bytes, gsize length, GError **error);
/* In place of what is there. */
gboolean pack_file_overwrite(PackFile *file, guint64 offset, gconstpointer bytes, gsize length,
                             GError **error);
gboolean pack_file_truncate(PackFile *file, guint64 size, GError **error);
/* Up to `length` bytes; *count is less at the end of the file only. */
gboolean pack_file_read(const PackFile *file, guint64 offset, gpointer buffer, gsize length, gsize *count,
                        GError **error);
/* Of the first `length` bytes. */
gboolean pack_file_sum(const PackFile *file, guint64 length, guint8 sum[PACK_SUM_LENGTH], GError **error);
/* Appends the sum of all that is there. */
gboolean pack_file_append_sum(PackFile *file, GError **error);
/* On disk for good, under its own name and readable as git's packs are. */
gboolean pack_file_keep(PackFile *file, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PackFile, pack_file_free)
