/*
 * Gitlab::Import::ImportUserCreator (lib/gitlab/import/import_user_creator.rb): the one user of a root
 * namespace who stands for every GitHub user without a placeholder user of their own.
 */
#pragma once

#include "importers/gitlab/project.h"

/* Within a transaction of the caller's. DATABASE_ERROR_UNIQUE: another process was quicker. */
gboolean import_user_find_or_create(Session *session, const Project *project, gint64 *user_id,
                                    GError **error);

extern const TableColumns namespace_import_user_columns;
