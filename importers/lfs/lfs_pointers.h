/*
 * The LFS pointers of a repository, as Gitaly's ListAllLFSPointers finds them: every blob of at most 200
 * bytes, reachable or not, that is a pointer of git-lfs (https://git-lfs.com/spec/v1).
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/gitlab/session.h"

typedef struct LfsPointer {
    char oid[65]; /* SHA-256 of the content, hex */
    guint64 size; /* bytes */
} LfsPointer;

/* Each oid once, ordered by oid. Ends with JOB_ERROR_INTERRUPTED when the process is to stop. (transfer full;
 * array of LfsPointer) */
GArray *lfs_pointers_list(Session *session, git_repository *repository, GError **error);
/* FALSE: the blob is none. Pure function. */
gboolean lfs_pointer_parse(const char *blob, gsize length, LfsPointer *pointer);
