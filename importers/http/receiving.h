/*
 * An answer while it arrives: its headers are checked where libcurl is content with too much, and its body is
 * handed on, unpacked if need be, or dropped.
 */
#pragma once

#include "importers/http/unpacking.h"

typedef struct Receiving {
    CURL *curl;           /* borrowed */
    const HttpSink *sink; /* borrowed; or NULL */
    gboolean only_success;
    gsize headers_length; /* bytes */
    gboolean headers_end; /* the empty line after them was seen */
    char *content_length; /* as announced, or NULL */
    gboolean body_begun;
    Unpacking *unpacking; /* NULL: the body is not packed */
    gsize dropped;        /* bytes of a body nobody wants */
} Receiving;

void receiving_clear(Receiving *receiving);

/* `line`: one header with its line break. */
gboolean receiving_header(Receiving *receiving, const char *line, gsize length, GError **error);
/* FALSE without error: enough was dropped, the rest need not arrive. */
gboolean receiving_body(Receiving *receiving, const char *bytes, gsize length, GError **error);
/* The connection says that this was all. */
gboolean receiving_finish(const Receiving *receiving, GError **error);

/* HTTP_MAX_DROPPED is reached. */
gboolean receiving_had_enough(const Receiving *receiving);
guint receiving_status(const Receiving *receiving);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Receiving, receiving_clear)
