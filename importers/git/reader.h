/*
 * A project's git repository for reading, by any number of jobs at once: where the mirror of the import lies
 * (importers/git/storage.h), whichever backend it has. Opening it costs more than a small diff does, so a
 * session keeps the one of its last import for a few seconds.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/gitlab/project.h"

/* NULL with GIT_ERROR_DOMAIN_NOT_FOUND when there is none, with GIT_ERROR_DOMAIN_STORAGE when its HEAD names
 * a commit that is not there. Owned by the session, until the next call. */
git_repository *git_reader_repository(Session *session, const Project *project, GError **error);
/* The same for who can do without: *repository is NULL, without error, when there is none. */
gboolean git_reader_find(Session *session, const Project *project, git_repository **repository,
                         GError **error);

typedef struct GitReader GitReader;
void git_reader_free(GitReader *reader);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitReader, git_reader_free)
