#include "importers/http/unpacking.h"

#include <zlib.h>

#define PIECE           (16 * 1024) /* bytes */
#define GZIP_AND_WINDOW (15 + 16)   /* zlib's way to say: the largest window, in gzip's format */

struct Unpacking {
    const HttpSink *sink;
    z_stream stream;
    gboolean ended; /* at the end of a member; another may follow */
};

Unpacking *unpacking_new(const HttpSink *sink)
{
    Unpacking *unpacking = g_new0(Unpacking, 1);
    unpacking->sink = sink;
    if (inflateInit2(&unpacking->stream, GZIP_AND_WINDOW) != Z_OK)
        g_error("zlib: out of memory");
    return unpacking;
}

void unpacking_free(Unpacking *unpacking)
{
    inflateEnd(&unpacking->stream);
    g_free(unpacking);
}

static gboolean write_piece(Unpacking *unpacking, GError **error)
{
    z_stream *stream = &unpacking->stream;
    char piece[PIECE];
    if (unpacking->ended)
        inflateReset(stream);
    stream->next_out = (Bytef *)piece;
    stream->avail_out = sizeof piece;
    int result = inflate(stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END) {
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_BODY,
                            "The answer is not packed as it says: it is no gzip");
        return FALSE;
    }
    unpacking->ended = result == Z_STREAM_END;
    gsize length = sizeof piece - stream->avail_out;
    return length == 0 || unpacking->sink->write(unpacking->sink->data, piece, length, error);
}

gboolean unpacking_write(Unpacking *unpacking, const char *bytes, gsize length, GError **error)
{
    z_stream *stream = &unpacking->stream;
    stream->next_in = (Bytef *)bytes;
    stream->avail_in = (uInt)length;
    do {
        if (!write_piece(unpacking, error))
            return FALSE;
    } while (stream->avail_in > 0 || (stream->avail_out == 0 && !unpacking->ended));
    return TRUE;
}

gboolean unpacking_finish(const Unpacking *unpacking, GError **error)
{
    if (!unpacking->ended)
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_BODY, "The packed answer breaks off");
    return unpacking->ended;
}
