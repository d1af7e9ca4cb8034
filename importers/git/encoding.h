/*
 * Gitlab::EncodingHelper (lib/gitlab/encoding_helper.rb): bytes from git as text that PostgreSQL can hold.
 * The encoding of what is not UTF-8 is guessed with ICU, as charlock_holmes does. What GitLab would leave as
 * bytes, and PostgreSQL refuse, is cleaned instead. Thread-safe.
 */
#pragma once

#include <glib.h>

/* encode!: names, messages. Valid UTF-8 without NUL; "--broken encoding: NAME" when the guess is an encoding
 * that Ruby does not know. (transfer full) */
char *encoding_text(const char *bytes, gsize length);
/* The same for a path (Gitlab::Git::Diff#init_from_gitaly); *encoded (may be NULL) is encoded_file_path: the
 * text is another one than the bytes. (transfer full) */
char *encoding_path(const char *bytes, gsize length, gboolean *encoded);
/* merge_request_diff_files.diff (build_merge_request_diff_files); *binary: it had to become base64, as it
 * contains NUL or is judged to be binary. (transfer full) */
char *encoding_diff(const char *bytes, gsize length, gboolean *binary);
