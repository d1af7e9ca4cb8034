/*
 * Where uploads and LFS objects are kept: gitlab.yml's uploads, lfs, shared and object_store, in the
 * consolidated form and in the one for each type (config/initializers/1_settings.rb,
 * config/object_store_settings.rb, lib/object_storage/config.rb), and the options that win over it. Relative
 * paths are relative to the parent of GitLab's config directory.
 *
 * Object storage that hubferry cannot write is no error: FileStoreSettings says why Ruby keeps those files.
 */
#pragma once

#include "importers/files/file_store.h"
#include "worker/config/config_file.h"
#include "worker/config/options.h"

/* `gitlab` is gitlab.yml's section; NULL: there is none. `settings` must be empty. */
gboolean file_store_config_load(const Options *options, const ConfigDirectory *directory,
                                const json_t *gitlab, FileStoreKind kind, FileStoreSettings *settings,
                                GError **error);

/* gitlab.yml's lfs.enabled. */
gboolean file_store_config_lfs_enabled(const json_t *gitlab);
