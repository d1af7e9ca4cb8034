/*
 * How GitLab protects default branches that nobody has said anything else of
 * (lib/gitlab/access/default_branch_protection.rb, app/models/namespace.rb:
 * default_branch_protection_settings): the setting of the group that the project is in, else the instance's.
 * A personal namespace has no setting of its own. What is not set allows nothing.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct DefaultBranchProtection {
    gboolean any; /* FALSE: developers may push, merge and force, as on any other branch */
    gboolean developer_can_push, developer_can_merge;
    /* Of the rule that GitLab makes for a default branch (app/services/projects/
     * protect_default_branch_service.rb); see importers/gitlab/access.h. */
    int push_level, merge_level;
    gboolean allow_force_push;
} DefaultBranchProtection;

/* What holds for the project's namespace. */
gboolean default_branch_protection_find(Session *session, const Project *project,
                                        DefaultBranchProtection *protection, GError **error);
