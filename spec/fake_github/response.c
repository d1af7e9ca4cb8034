#include "spec/fake_github/response.h"

#include <string.h>
#include <zlib.h>

#include "spec/fake_github/json_text.h"

enum { STREAM_BLOCK_SIZE = 64 * 1024 };

typedef struct {
    char *name;
    char *value;
} Header;

struct Response {
    guint status;
    GArray *headers;
    char *body; /* NULL for a stream */
    gsize length;
    gboolean chunked;
    gsize limit; /* send at most this many bytes, then cut the connection */
    gsize sent;
    const ResponseStream *stream;
    gpointer source;
    guint64 *bytes_sent;
};

static void header_clear(Header *header)
{
    g_free(header->name);
    g_free(header->value);
}

static Response *response_new(guint status)
{
    Response *response = g_new0(Response, 1);
    response->status = status;
    response->limit = G_MAXSIZE;
    response->headers = g_array_new(FALSE, FALSE, sizeof(Header));
    g_array_set_clear_func(response->headers, (GDestroyNotify)header_clear);
    return response;
}

Response *response_new_bytes(guint status, const char *content_type, char *body, gsize length)
{
    Response *response = response_new(status);
    response_set_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    response->body = body;
    response->length = length;
    return response;
}

Response *response_new_empty(guint status)
{
    Response *response = response_new(status);
    response->body = g_strdup("");
    return response;
}

Response *response_new_text(guint status, const char *text)
{
    return response_new_bytes(status, "text/plain; charset=utf-8", g_strdup(text), strlen(text));
}

Response *response_new_json(guint status, json_t *json)
{
    json_auto_t *owned = json;
    GString *text = json_text(owned);
    gsize length = text->len;
    return response_new_bytes(status, "application/json; charset=utf-8", g_string_free(text, FALSE), length);
}

Response *response_new_message(guint status, const char *message)
{
    return response_new_json(status, json_pack("{s:s, s:s}", "message", message, "documentation_url",
                                               "https://docs.github.com/rest"));
}

Response *response_new_stream(guint status, const ResponseStream *stream, gpointer source)
{
    Response *response = response_new(status);
    response->stream = stream;
    response->source = source;
    return response;
}

void response_free(Response *response)
{
    if (response->stream != NULL) {
        response->stream->free(response->source);
    }
    g_array_unref(response->headers);
    g_free(response->body);
    g_free(response);
}

void response_set_header(Response *response, const char *name, const char *value)
{
    Header header = {g_strdup(name), g_strdup(value)};
    g_array_append_val(response->headers, header);
}

void response_set_header_number(Response *response, const char *name, gint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);
    response_set_header(response, name, text);
}

const char *response_header(const Response *response, const char *name)
{
    for (guint i = 0; i < response->headers->len; i++) {
        const Header *header = &g_array_index(response->headers, Header, i);
        if (g_ascii_strcasecmp(header->name, name) == 0) {
            return header->value;
        }
    }
    return NULL;
}

guint response_status(const Response *response)
{
    return response->status;
}

const char *response_body(const Response *response, gsize *length)
{
    *length = response->length;
    return response->body;
}

void response_truncate(Response *response, gsize bytes)
{
    response->limit = bytes;
}

void response_break_json(Response *response)
{
    if (response->body != NULL) {
        response->length /= 2;
    }
}

void response_make_not_modified(Response *response)
{
    response->status = MHD_HTTP_NOT_MODIFIED;
    response->length = 0;
}

void response_make_chunked(Response *response)
{
    response->chunked = TRUE;
}

void response_compress(Response *response)
{
    enum { GZIP = 16 };
    z_stream stream = {.next_in = (Bytef *)response->body, .avail_in = (uInt)response->length};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        g_error("deflateInit2: %s", stream.msg);
    }
    gsize size = deflateBound(&stream, response->length);
    char *compressed = g_malloc(size);
    stream.next_out = (Bytef *)compressed;
    stream.avail_out = (uInt)size;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        g_error("deflate: %s", stream.msg);
    }
    g_free(response->body);
    response->body = compressed;
    response->length = stream.total_out;
    deflateEnd(&stream);
    response_set_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
}

static gssize read_body(Response *response, char *buffer, gsize size)
{
    if (response->stream != NULL) {
        return response->stream->read(response->source, buffer, size);
    }
    gsize count = MIN(size, response->length - response->sent);
    memcpy(buffer, response->body + response->sent, count);
    return (gssize)count;
}

static ssize_t read_for_sending(void *data, uint64_t position, char *buffer, size_t size)
{
    (void)position;
    Response *response = data;
    if (response->sent >= response->limit) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    gssize count = read_body(response, buffer, MIN(size, response->limit - response->sent));
    if (count < 0) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    if (count == 0) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    response->sent += (gsize)count;
    __atomic_add_fetch(response->bytes_sent, (guint64)count, __ATOMIC_RELAXED);
    return count;
}

static void free_after_sending(void *data)
{
    response_free(data);
}

static void copy_headers(const Response *response, struct MHD_Response *answer)
{
    for (guint i = 0; i < response->headers->len; i++) {
        const Header *header = &g_array_index(response->headers, Header, i);
        MHD_add_response_header(answer, header->name, header->value);
    }
}

/* The common case, a whole body, is handed over without a copy: GLib's memory is malloc's. */
static struct MHD_Response *body_answer(Response *response)
{
    __atomic_add_fetch(response->bytes_sent, (guint64)response->length, __ATOMIC_RELAXED);
    struct MHD_Response *answer =
        MHD_create_response_from_buffer(response->length, response->body, MHD_RESPMEM_MUST_FREE);
    copy_headers(response, answer);
    response->body = NULL;
    response_free(response);
    return answer;
}

static struct MHD_Response *streamed_answer(Response *response)
{
    guint64 length = response->stream != NULL || response->chunked ? MHD_SIZE_UNKNOWN : response->length;
    struct MHD_Response *answer = MHD_create_response_from_callback(
        length, STREAM_BLOCK_SIZE, read_for_sending, response, free_after_sending);
    copy_headers(response, answer);
    return answer;
}

enum MHD_Result response_send(Response *response, struct MHD_Connection *connection, guint64 *bytes_sent)
{
    guint status = response->status;
    gboolean whole = response->stream == NULL && !response->chunked && response->limit == G_MAXSIZE;
    response->bytes_sent = bytes_sent;
    struct MHD_Response *answer = whole ? body_answer(response) : streamed_answer(response);
    enum MHD_Result result = MHD_queue_response(connection, status, answer);
    MHD_destroy_response(answer);
    return result;
}
