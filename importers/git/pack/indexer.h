/*
 * Finds out which objects a pack holds, as `git index-pack --fix-thin` does, in memory that does not grow
 * with the objects: libgit2's own indexer keeps a delta, its base and what becomes of them in memory, three
 * times the size of a large file. Here contents are in files where they are large
 * (importers/git/pack/content.h).
 *
 * Memory: about 50 bytes for each object of the pack, and 64 MB.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/pack/entry.h"

typedef struct PackProgress {
    /* FALSE: stop. Called for every object, and again for every one that is a delta. */
    gboolean (*object)(gpointer data, GError **error);
    gpointer data;
} PackProgress;

/* The number of objects that the header of the pack speaks of. */
gboolean pack_count(const PackFile *pack, guint32 *count, GError **error);

/* The entries of the pack, checked by its checksum. Bases that a thin pack lacks are taken from `odb` and
 * appended. Temporary files are made in `directory`. (transfer full; array of PackEntry) */
GArray *pack_index(PackFile *pack, git_odb *odb, const char *directory, const PackProgress *progress,
                   GError **error);
