/*
 * One HTTP answer: either a whole body in memory or a stream that is read while it is sent.
 * Not shared between threads. Header values are copied.
 */
#pragma once

#include <glib.h>
#include <jansson.h>
#include <microhttpd.h>

typedef struct Response Response;

/* Where a streamed body comes from. read() returns the number of bytes put into the buffer, 0 at the
 * end, -1 when the body cannot be completed (the connection is then cut). */
typedef struct {
    gssize (*read)(gpointer source, char *buffer, gsize size);
    void (*free)(gpointer source);
} ResponseStream;

Response *response_new_empty(guint status);
Response *response_new_text(guint status, const char *text);
/* body: (transfer full) */
Response *response_new_bytes(guint status, const char *content_type, char *body, gsize length);
/* json: (transfer full) */
Response *response_new_json(guint status, json_t *json);
/* GitHub's error form: {"message": ..., "documentation_url": ...} */
Response *response_new_message(guint status, const char *message);
/* source: (transfer full), freed with stream->free */
Response *response_new_stream(guint status, const ResponseStream *stream, gpointer source);
void response_free(Response *response);

void response_set_header(Response *response, const char *name, const char *value);
void response_set_header_number(Response *response, const char *name, gint64 value);
const char *response_header(const Response *response, const char *name);

guint response_status(const Response *response);
/* NULL for a stream. */
const char *response_body(const Response *response, gsize *length);

/* A whole body is sent without saying how long it is. */
void response_make_chunked(Response *response);
/* A whole body is sent packed with gzip. */
void response_compress(Response *response);
/* Keeps the status line and headers that announce the whole body, but sends only the first bytes. */
void response_truncate(Response *response, gsize bytes);
/* Replaces the body by its first half: well-formed HTTP, malformed JSON. */
void response_break_json(Response *response);
/* Turns the answer into 304 and drops the body. */
void response_make_not_modified(Response *response);

/* bytes_sent: counts body bytes while they are sent; used atomically. (response: transfer full) */
enum MHD_Result response_send(Response *response, struct MHD_Connection *connection, guint64 *bytes_sent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Response, response_free)
