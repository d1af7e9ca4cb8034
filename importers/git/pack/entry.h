/*
 * What the index of a pack says of its objects.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/pack/file.h"

/* One object of the pack; packs have millions. Other entries are named by their number plus one, 0: none. */
typedef struct PackEntry {
    guint64 offset;
    git_oid id;
    guint32 crc;                       /* CRC-32 of the entry's bytes */
    guint32 first_delta, next_sibling; /* those that are deltas of this one; the next one of the same base */
    gboolean known;                    /* whether the id is */
} PackEntry;

/* Writes `entries` (array of PackEntry, all known) as a version 2 index of the pack with that checksum, as
 * `git index-pack` does. The order of `entries` is kept. */
gboolean pack_entries_write(const GArray *entries, const guint8 pack_sum[PACK_SUM_LENGTH], PackFile *file,
                            GError **error);
