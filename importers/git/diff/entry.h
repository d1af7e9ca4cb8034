/*
 * One file of a comparison of two trees, as `git diff --raw` tells it, before its content is looked at.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

typedef struct GitDiffEntry {
    char status;               /* 'A', 'D', 'M', 'R' (renamed, changed or not), 'T' (another type of file) */
    char *old_path, *new_path; /* bytes as in the trees; both set, equal unless renamed */
    guint old_mode, new_mode;  /* 0: not there on that side */
    git_oid old_id, new_id;    /* zero: not there on that side */
} GitDiffEntry;

/* All arguments are copied. (transfer full) */
GitDiffEntry *git_diff_entry_new(char status, const char *old_path, const char *new_path, guint old_mode,
                                 guint new_mode, const git_oid *old_id, const git_oid *new_id);
void git_diff_entry_free(GitDiffEntry *entry);

/* What differs between two trees, sub-trees included, in git's order (paths as bytes); submodules are entries
 * of mode 0160000. NULL for a tree: an empty one. Renames are not looked for. (transfer full; array of
 * GitDiffEntry) */
GPtrArray *git_diff_entries(git_repository *repository, const git_oid *old_tree, const git_oid *new_tree,
                            GError **error);
/* Makes two entries of each one of status 'T', a deletion and then an addition, as both git's patches and
 * Gitaly's CommitDiff do. */
void git_diff_split_type_changes(GPtrArray *entries);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitDiffEntry, git_diff_entry_free)
