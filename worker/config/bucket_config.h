/*
 * A bucket as GitLab's object_store settings describe it (config/object_store_settings.rb,
 * lib/object_storage/config.rb), with the defaults of Fog, GitLab's client for object storage.
 */
#pragma once

#include "importers/files/file_store_settings.h"
#include "worker/config/config_file.h"

/* `store` has remote_directory ("NAME" or "NAME/PREFIX"), connection and storage_options. Sets the bucket, or
 * says why only Ruby can write into it. */
void bucket_config_load(const json_t *store, FileStoreSettings *settings);
