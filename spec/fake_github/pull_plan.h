/*
 * Where a generated pull request comes from and what becomes of it, by its ordinal k:
 *
 *   k mod 10   1 to 6 merged, 7 and 8 closed, 9 an open draft, 0 open
 *   k mod 23   0: from a fork that was deleted with its account
 *   k mod 19   else 0: from a fork that was deleted, the account is still there
 *   k mod 7    else 0: from a fork; all others from a branch of this repository
 *   k mod 2    0: the branch in the fork is called like the one it goes to (1, when the account was deleted)
 *   k mod 16   5: the branch has a slash and a letter beyond ASCII in its name
 *   k mod 20   8 and 10: stacked on the branch of the one before, unless a fork is in play
 *
 * The last ones, as many as the generator's "late", are newer than any mirror of the repository.
 * git_data/pull.rb, which makes the commits, knows the same rules.
 */
#pragma once

#include "spec/fake_github/generator.h"

typedef enum { PULL_OPEN, PULL_CLOSED, PULL_MERGED } PullFate;

typedef enum { PULL_OWN_BRANCH, PULL_FORK, PULL_FORK_GONE, PULL_ACCOUNT_GONE } PullOrigin;

typedef struct {
    guint ordinal;
    guint64 number;
    PullFate fate;
    PullOrigin origin;
    gboolean draft;
    gboolean same_name;   /* its branch is called like the one it goes to */
    guint64 below_number; /* of the pull request that it is stacked on; 0: it goes to the default branch */
    gboolean late;
} PullPlan;

/* ordinal: from 1 */
PullPlan pull_plan(const Generator *generator, guint ordinal);
/* The name of its branch, when that is none of same_name. (transfer full) */
char *pull_plan_branch(guint ordinal, guint64 number);
