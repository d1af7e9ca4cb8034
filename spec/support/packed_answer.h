/* Answers of a scripted server with a body of any bytes, packed or not. In a header, because only the
 * programs that include it are linked with zlib. */
#pragma once

#include "spec/support/cmocka_glib.h"

#include <zlib.h>

/* (transfer full) */
static inline GBytes *gzipped(GBytes *plain)
{
    gsize length;
    const void *data = g_bytes_get_data(plain, &length);
    z_stream stream = {.next_in = (Bytef *)data, .avail_in = (uInt)length};
    assert_int_equal(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gsize bound = deflateBound(&stream, (uLong)length);
    g_autofree Bytef *packed = g_malloc(bound);
    stream.next_out = packed;
    stream.avail_out = (uInt)bound;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    GBytes *result = g_bytes_new(packed, stream.total_out);
    deflateEnd(&stream);
    return result;
}

/* An answer with these headers (whole lines) and this body, which is consumed. (transfer full) */
static inline GBytes *answer_with(const char *headers, GBytes *body)
{
    gsize length;
    g_autoptr(GBytes) owned = body;
    const void *data = g_bytes_get_data(owned, &length);
    GString *answer = g_string_new(NULL);
    g_string_printf(answer,
                    "HTTP/1.1 200 OK\r\nConnection: close\r\n%sContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n",
                    headers, length);
    g_string_append_len(answer, data, (gssize)length);
    return g_string_free_to_bytes(answer);
}
