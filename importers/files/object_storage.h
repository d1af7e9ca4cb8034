/*
 * Objects in a bucket. Requests are signed by libcurl (AWS Signature Version 4). The endpoint is the
 * operator's own choice: GitLab's outbound rules do not apply to it.
 */
#pragma once

#include "importers/files/file_store_settings.h"
#include "importers/http/exchange.h"

/* Stores `size` bytes of a file as `key`; replaces what is there. `sha256`: the content's digest in hex;
 * `content_type` may be NULL. FILE_ERROR_REMOTE tells the status and the server's code. */
gboolean object_storage_put(Session *session, const Bucket *bucket, const char *key, int file, guint64 size,
                            const char *sha256, const char *content_type, GError **error);
gboolean object_storage_find(Session *session, const Bucket *bucket, const char *key, gboolean *found,
                             guint64 *size, GError **error);
