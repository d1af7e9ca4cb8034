/*
 * Who may do what on a protected branch: the strictest of what GitLab and GitHub say
 * (lib/gitlab/github_import/importer/protected_branch_importer.rb). Pure functions; thread-safe.
 */
#pragma once

#include "importers/gitlab/default_branch_protection.h"
#include "importers/gitlab/protected_branch_rules.h"

typedef struct ProtectedBranchAccess {
    int push_level, merge_level; /* see importers/gitlab/access.h */
    gboolean allow_force_push;
} ProtectedBranchAccess;

/* What would hold if GitHub forbade nothing. `protection`: of the default branch; NULL: the branch is another
 * one. `rules`: those that match the branch; NULL: none does. For the default branch its own protection says
 * who may push and merge, whatever the rules say. */
ProtectedBranchAccess protected_branch_access_of_gitlab(const DefaultBranchProtection *protection,
                                                        const ProtectedBranchRules *rules);
/* What GitHub's protection, in the form of a job's argument, forbids too. To GitHub whoever may write may
 * merge: a developer, at least. */
void protected_branch_access_restrict(ProtectedBranchAccess *access, const json_t *representation);
