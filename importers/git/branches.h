/*
 * Branches that the importer makes itself: the source branches of open pull requests (forks, deleted
 * branches). In mounted storage they are written as refs; over HTTP they are pushed, with the ref in the
 * private mirror, so that GitLab's hooks run. One that exists is left alone.
 */
#pragma once

#include "importers/git/repository.h"

typedef struct GitNewBranch {
    const char *name; /* "github/fork/eve/fix" */
    const char *sha;
    char *refusal; /* set when git or GitLab did not want it: no failure of the import (transfer full) */
} GitNewBranch;

/* `branches` is an array of GitNewBranch. May be repeated. */
gboolean git_create_branches(Session *session, const Project *project, GArray *branches, GError **error);
