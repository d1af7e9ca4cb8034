/*
 * The branches of a project's repository, wherever the mirror of the import lies (importers/git/reader.h).
 */
#pragma once

#include "importers/gitlab/project.h"

/* Without "refs/heads/", in order; none where there is no repository. (transfer full; array of char *) */
GPtrArray *git_branch_names(Session *session, const Project *project, GError **error);
