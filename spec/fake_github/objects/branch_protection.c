/* The protection of a branch: the member "protection" of its description, true or an object. */
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

/* Users who may bypass pull requests are stated by login. */
static void expand_bypassing_users(const ObjectContext *context, json_t *object)
{
    const json_t *reviews = json_object_get(object, "required_pull_request_reviews");
    json_t *allowances = json_object_get(reviews, "bypass_pull_request_allowances");
    const json_t *users = json_object_get(allowances, "users");
    if (users != NULL) {
        json_object_set_new(allowances, "users", object_complete_users(context, users));
    }
}

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const json_t *protection = json_object_get(description, "protection");
    if (!json_is_true(protection) && !json_is_object(protection)) {
        return NULL;
    }
    g_autofree char *url = g_strdup_printf("%s/repos/%s/branches/%s/protection", context->api_url,
                                           repository_full_name(context->repository),
                                           json_string_value(json_object_get(description, "name")));
    json_t *object =
        json_pack("{s:s, s:{s:o, s:b}, s:{s:o, s:b}, s:{s:b}, s:{s:b}, s:{s:b}, s:{s:b}, s:{s:b}}", "url",
                  url, "required_signatures", "url", json_sprintf("%s/required_signatures", url), "enabled",
                  FALSE, "enforce_admins", "url", json_sprintf("%s/enforce_admins", url), "enabled", FALSE,
                  "required_linear_history", "enabled", FALSE, "allow_force_pushes", "enabled", FALSE,
                  "allow_deletions", "enabled", FALSE, "block_creations", "enabled", FALSE,
                  "required_conversation_resolution", "enabled", FALSE);
    if (json_is_object(protection)) {
        json_auto_t *stated = json_deep_copy(protection);
        json_object_update(object, stated);
    }
    expand_bypassing_users(context, object);
    return object;
}

const ObjectKind BRANCH_PROTECTION_KIND = {
    .name = "protection",
    .parent = "branches",
    .item_path = "branches/*/protection",
    .key = "name",
    .absent = "Branch not protected",
    .complete = complete,
};
