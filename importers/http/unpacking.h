/*
 * A sink before a sink: takes what is packed with gzip and hands on what that means, piece by piece, so that
 * a little that unpacks to a lot is stopped where the sink behind says so. libcurl's own unpacking does not
 * notice when the packed bytes break off.
 */
#pragma once

#include "importers/http/exchange.h"

typedef struct Unpacking Unpacking;

/* `sink` is borrowed. (transfer full) */
Unpacking *unpacking_new(const HttpSink *sink);
void unpacking_free(Unpacking *unpacking);

/* HTTP_ERROR_BODY when this is no gzip. */
gboolean unpacking_write(Unpacking *unpacking, const char *bytes, gsize length, GError **error);
/* HTTP_ERROR_BODY when something is missing. */
gboolean unpacking_finish(const Unpacking *unpacking, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unpacking, unpacking_free)
