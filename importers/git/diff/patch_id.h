/*
 * Git's patch id of the difference between two commits, as Gitaly's GetPatchID yields it
 * (`git diff --full-index OLD NEW | git patch-id --verbatim`; internal/gitaly/service/diff/patch_id.go): of
 * each file a SHA-1 of its patch without hunk headers and object ids, whose sum is the id.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

/* *id is the raw id in hex, or NULL without error when the two are equal or two texts are not compared
 * because of their size (GIT_PATCH_PAIR_MAX, GIT_PATCH_LINES_MAX; importers/git/diff/patch.h). (transfer
 * full) */
gboolean git_patch_id(git_repository *repository, const git_oid *old_commit, const git_oid *new_commit,
                      char **id, GError **error);
