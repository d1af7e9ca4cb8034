/*
 * The protected branches that a project has already (app/models/protected_branch.rb, app/models/concerns/
 * protected_ref.rb, lib/gitlab/ref_matcher.rb): its own rules and those of its root group, whose names may
 * have wildcards. Rules of other projects count for nothing, though Ruby asks all of them for levels.
 */
#pragma once

#include "importers/gitlab/project.h"
#include "protocol/autoptr_jansson.h"

/* What the rules that match one branch say together. */
typedef struct ProtectedBranchRules {
    gboolean allow_force_push;   /* one of them allows it */
    int push_level, merge_level; /* of the first entry that is for a role and not for a user, group or key */
} ProtectedBranchRules;

/* From a branch's name to its ProtectedBranchRules, for those of `names` (an array) that a rule matches.
 * (transfer full) */
GHashTable *protected_branch_rules_find(Session *session, const Project *project, const json_t *names,
                                        GError **error);

/* Makes Ruby ask the database whether a branch is protected, instead of its cache
 * (app/services/protected_branches/cache_service.rb). Harmless when repeated. */
gboolean protected_branch_rules_expire(Session *session, const Project *project, GError **error);
