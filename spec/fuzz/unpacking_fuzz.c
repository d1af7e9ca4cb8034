/*
 * Any bytes as the body of an answer packed with gzip: what they unpack to does not depend on the pieces in
 * which they arrive, the sink is never given more at a time than it was promised, and what zlib packs comes
 * out again. Run by script/fuzz.
 */
#include "importers/http/unpacking.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define LIMIT (256 * 1024) /* bytes the sink takes */
#define PIECE (16 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean take(gpointer data, const char *bytes, gsize length, GError **error)
{
    GByteArray *body = data;
    if (length == 0 || length > PIECE)
        g_error("%zu bytes at a time", length);
    if (body->len + length > LIMIT) {
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_BODY, "too long");
        return FALSE;
    }
    g_byte_array_append(body, (const guint8 *)bytes, (guint)length);
    return TRUE;
}

/* NULL: something is wrong with it. (transfer full) */
static GByteArray *unpack(const char *packed, gsize length, gsize at_once)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    g_autoptr(GError) error = NULL;
    const HttpSink sink = {.write = take, .data = body};
    g_autoptr(Unpacking) unpacking = unpacking_new(&sink);
    for (gsize from = 0; from < length && !error; from += at_once)
        unpacking_write(unpacking, packed + from, MIN(at_once, length - from), &error);
    if (!error)
        unpacking_finish(unpacking, &error);
    return error ? NULL : g_steal_pointer(&body);
}

static gboolean is_same(const GByteArray *one, const GByteArray *other)
{
    if (!one || !other)
        return one == other;
    return one->len == other->len && (one->len == 0 || memcmp(one->data, other->data, one->len) == 0);
}

static void check_pieces(const char *packed, gsize length)
{
    g_autoptr(GByteArray) whole = unpack(packed, length, MAX(length, 1));
    for (gsize at_once = 1; at_once <= 4096; at_once *= 16) {
        g_autoptr(GByteArray) pieces = unpack(packed, length, at_once);
        if (!is_same(whole, pieces))
            g_error("in pieces of %zu bytes this is something else", at_once);
    }
}

static void check_round_trip(const uint8_t *data, gsize size)
{
    g_autoptr(GByteArray) packed = g_byte_array_new();
    z_stream stream = {.next_in = (Bytef *)data, .avail_in = (uInt)size};
    deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    g_byte_array_set_size(packed, (guint)deflateBound(&stream, size));
    stream.next_out = packed->data;
    stream.avail_out = packed->len;
    deflate(&stream, Z_FINISH);
    g_autoptr(GByteArray) again = unpack((const char *)packed->data, stream.total_out, 100);
    deflateEnd(&stream);
    if (!again || again->len != size || (size > 0 && memcmp(again->data, data, size) != 0))
        g_error("what was packed did not come out again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_pieces((const char *)data, size);
    if (size <= LIMIT)
        check_round_trip(data, size);
    return 0;
}
