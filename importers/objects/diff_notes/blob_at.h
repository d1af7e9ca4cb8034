/*
 * Repository#blob_at (app/models/repository.rb): a file of the project's repository, as text.
 */
#pragma once

#include "importers/gitlab/project.h"

/* The whole file is decoded (importers/git/encoding.h), as what its encoding is can only be guessed, and the
 * better the more there is of it. *text is NULL, without error, where the repository, the commit or the file
 * is missing, or the file is too large (importers/git/file_text.h). (transfer full) */
gboolean blob_at_text(Session *session, const Project *project, const char *commit_id, const char *path,
                      char **text, GError **error);
