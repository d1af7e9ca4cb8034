/*
 * Branches and tags whose name could be mistaken for a commit (app/models/repository.rb:
 * remove_prohibited_refs; lib/gitlab/git.rb: SHA_LIKE_REF): GitLab's own hooks refuse them, and what comes in
 * by a mirror is removed when the import ends.
 */
#pragma once

#include "importers/gitlab/project.h"

/* Whether `name` ("refs/heads/...") is 40 or 64 hexadecimal digits. */
gboolean git_reference_prohibited(const char *name);
/* Waits for a mirror that is being written; may be repeated. Over HTTP they were never pushed. */
gboolean git_remove_prohibited_references(Session *session, const Project *project, GError **error);
