/*
 * The refs of a bare repository.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

/* Names that match `glob` ("refs/heads/", with all below it, or with *), in order. (transfer full) */
GPtrArray *git_reference_names(git_repository *repository, const char *glob, GError **error);
/* All refs into the file packed-refs: one file for tens of thousands of merge requests. */
gboolean git_pack_references(git_repository *repository, GError **error);
/* HEAD becomes `name`, if that ref exists. */
gboolean git_point_head(git_repository *repository, const char *name, GError **error);
