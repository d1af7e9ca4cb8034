/*
 * Where files of one kind are kept, as GitLab's configuration has it (gitlab.yml: uploads, lfs,
 * object_store). Filled once, then immutable.
 */
#pragma once

#include <glib.h>

/* S3-compatible object storage: provider AWS with any endpoint, so also MinIO, Ceph and the like. */
typedef struct Bucket {
    char *endpoint; /* "https://s3.eu-central-1.amazonaws.com", without trailing slash */
    char *region;
    char *name;
    char *prefix;                            /* of every key: "" or "some/folder/" */
    gboolean path_style;                     /* ENDPOINT/NAME/KEY instead of NAME.HOST/KEY */
    char *access_key_id, *secret_access_key; /* secrets */
    char *encryption;                        /* storage_options.server_side_encryption; or NULL */
} Bucket;

typedef struct FileStoreSettings {
    char *directory;   /* the mounted folder; NULL: there is none */
    Bucket *bucket;    /* NULL: files go to the folder */
    char *handed_over; /* why only Ruby can keep such files (object storage of another provider); or NULL */
} FileStoreSettings;

void file_store_settings_clear(FileStoreSettings *settings);
void bucket_free(Bucket *bucket);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bucket, bucket_free)
