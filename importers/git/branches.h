/*
 * Branches that the importer makes itself: the source branches of open pull requests (forks, deleted
 * branches; lib/gitlab/import/merge_request_helpers.rb). In mounted storage they are written as refs; over
 * HTTP they are pushed, all of a call together, so that GitLab's hooks run, and a ref in the private mirror
 * tells that GitLab has them. One that exists is left alone, whatever it points to.
 */
#pragma once

#include "importers/git/repository.h"

typedef struct GitNewBranch {
    const char *name; /* "github/fork/eve/fix" */
    const char *sha;
    char *refusal; /* set when git or GitLab did not want it: no failure of the import (transfer full) */
} GitNewBranch;

/* `branches` is an array of GitNewBranch. Waits for a mirror that is being written; may be repeated. */
gboolean git_create_branches(Session *session, const Project *project, GArray *branches, GError **error);
