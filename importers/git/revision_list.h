/*
 * `git rev-list START..HEAD` (git's revision.c, limit_list()), with git's results also where dates go
 * backwards. Reads no further into the history than git does.
 */
#pragma once

#include "importers/git/commit_graph.h"

/* The newest first. (transfer full; array of git_oid) */
GArray *git_revision_list(git_repository *repository, const git_oid *start, const git_oid *head,
                          GError **error);
