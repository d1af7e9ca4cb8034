#include "importers/git/pack/stream.h"

#include "importers/git/repository.h"

#include <string.h>
#include <zlib.h>

#define BUFFER ((gsize)64 * 1024)

struct PackStream {
    const PackFile *file;
    guint64 offset; /* in the file, behind what is in `input` */
    z_stream zlib;
    guint32 crc;
    gboolean ended;
    guint8 input[BUFFER];
};

gboolean pack_fail(GError **error, const char *reason)
{
    g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH, "The pack is not valid: %s", reason);
    return FALSE;
}

PackStream *pack_stream_new(const PackFile *file)
{
    PackStream *stream = g_new(PackStream, 1);
    stream->file = file;
    stream->offset = 0;
    stream->zlib = (z_stream){0};
    if (inflateInit(&stream->zlib) != Z_OK)
        g_error("zlib does not start");
    return stream;
}

void pack_stream_free(PackStream *stream)
{
    inflateEnd(&stream->zlib);
    g_free(stream);
}

/* Makes sure that there is input. */
static gboolean fill(PackStream *stream, GError **error)
{
    if (stream->zlib.avail_in > 0)
        return TRUE;
    gsize count;
    if (!pack_file_read(stream->file, stream->offset, stream->input, BUFFER, &count, error))
        return FALSE;
    if (count == 0)
        return pack_fail(error, "it ends too early");
    stream->offset += count;
    stream->zlib.next_in = stream->input;
    stream->zlib.avail_in = (guint)count;
    return TRUE;
}

/* --- an entry's header --- */

static gboolean read_byte(PackStream *stream, guint8 *byte, GError **error)
{
    if (!fill(stream, error))
        return FALSE;
    *byte = *stream->zlib.next_in++;
    stream->zlib.avail_in--;
    stream->crc = (guint32)crc32(stream->crc, byte, 1);
    return TRUE;
}

static gboolean read_type_and_size(PackStream *stream, PackHeader *header, GError **error)
{
    guint8 byte;
    if (!read_byte(stream, &byte, error))
        return FALSE;
    header->type = (byte >> 4) & 7u;
    header->size = byte & 15u;
    for (guint shift = 4; byte & 0x80; shift += 7) {
        if (shift > 56)
            return pack_fail(error, "the size of an object is too large");
        if (!read_byte(stream, &byte, error))
            return FALSE;
        header->size |= (guint64)(byte & 0x7fu) << shift;
    }
    return TRUE;
}

/* How far in front of the entry the base lies. */
static gboolean read_distance(PackStream *stream, guint64 *distance, GError **error)
{
    guint8 byte;
    if (!read_byte(stream, &byte, error))
        return FALSE;
    *distance = byte & 0x7fu;
    while (byte & 0x80) {
        if (*distance >> 55)
            return pack_fail(error, "the base of a delta is too far away");
        if (!read_byte(stream, &byte, error))
            return FALSE;
        *distance = ((*distance + 1) << 7) | (byte & 0x7fu);
    }
    return TRUE;
}

static gboolean read_base_id(PackStream *stream, git_oid *id, GError **error)
{
    guint8 bytes[GIT_OID_RAWSZ];
    for (gsize i = 0; i < sizeof bytes; i++)
        if (!read_byte(stream, &bytes[i], error))
            return FALSE;
    memcpy(id->id, bytes, sizeof bytes);
    return TRUE;
}

static gboolean read_base(PackStream *stream, guint64 offset, PackHeader *header, GError **error)
{
    guint64 distance;
    if (header->type == PACK_ID_DELTA)
        return read_base_id(stream, &header->base_id, error);
    if (header->type != PACK_OFFSET_DELTA)
        return (header->type >= GIT_OBJECT_COMMIT && header->type <= GIT_OBJECT_TAG) ||
               pack_fail(error, "an object has an unknown type");
    if (!read_distance(stream, &distance, error))
        return FALSE;
    if (distance == 0 || distance > offset)
        return pack_fail(error, "the base of a delta lies outside");
    header->base_offset = offset - distance;
    return TRUE;
}

/* A position in what was read already is kept. */
static void seek(PackStream *stream, guint64 offset)
{
    if (stream->offset - stream->zlib.avail_in == offset)
        return;
    stream->offset = offset;
    stream->zlib.avail_in = 0;
}

gboolean pack_stream_start(PackStream *stream, guint64 offset, PackHeader *header, GError **error)
{
    *header = (PackHeader){0};
    seek(stream, offset);
    stream->crc = 0;
    stream->ended = FALSE;
    inflateReset(&stream->zlib);
    return read_type_and_size(stream, header, error) && read_base(stream, offset, header, error);
}

/* --- its content --- */

/* Inflates into what zlib was given. */
static gboolean inflate_some(PackStream *stream, GError **error)
{
    if (!fill(stream, error))
        return FALSE;
    const guint8 *before = stream->zlib.next_in;
    int result = inflate(&stream->zlib, Z_NO_FLUSH);
    stream->crc = (guint32)crc32(stream->crc, before, (guint)(stream->zlib.next_in - before));
    stream->ended = result == Z_STREAM_END;
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ||
           pack_fail(error, "an object cannot be inflated");
}

gboolean pack_stream_read(PackStream *stream, gpointer buffer, gsize length, GError **error)
{
    guint8 *position = buffer;
    while (length > 0) {
        guint step = (guint)MIN(length, G_MAXUINT);
        stream->zlib.next_out = position;
        stream->zlib.avail_out = step;
        while (stream->zlib.avail_out > 0) {
            if (stream->ended)
                return pack_fail(error, "an object is shorter than its size");
            if (!inflate_some(stream, error))
                return FALSE;
        }
        position += step;
        length -= step;
    }
    return TRUE;
}

gboolean pack_stream_finish(PackStream *stream, guint64 *end, guint32 *crc, GError **error)
{
    guint8 excess;
    while (!stream->ended) {
        stream->zlib.next_out = &excess;
        stream->zlib.avail_out = 1;
        if (!inflate_some(stream, error))
            return FALSE;
        if (stream->zlib.avail_out == 0)
            return pack_fail(error, "an object is longer than its size");
    }
    *end = stream->offset - stream->zlib.avail_in;
    *crc = stream->crc;
    return TRUE;
}
