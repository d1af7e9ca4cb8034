/*
 * Objects in a bucket. Requests are signed by libcurl (AWS Signature Version 4). The endpoint is the
 * operator's own choice: GitLab's outbound rules do not apply to it. Lost connections and answers of 500 and
 * above get two more attempts.
 *
 * Errors are HTTP_ERROR, JOB_ERROR_INTERRUPTED, and FILE_ERROR_REMOTE with the status and S3's error code.
 */
#pragma once

#include "importers/files/file_store_settings.h"
#include "importers/http/exchange.h"

#define OBJECT_STORAGE_MAX_SIZE (G_GUINT64_CONSTANT(5) << 30) /* of what S3 takes in one request, bytes */

/* Stores `size` bytes of a file as `key`; replaces what is there. `sha256`: the content's digest in hex,
 * which the server verifies; `content_type` may be NULL. */
gboolean object_storage_put(Session *session, const Bucket *bucket, const char *key, int file, guint64 size,
                            const char *sha256, const char *content_type, GError **error);
/* Without the right to list the bucket, which GitLab does not ask for, S3 answers 403 for what is not there:
 * that is not found, too. Storing it tells whether the key is good for anything. */
gboolean object_storage_find(Session *session, const Bucket *bucket, const char *key, gboolean *found,
                             guint64 *size, GError **error);
/* Also when it is not there. */
gboolean object_storage_remove(Session *session, const Bucket *bucket, const char *key, GError **error);
