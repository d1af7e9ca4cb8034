/*
 * attr_encrypted as GitLab uses it for project_import_data.credentials: AES-256-CBC, key =
 * PBKDF2-HMAC-SHA1(db_key_base, salt, 2000 rounds, 32 bytes), over a Ruby Marshal 4.8 dump of a hash with
 * symbol keys (app/models/project_import_data.rb, lib/gitlab/encrypted_attribute.rb). Plain memory is wiped
 * after use.
 */
#pragma once

#include <glib.h>

/* The three columns as stored. All keys are tried, the last first. *user (transfer full) is the hash's :user,
 * NULL if nil. Errors: IMPORT_DATA_ERROR. */
gboolean credentials_decrypt(const char *const *db_key_base, const char *encrypted, const char *iv,
                             const char *salt, char **user, GError **error);
/* The three columns for {user: user, password: nil} with the current key. (transfer full) */
gboolean credentials_encrypt(const char *const *db_key_base, const char *user, char **encrypted, char **iv,
                             char **salt, GError **error);
