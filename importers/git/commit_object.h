/*
 * A commit as it is stored, read as leniently as git and Gitaly read it (git's commit.c,
 * internal/git/catfile/parse_commit.go): old histories have names and dates that libgit2 refuses.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

typedef struct GitBytes {
    const char *start; /* borrowed, not terminated */
    gsize length;
} GitBytes;

typedef struct GitCommitObject {
    git_odb_object *object; /* what everything below points into */
    git_oid tree;
    GArray *parents;            /* of git_oid */
    guint64 date;               /* the committer's, by which git sorts; 0 if git does not understand it */
    GitBytes author, committer; /* "Ann <ann@example.com> 1577836800 +0000" */
    GitBytes message;
} GitCommitObject;

/* What Gitaly says for a date that it does not understand: the end of Go's time. */
#define GIT_COMMIT_TIME_FALLBACK G_GINT64_CONSTANT(9223371974719179007)

typedef struct GitSignature {
    GitBytes name, email;
    gint64 time; /* seconds since 1970, or GIT_COMMIT_TIME_FALLBACK */
} GitSignature;

/* Fails when there is no such object or it is no commit. */
gboolean git_commit_object_read(git_repository *repository, const git_oid *id, GitCommitObject *commit,
                                GError **error);
/* The tree of a commit. */
gboolean git_commit_object_tree(git_repository *repository, const git_oid *id, git_oid *tree, GError **error);
void git_commit_object_clear(GitCommitObject *commit);
/* The author or the committer. Missing parts are empty. */
GitSignature git_signature_of(GitBytes line);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GitCommitObject, git_commit_object_clear)
