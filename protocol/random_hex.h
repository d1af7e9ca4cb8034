/* Random names: jids, nonces, correlation ids (Ruby's SecureRandom.hex). Thread-safe. */
#pragma once

#include <glib.h>

/* 2 * n_bytes lowercase hex digits from the system's random source. (transfer full) */
char *random_hex(guint n_bytes);
