/*
 * Arguments that GitLab's size limiter has compressed
 * (lib/gitlab/sidekiq_middleware/size_limiter/compressor.rb): an array with one string, Base64 of a zlib
 * stream of the JSON of the original arguments. Thread-safe.
 */
#pragma once

#include "protocol/autoptr_jansson.h"

#define COMPRESSION_ERROR (compression_error_quark())
GQuark compression_error_quark(void);
typedef enum { COMPRESSION_ERROR_CORRUPT } CompressionError;

/* The original arguments. (transfer full) */
json_t *compression_decompress(const json_t *compressed_args, GError **error);
