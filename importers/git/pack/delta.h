/*
 * A delta of a pack applied to its base (gitformat-pack(5), "Deltified representation"), piece by piece.
 */
#pragma once

#include "importers/git/pack/content.h"
#include "importers/git/pack/stream.h"

/* What becomes of `base`. The delta is what `stream` was started with, `length` bytes; the stream is at its
 * end then. `in_file`, `directory`: as pack_content_new(). (transfer full) */
PackContent *pack_delta_apply(PackStream *stream, guint64 length, const PackContent *base, gboolean in_file,
                              const char *directory, GError **error);
