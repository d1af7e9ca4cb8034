/*
 * Import::SourceUser and Gitlab::Import::SourceUserMapper (app/models/import/source_user.rb,
 * lib/gitlab/import/source_user_mapper.rb): the row that ties a GitHub user, within a root namespace, to the
 * GitLab user who stands for them.
 */
#pragma once

#include "importers/gitlab/placeholder_user.h"

typedef struct SourceUser {
    gint64 id;             /* 0: there is none */
    gint64 mapped_user_id; /* the user who accepted the contributions, else the placeholder user */
    gboolean accepted;
} SourceUser;

/* A row whose users were deleted is given a new placeholder user. */
gboolean source_user_find(Session *session, const Project *project, const SourceIdentity *identity,
                          SourceUser *found, GError **error);
/* Those rows that there are for GitHub ids (an array of texts), in one query, as they are: a user who was
 * deleted is mapped_user_id 0. char *identifier -> SourceUser. (transfer full) */
GHashTable *source_user_find_all(Session *session, const Project *project, const char *hostname,
                                 const json_t *identifiers, GError **error);
/* Creates the row with its placeholder user (or, over the limit, the namespace's import user), once, whoever
 * else tries. Not within a transaction: others wait for the row under a lease that ends before the caller's
 * commit. Errors: USER_FINDER_ERROR_DUPLICATED, EXCLUSIVE_LEASE_ERROR. */
gboolean source_user_create(Session *session, const Project *project, const SourceIdentity *identity,
                            SourceUser *created, GError **error);

extern const TableColumns source_user_columns;
