#include "importers/git/pack/deflate.h"

#include <zlib.h>

#define PIECE      ((gsize)64 * 1024)
#define HEADER_MAX 10 /* bytes of a type and a size */

typedef struct Deflater {
    z_stream zlib;
    PackFile *pack;
    guint32 crc;
    guint8 input[PIECE], output[PIECE];
} Deflater;

static void deflater_free(Deflater *deflater)
{
    deflateEnd(&deflater->zlib);
    g_free(deflater);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Deflater, deflater_free)

static gboolean append(Deflater *deflater, const guint8 *bytes, guint length, GError **error)
{
    deflater->crc = (guint32)crc32(deflater->crc, bytes, length);
    return pack_file_append(deflater->pack, bytes, length, error);
}

static gboolean deflate_piece(Deflater *deflater, guint length, int flush, GError **error)
{
    deflater->zlib.next_in = deflater->input;
    deflater->zlib.avail_in = length;
    do {
        deflater->zlib.next_out = deflater->output;
        deflater->zlib.avail_out = sizeof deflater->output;
        deflate(&deflater->zlib, flush);
        if (!append(deflater, deflater->output, (guint)sizeof deflater->output - deflater->zlib.avail_out,
                    error))
            return FALSE;
    } while (deflater->zlib.avail_out == 0);
    return TRUE;
}

static gboolean deflate_content(Deflater *deflater, const PackContent *content, GError **error)
{
    for (guint64 offset = 0; offset < content->size; offset += PIECE) {
        guint step = (guint)MIN(PIECE, content->size - offset);
        if (!pack_content_read(content, offset, deflater->input, step, error) ||
            !deflate_piece(deflater, step, Z_NO_FLUSH, error))
            return FALSE;
    }
    return deflate_piece(deflater, 0, Z_FINISH, error);
}

static guint put_header(const PackContent *content, guint8 header[HEADER_MAX])
{
    guint length = 0;
    guint64 rest = content->size >> 4;
    header[0] = (guint8)((guint)content->type << 4 | (content->size & 15u));
    for (; rest; rest >>= 7) {
        header[length++] |= 0x80;
        header[length] = (guint8)(rest & 0x7f);
    }
    return length + 1;
}

gboolean pack_append_object(PackFile *pack, const PackContent *content, guint32 *crc, GError **error)
{
    guint8 header[HEADER_MAX];
    g_autoptr(Deflater) deflater = g_new0(Deflater, 1);
    deflater->pack = pack;
    if (deflateInit(&deflater->zlib, Z_BEST_SPEED) != Z_OK)
        g_error("zlib does not start");
    if (!append(deflater, header, put_header(content, header), error) ||
        !deflate_content(deflater, content, error))
        return FALSE;
    *crc = deflater->crc;
    return TRUE;
}
