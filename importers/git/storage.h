/*
 * Where a project's bare repository lies, and the right to write it: one worker at a time holds the lock file
 * `hubferry.lock` inside of it. Until git_storage_finish() that file says what was begun, so that what a
 * killed or failed worker leaves behind (lock files of refs, temporary packs) is removed by the next one that
 * writes.
 *
 * A mirror that was not finished stays known as such until the next one is: git_repository_empty() calls the
 * repository empty. It can be read all the same, as objects arrive before the refs that need them.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/repository.h"

typedef struct GitStorage {
    char *path; /* of the bare repository, with ".git" */
    git_repository *repository;
    int lock;              /* file descriptor of the locked file */
    gboolean mirrors;      /* what is begun is a mirror */
    gboolean needs_mirror; /* its mirror was not finished, and what is begun is none */
} GitStorage;

/* The path with ".git", whether or not something is there. (transfer full) */
char *git_storage_path(const Session *session, const Project *project, GitRepositoryKind kind,
                       GError **error);

/* To mirror. Waits for other workers, creates what is missing. (transfer full) */
GitStorage *git_storage_begin(const Session *session, const Project *project, GitRepositoryKind kind,
                              GError **error);
/* To write a few refs of a repository that exists. Waits for other workers. (transfer full) */
GitStorage *git_storage_begin_references(const Session *session, const Project *project, GError **error);
gboolean git_storage_finish(GitStorage *storage, GError **error);
/* Gives the lock back. */
void git_storage_free(GitStorage *storage);

/* Whether a begun mirror of the repository at `path` was not finished. */
gboolean git_storage_unfinished(const char *path);
/* When the last mirror into it was finished, in microseconds since 1970; 0: never. */
gint64 git_storage_mirrored_at(const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitStorage, git_storage_free)
