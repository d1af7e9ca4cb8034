/*
 * secrets.yml: db_key_base, a text or a list of texts of which the last is the current one. Nothing else in
 * it is needed to run an import.
 */
#pragma once

#include "worker/config/config_file.h"

/* *keys is ended by NULL; NULL, without error, when there is no secrets.yml. (transfer full) */
gboolean secrets_config_load(const ConfigDirectory *directory, char ***keys, GError **error);
