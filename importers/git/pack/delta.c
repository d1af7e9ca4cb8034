#include "importers/git/pack/delta.h"

#include <string.h>

#define BUFFER       ((gsize)64 * 1024)
#define COPY_DEFAULT 0x10000u /* bytes, where the size of a copy is given as 0 */

/* The delta's instructions, and what they become. */
typedef struct Delta {
    PackStream *stream;
    guint64 unread; /* of the stream */
    guint8 *buffer; /* BUFFER bytes of instructions */
    gsize position, filled;
    guint8 *piece; /* BUFFER bytes on their way from base to result */
    const PackContent *base;
    PackContent *result;
} Delta;

static void delta_clear(Delta *delta)
{
    g_free(delta->buffer);
    g_free(delta->piece);
    g_clear_pointer(&delta->result, pack_content_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Delta, delta_clear)

static gboolean at_end(const Delta *delta)
{
    return delta->position == delta->filled && delta->unread == 0;
}

static gboolean fill(Delta *delta, GError **error)
{
    if (delta->position < delta->filled)
        return TRUE;
    if (delta->unread == 0)
        return pack_fail(error, "a delta ends too early");
    delta->filled = (gsize)MIN(delta->unread, BUFFER);
    delta->position = 0;
    delta->unread -= delta->filled;
    return pack_stream_read(delta->stream, delta->buffer, delta->filled, error);
}

static gboolean next_byte(Delta *delta, guint8 *byte, GError **error)
{
    if (!fill(delta, error))
        return FALSE;
    *byte = delta->buffer[delta->position++];
    return TRUE;
}

static gboolean next_size(Delta *delta, guint64 *size, GError **error)
{
    guint8 byte = 0x80;
    *size = 0;
    for (guint shift = 0; byte & 0x80; shift += 7) {
        if (shift > 56)
            return pack_fail(error, "the size of an object is too large");
        if (!next_byte(delta, &byte, error))
            return FALSE;
        *size |= (guint64)(byte & 0x7fu) << shift;
    }
    return TRUE;
}

static gboolean fits(const Delta *delta, guint64 length, GError **error)
{
    return length <= delta->result->size - delta->result->written ||
           pack_fail(error, "a delta makes more than it says");
}

static gboolean insert(Delta *delta, gsize length, GError **error)
{
    if (!fits(delta, length, error))
        return FALSE;
    while (length > 0) {
        if (!fill(delta, error))
            return FALSE;
        gsize step = MIN(length, delta->filled - delta->position);
        if (!pack_content_append(delta->result, delta->buffer + delta->position, step, error))
            return FALSE;
        delta->position += step;
        length -= step;
    }
    return TRUE;
}

static gboolean copy_pieces(Delta *delta, guint64 offset, guint64 length, GError **error)
{
    while (length > 0) {
        gsize step = (gsize)MIN(length, BUFFER);
        if (!pack_content_read(delta->base, offset, delta->piece, step, error) ||
            !pack_content_append(delta->result, delta->piece, step, error))
            return FALSE;
        offset += step;
        length -= step;
    }
    return TRUE;
}

/* A number whose bytes other than 0 are there, as the bits of `present` say. */
static gboolean next_number(Delta *delta, guint present, guint bytes, guint64 *number, GError **error)
{
    *number = 0;
    for (guint i = 0; i < bytes; i++) {
        guint8 byte;
        if (!(present & (1u << i)))
            continue;
        if (!next_byte(delta, &byte, error))
            return FALSE;
        *number |= (guint64)byte << (8 * i);
    }
    return TRUE;
}

static gboolean copy(Delta *delta, guint8 instruction, GError **error)
{
    guint64 offset, length;
    if (!next_number(delta, instruction, 4, &offset, error) ||
        !next_number(delta, instruction >> 4 & 7u, 3, &length, error))
        return FALSE;
    length = length ? length : COPY_DEFAULT;
    if (offset > delta->base->size || length > delta->base->size - offset)
        return pack_fail(error, "a delta copies from outside of its base");
    return fits(delta, length, error) && copy_pieces(delta, offset, length, error);
}

static gboolean follow(Delta *delta, GError **error)
{
    while (!at_end(delta)) {
        guint8 instruction;
        if (!next_byte(delta, &instruction, error))
            return FALSE;
        if (instruction == 0)
            return pack_fail(error, "a delta has an unknown instruction");
        if (instruction & 0x80 ? !copy(delta, instruction, error) : !insert(delta, instruction, error))
            return FALSE;
    }
    return delta->result->written == delta->result->size ||
           pack_fail(error, "a delta makes less than it says");
}

static gboolean read_sizes(Delta *delta, guint64 *size, GError **error)
{
    guint64 base_size;
    if (!next_size(delta, &base_size, error) || !next_size(delta, size, error))
        return FALSE;
    return base_size == delta->base->size || pack_fail(error, "a delta has a base of another size");
}

PackContent *pack_delta_apply(PackStream *stream, guint64 length, const PackContent *base, gboolean in_file,
                              const char *directory, GError **error)
{
    g_auto(Delta) delta = {.stream = stream, .unread = length, .base = base};
    guint64 size;
    delta.buffer = g_malloc(BUFFER);
    delta.piece = g_malloc(BUFFER);
    if (!read_sizes(&delta, &size, error))
        return NULL;
    delta.result = pack_content_new(base->type, size, in_file, directory, error);
    return delta.result && follow(&delta, error) ? g_steal_pointer(&delta.result) : NULL;
}
