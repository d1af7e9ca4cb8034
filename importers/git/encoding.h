/*
 * Gitlab::EncodingHelper (lib/gitlab/encoding_helper.rb): bytes from git as text that PostgreSQL can hold.
 * The encoding of what is not UTF-8 is guessed with ICU, as charlock_holmes does. Thread-safe.
 */
#pragma once

#include <glib.h>

/* encode!: paths, names, messages. Valid UTF-8 without NUL. (transfer full) */
char *encoding_text(const char *bytes, gsize length);
/* The same for a path; *escaped (may be NULL): it was not valid UTF-8, encoded_file_path. (transfer full) */
char *encoding_path(const char *bytes, gsize length, gboolean *escaped);
/* merge_request_diff_files.diff: *binary when it had to become base64 (NUL, or judged to be binary).
 * (transfer full) */
char *encoding_diff(const char *bytes, gsize length, gboolean *binary);
