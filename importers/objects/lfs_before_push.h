/*
 * GitLab takes no pushed ref with LFS pointers whose objects the project does not have
 * (lib/gitlab/checks/lfs_check.rb, lfs_integrity.rb). So where the repository is pushed, its LFS objects are
 * imported first, one after the other, as their jobs would import them later; the stage of LFS objects then
 * lists only what is left.
 *
 * What the LFS server does not give is logged and left out: GitLab says whether it takes the refs all the
 * same, and a stage whose push is refused is repeated. Where the store of LFS objects is not within reach,
 * JOB_ERROR_HAND_OVER gives the whole stage to Ruby. Other errors are those of our own servers, and
 * GITHUB_ERROR_RATE_LIMIT.
 */
#pragma once

#include "importers/stages/stage.h"

/* The mirror of the repository is complete. May be repeated. */
gboolean lfs_objects_before_push(Stage *stage, GError **error);
