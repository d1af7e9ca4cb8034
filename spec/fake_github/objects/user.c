#include "spec/fake_github/data_set.h"
#include "spec/fake_github/objects/object.h"

/* What is known about the user: the data set's entry, or the login alone. (transfer full) */
static json_t *user_description(const ObjectContext *context, const json_t *user)
{
    const char *login =
        json_is_string(user) ? json_string_value(user) : json_string_value(json_object_get(user, "login"));
    json_t *known = data_set_user(context->data, login);
    json_t *description = known != NULL ? known : json_pack("{s:s}", "login", login);
    if (json_object_get(description, "id") == NULL) {
        json_object_set_new(description, "id", json_integer(object_id("users", login, 0)));
    }
    if (json_is_object(user)) {
        json_object_update(description, (json_t *)user);
    }
    return description;
}

static void add_url(json_t *object, const char *member, const char *base, const char *login,
                    const char *suffix)
{
    json_object_set_new(object, member, json_sprintf("%s/%s%s", base, login, suffix));
}

static json_t *simple_user(const ObjectContext *context, const json_t *description)
{
    const char *login = json_string_value(json_object_get(description, "login"));
    const char *type = json_string_value(json_object_get(description, "type"));
    json_int_t id = json_integer_value(json_object_get(description, "id"));
    g_autofree char *users = g_strdup_printf("%s/users", context->api_url);
    json_t *user = json_pack("{s:s, s:I, s:o}", "login", login, "id", id, "node_id",
                             json_sprintf("U_%" JSON_INTEGER_FORMAT, id));

    json_object_set_new(user, "avatar_url",
                        json_sprintf("%s/avatars/u/%" JSON_INTEGER_FORMAT, context->web_url, id));
    json_object_set_new(user, "gravatar_id", json_string(""));
    add_url(user, "url", users, login, "");
    add_url(user, "html_url", context->web_url, login, "");
    add_url(user, "followers_url", users, login, "/followers");
    add_url(user, "following_url", users, login, "/following{/other_user}");
    add_url(user, "gists_url", users, login, "/gists{/gist_id}");
    add_url(user, "starred_url", users, login, "/starred{/owner}{/repo}");
    add_url(user, "subscriptions_url", users, login, "/subscriptions");
    add_url(user, "organizations_url", users, login, "/orgs");
    add_url(user, "repos_url", users, login, "/repos");
    add_url(user, "events_url", users, login, "/events{/privacy}");
    add_url(user, "received_events_url", users, login, "/received_events");
    json_object_set_new(user, "type", json_string(type != NULL ? type : "User"));
    json_object_set_new(user, "site_admin", json_false());
    return user;
}

/* The object of a user that is known by login alone. (transfer full) */
static json_t *user_by_login(const ObjectContext *context, const json_t *login)
{
    json_t *object = data_set_kept_user(context->data, context->api_url, json_string_value(login));
    if (object == NULL) {
        json_auto_t *description = user_description(context, login);
        object = simple_user(context, description);
        data_set_keep_user(context->data, context->api_url, json_string_value(login), object);
    }
    return object;
}

json_t *object_complete_user(const ObjectContext *context, const json_t *user)
{
    if (user == NULL || json_is_null(user)) {
        return json_null();
    }
    if (json_is_string(user)) {
        return user_by_login(context, user);
    }
    json_auto_t *description = user_description(context, user);
    return simple_user(context, description);
}

json_t *object_complete_users(const ObjectContext *context, const json_t *users)
{
    json_t *list = json_array();
    size_t index = 0;
    json_t *user = NULL;
    json_array_foreach (users, index, user) {
        json_array_append_new(list, object_complete_user(context, user));
    }
    return list;
}

json_t *object_complete_public_user(const ObjectContext *context, const json_t *user)
{
    json_auto_t *description = user_description(context, user);
    json_t *object = simple_user(context, description);
    json_auto_t *profile =
        json_pack("{s:n, s:n, s:s, s:n, s:n, s:n, s:n, s:n, s:i, s:i, s:i, s:i, s:s, s:s}", "name", "company",
                  "blog", "", "location", "email", "hireable", "bio", "twitter_username", "public_repos", 0,
                  "public_gists", 0, "followers", 0, "following", 0, "created_at", "2011-01-25T18:44:36Z",
                  "updated_at", "2024-01-25T18:44:36Z");
    json_object_update(object, profile);
    object_override(context, object, description);
    return object;
}
