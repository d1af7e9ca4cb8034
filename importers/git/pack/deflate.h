/*
 * An object written into a pack, whole and compressed.
 */
#pragma once

#include "importers/git/pack/content.h"

/* Appends the entry; `crc` is the CRC-32 of its bytes. */
gboolean pack_append_object(PackFile *pack, const PackContent *content, guint32 *crc, GError **error);
