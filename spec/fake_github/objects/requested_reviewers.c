/* Who was asked to review a pull request: the members "requested_reviewers" and "requested_teams" of its
 * description. */
#include "spec/fake_github/objects/object.h"

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    return json_pack("{s:o, s:o}", "users",
                     object_complete_users(context, json_object_get(description, "requested_reviewers")),
                     "teams",
                     object_complete_teams(context, json_object_get(description, "requested_teams")));
}

const ObjectKind REQUESTED_REVIEWERS_KIND = {
    .name = "requested_reviewers",
    .parent = "pulls",
    .item_path = "pulls/*/requested_reviewers",
    .key = "number",
    .complete = complete,
};
