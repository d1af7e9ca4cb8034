/*
 * Gitlab::Import::PlaceholderUserCreator (lib/gitlab/import/placeholder_user_creator.rb): a user who stands
 * for one GitHub user until a real user accepts the contributions.
 */
#pragma once

#include "importers/gitlab/project.h"

/* Borrowed texts. */
typedef struct SourceIdentity {
    const char *identifier; /* GitHub's id as text */
    const char *hostname;   /* https://github.com */
    const char *username;   /* login */
    const char *name;       /* display name, or NULL */
} SourceIdentity;

/* Within a transaction of the caller's. DATABASE_ERROR_UNIQUE: another process was quicker. */
gboolean placeholder_user_create(Session *session, const Project *project, const SourceIdentity *identity,
                                 gint64 *user_id, GError **error);

extern const TableColumns placeholder_user_detail_columns;
