/*
 * Rename detection with git's results (`git diff --find-renames=N%`, diffcore-rename.c): exact renames first,
 * then files of the same name, then the most similar pairs, within git's limit of 1,000 sources by 1,000
 * destinations. libgit2's own measure of similarity is another one. Blobs above GIT_PATCH_BLOB_MAX take part
 * in exact renames only.
 */
#pragma once

#include "importers/git/diff/entry.h"

#define GIT_RENAME_GITALY  30 /* percent; Gitaly's CommitDiff */
#define GIT_RENAME_DEFAULT 50 /* git's own, as used by Gitaly's GetPatchID */

/* Replaces pairs of added and deleted files in `entries` (array of GitDiffEntry, in git's order) by renamed
 * ones; git's order of the result. On an error `entries` is as it was. */
gboolean git_diff_find_renames(git_repository *repository, GPtrArray *entries, guint minimum_score,
                               GError **error);
/* The "similarity index" of a renamed entry: percent. */
gboolean git_diff_similarity_index(git_repository *repository, const GitDiffEntry *entry, guint *percent,
                                   GError **error);
