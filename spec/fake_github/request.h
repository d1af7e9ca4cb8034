/*
 * One HTTP request as the rest of the fake GitHub sees it.
 *
 * A body is spooled into an unlinked temporary file, so that a push of any size costs no memory.
 * A Request belongs to its connection's thread and lives until the answer is sent.
 */
#pragma once

#include <glib.h>
#include <microhttpd.h>

typedef struct {
    struct MHD_Connection *connection; /* borrowed from libmicrohttpd */
    char *method;
    char *path;         /* percent-decoded, without query, without a trailing slash */
    char *query;        /* as sent, without the question mark; "" when there is none */
    char *base_url;     /* scheme and host as the client addressed us */
    int body_fd;        /* spooled body, positioned at its start when the answer is built; -1: no body */
    guint64 body_bytes; /* as received, before any decompression */
} Request;

/* target: the request target as it stands in the request line. (transfer full) */
Request *request_new(const char *target);
void request_free(Request *request);

/* Called once, when the headers are complete. secure: the connection uses TLS. */
void request_begin(Request *request, struct MHD_Connection *connection, const char *method, gboolean secure);

/* FALSE when the spool file cannot be written. */
gboolean request_append_body(Request *request, const char *data, gsize length);

/* Makes the spooled body readable from its first byte. */
void request_rewind_body(Request *request);

const char *request_header(const Request *request, const char *name);
const char *request_parameter(const Request *request, const char *name);

/* A query parameter as a number; fallback when it is absent, not a number or below 1. */
guint request_positive_parameter(const Request *request, const char *name, guint fallback);

/* TRUE when the client's address is 127.0.0.0/8. */
gboolean request_is_local(const Request *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Request, request_free)
