/*
 * A file that holds one secret and nothing else: a token, a key, a URL with a password.
 */
#pragma once

#include "worker/config/config_error.h"

/* The content without its last line end; CONFIG_ERROR_FILE when unreadable or empty. (transfer full) */
char *secret_file_read(const char *path, GError **error);
