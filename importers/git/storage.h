/*
 * Where a project's bare repository lies, and the right to write it: one worker at a time holds the lock file
 * `hubferry.lock` inside of it. Between git_storage_begin() and git_storage_finish() that file is not empty,
 * so that a mirror which was killed or failed is known to be unfinished: its leftovers (lock files of refs,
 * temporary packs) are removed by the next one, and git_repository_empty() calls it empty until it is
 * complete.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/repository.h"

typedef struct GitStorage {
    char *path; /* of the bare repository, with ".git" */
    git_repository *repository;
    int lock; /* file descriptor of the locked file */
} GitStorage;

/* The path with ".git", whether or not something is there. (transfer full) */
char *git_storage_path(const Session *session, const Project *project, GitRepositoryKind kind,
                       GError **error);

/* Waits for other workers, creates what is missing. (transfer full) */
GitStorage *git_storage_begin(const Session *session, const Project *project, GitRepositoryKind kind,
                              GError **error);
gboolean git_storage_finish(GitStorage *storage, GError **error);
/* Gives the lock back. */
void git_storage_free(GitStorage *storage);

/* Whether a begun mirror of the repository at `path` was not finished. */
gboolean git_storage_unfinished(const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitStorage, git_storage_free)
