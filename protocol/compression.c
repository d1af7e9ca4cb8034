#include "protocol/compression.h"

#include "protocol/error_class.h"
#include "protocol/json.h"

#include <zlib.h>

static const char *compression_error_class(G_GNUC_UNUSED int code)
{
    return "Gitlab::SidekiqMiddleware::SizeLimiter::Compressor::PayloadDecompressionError";
}

DEFINE_ERROR_DOMAIN(compression_error, compression_error_class)

static gboolean fail_corrupt(GError **error, const char *reason)
{
    g_set_error(error, COMPRESSION_ERROR, COMPRESSION_ERROR_CORRUPT, "compressed arguments: %s", reason);
    return FALSE;
}

static int inflate_into(z_stream *stream, GByteArray *out)
{
    guchar chunk[16384];
    int status;
    do {
        stream->next_out = chunk;
        stream->avail_out = sizeof chunk;
        status = inflate(stream, Z_NO_FLUSH);
        g_byte_array_append(out, chunk, (guint)(sizeof chunk - stream->avail_out));
    } while (status == Z_OK);
    return status;
}

static gboolean inflate_all(guchar *bytes, gsize length, GByteArray *out, GError **error)
{
    z_stream stream = {.next_in = bytes, .avail_in = (uInt)length};
    if (inflateInit(&stream) != Z_OK)
        return fail_corrupt(error, "zlib does not start");
    int status = inflate_into(&stream, out);
    inflateEnd(&stream);
    return status == Z_STREAM_END || fail_corrupt(error, "not a whole zlib stream");
}

json_t *compression_decompress(const json_t *compressed_args, GError **error)
{
    const char *base64 = json_string_value(json_array_get(compressed_args, 0));
    if (!base64 || json_array_size(compressed_args) != 1) {
        fail_corrupt(error, "not an array with one string");
        return NULL;
    }
    gsize length;
    g_autofree guchar *bytes = g_base64_decode(base64, &length);
    g_autoptr(GByteArray) text = g_byte_array_new();
    if (!inflate_all(bytes, length, text, error))
        return NULL;
    g_autoptr(json_t) args = json_parse((const char *)text->data, text->len, error);
    if (args && !json_is_array(args))
        fail_corrupt(error, "not an array inside");
    return json_is_array(args) ? g_steal_pointer(&args) : NULL;
}
