/*
 * S3-compatible object storage that verifies signatures (object_storage.rb), as a process of its own.
 */
#pragma once

#include <glib.h>

#define PRIVATE_OBJECT_STORAGE_REGION     "eu-central-1"
#define PRIVATE_OBJECT_STORAGE_KEY_ID     "AKIAIOSFODNN7EXAMPLE"
#define PRIVATE_OBJECT_STORAGE_SECRET_KEY "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

typedef struct PrivateObjectStorage PrivateObjectStorage;

/* Objects are files FOLDER/BUCKET/KEY; there is this one bucket. It ends with the caller, at the latest. */
PrivateObjectStorage *private_object_storage_start(const char *folder, const char *bucket);
void private_object_storage_stop(PrivateObjectStorage *storage);

/* The next request gets this status, or, for "cut", a connection that closes in the middle of its body. */
void private_object_storage_fail(PrivateObjectStorage *storage, const char *fault);

guint private_object_storage_port(const PrivateObjectStorage *storage);
