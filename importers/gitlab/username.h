/*
 * Gitlab::Utils::UsernameAndEmailGenerator (lib/gitlab/utils/username_and_email_generator.rb) and the names
 * that Gitlab::Import::PlaceholderUserCreator and ImportUserCreator ask it for.
 */
#pragma once

#include "importers/gitlab/project.h"

/* "PREFIX_SEGMENT", or that with 1, 2, ... behind it, whichever neither a top-level namespace nor a user nor
 * an e-mail address has taken. (transfer full) */
char *username_unique(Session *session, const char *prefix, const char *segment, GError **error);
/* USERNAME@noreply.HOST. (transfer full) */
char *username_email(const Session *session, const char *username);

/* "mira_placeholder" for the login of a source user; NULL: "github_placeholder". (transfer full) */
char *username_placeholder_prefix(const char *login);
/* CRC-32 of the root namespace's path and the source user's identifier, in base 36. (transfer full) */
char *username_placeholder_segment(const char *root_namespace_path, const char *identifier);
