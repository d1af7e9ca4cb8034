/*
 * The files of a merge request's diff with their texts, within GitLab's limits: Gitlab::Git::DiffCollection
 * (lib/gitlab/git/diff_collection.rb), Gitlab::Git::Diff (lib/gitlab/git/diff.rb) and what Gitaly's
 * CommitDiff does for them (internal/gitaly/diff/diff.go: raw diff with --find-renames=30%, limits, a change
 * of type as a deletion and an addition).
 *
 * Two texts that are not compared because of their size (importers/git/diff/patch.h) are too large, also
 * where GitLab would find a short difference. What git calls equal in content but not in type or mode, or
 * renamed only, has an empty text. Memory: max_bytes and a file's patch of at most max_patch_bytes.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

/* Settings of the application, cut to what Gitaly allows. The file with which the lines or bytes of all texts
 * reach their limit is dropped, as is the one after max_files. A text that reaches max_patch_bytes is
 * dropped, its file stays. Hunk headers count for max_patch_bytes only. */
typedef struct GitDiffLimits {
    guint max_files, max_lines;
    gsize max_bytes, max_patch_bytes;
} GitDiffLimits;

typedef struct GitDiffFile {
    char *old_path, *new_path; /* UTF-8 */
    gboolean encoded_file_path;
    guint a_mode, b_mode; /* 0: not there */
    gboolean new_file, renamed_file, deleted_file, too_large;
    gboolean binary; /* `diff` is base64 without line breaks */
    char *diff;      /* UTF-8 without NUL */
} GitDiffFile;

typedef struct GitDiffCollection {
    GPtrArray *files;  /* of GitDiffFile, sorted as lib/gitlab/diff/file_collection_sorter.rb does */
    gboolean overflow; /* a limit was reached: the rest is missing */
} GitDiffCollection;

/* From `base` to `head`, both commits; a NULL base is an empty tree. (transfer full) */
GitDiffCollection *git_diff_collection(git_repository *repository, const git_oid *base, const git_oid *head,
                                       const GitDiffLimits *limits, GError **error);
void git_diff_collection_free(GitDiffCollection *collection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitDiffCollection, git_diff_collection_free)
