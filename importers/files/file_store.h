/*
 * Where GitLab keeps uploads and LFS objects: in a mounted folder or in S3-compatible object storage
 * (gitlab.yml: uploads, lfs, object_store; app/uploaders/object_storage.rb). A key is the path below the
 * folder, and the object's name in the bucket.
 */
#pragma once

#include "importers/files/incoming_file.h"
#include "importers/files/object_storage.h"

typedef enum { FILE_STORE_UPLOADS, FILE_STORE_LFS } FileStoreKind;

/* ObjectStorage::Store: columns uploads.store, lfs_objects.file_store. */
typedef enum { FILE_PLACE_LOCAL = 1, FILE_PLACE_REMOTE = 2 } FilePlace;

/* Where a new file of this kind goes. JOB_ERROR_HAND_OVER when hubferry can reach neither place; the message
 * says what to configure. */
gboolean file_store_place(const Session *session, FileStoreKind kind, FilePlace *place, GError **error);

/* To receive a file for the store. (transfer full) */
IncomingFile *file_store_receive(const Session *session, FileStoreKind kind, guint64 max_size,
                                 GError **error);
/* Keeps the received file under `key`. Repeatable. `content_type` may be NULL. */
gboolean file_store_keep(Session *session, FileStoreKind kind, IncomingFile *file, const char *key,
                         const char *content_type, GError **error);
/* Whether the file is there, in that place, and how large it is. */
gboolean file_store_find(Session *session, FileStoreKind kind, FilePlace place, const char *key,
                         gboolean *found, guint64 *size, GError **error);
