/*
 * A file of one commit as text (Gitlab::Git::Blob, lib/gitlab/git/blob.rb).
 *
 * Unlike Ruby, nothing is read of a file beyond 10 MiB, of which Ruby reads so much: memory stays bounded.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

/* Encoded as importers/git/encoding.h says. *text is NULL, without error, when the repository has no such
 * commit, or the commit no file of that name, or the file is too large. (transfer full) */
gboolean git_file_text(git_repository *repository, const char *commit_id, const char *path, char **text,
                       GError **error);
