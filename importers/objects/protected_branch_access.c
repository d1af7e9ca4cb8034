#include "importers/objects/protected_branch_access.h"

#include "importers/gitlab/access.h"
#include "protocol/json.h"

static int default_branch_level(const DefaultBranchProtection *protection, gboolean developers)
{
    return protection->any && developers ? ACCESS_DEVELOPER : ACCESS_MAINTAINER;
}

ProtectedBranchAccess protected_branch_access_of_gitlab(const DefaultBranchProtection *protection,
                                                        const ProtectedBranchRules *rules)
{
    ProtectedBranchAccess access = {
        .push_level = rules ? rules->push_level : ACCESS_MAINTAINER,
        .merge_level = rules ? rules->merge_level : ACCESS_MAINTAINER,
        .allow_force_push = rules ? rules->allow_force_push : !protection || !protection->any,
    };
    if (protection) {
        access.push_level = default_branch_level(protection, protection->developer_can_push);
        access.merge_level = default_branch_level(protection, protection->developer_can_merge);
    }
    return access;
}

void protected_branch_access_restrict(ProtectedBranchAccess *access, const json_t *representation)
{
    if (json_true_field(representation, "required_pull_request_reviews"))
        access->push_level = ACCESS_NONE;
    if (access->merge_level != ACCESS_NONE)
        access->merge_level = MAX(access->merge_level, ACCESS_DEVELOPER);
    if (!json_true_field(representation, "allow_force_pushes"))
        access->allow_force_push = FALSE;
}
