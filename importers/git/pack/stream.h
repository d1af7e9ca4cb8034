/*
 * The objects of a pack file one after the other, or any one of them again: what its entry says and what it
 * holds, inflated piece by piece (gitformat-pack(5)). Memory: two buffers, whatever the size of the object.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/pack/file.h"

#define PACK_OFFSET_DELTA 6 /* the types that are none of git_object_t's */
#define PACK_ID_DELTA     7

typedef struct PackHeader {
    guint type;          /* git_object_t, or one of the two above */
    guint64 size;        /* inflated */
    guint64 base_offset; /* of a PACK_OFFSET_DELTA */
    git_oid base_id;     /* of a PACK_ID_DELTA */
} PackHeader;

typedef struct PackStream PackStream;

/* `file` is borrowed. (transfer full) */
PackStream *pack_stream_new(const PackFile *file);
void pack_stream_free(PackStream *stream);

/* Begins with the entry at `offset`. */
gboolean pack_stream_start(PackStream *stream, guint64 offset, PackHeader *header, GError **error);
/* The next bytes of the object, all of them that were asked for. */
gboolean pack_stream_read(PackStream *stream, gpointer buffer, gsize length, GError **error);
/* After the last byte was read: checks that there is no more of it. `end`: the offset behind the entry,
 * `crc`: the CRC-32 of its bytes in the pack. */
gboolean pack_stream_finish(PackStream *stream, guint64 *end, guint32 *crc, GError **error);

/* Always returns FALSE. */
gboolean pack_fail(GError **error, const char *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PackStream, pack_stream_free)
