/*
 * Failures of libgit2 as errors of GIT_ERROR_DOMAIN.
 */
#pragma once

#include "importers/git/repository.h"

/* Always returns FALSE. `result` is what libgit2 returned, its last error gives the text; `otherwise` is the
 * code unless libgit2 tells of a missing repository or of refused credentials. */
gboolean git_fail(int result, GitErrorDomain otherwise, const char *action, GError **error);
