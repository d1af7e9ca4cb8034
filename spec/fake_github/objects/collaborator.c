/* Collaborators. ?affiliation=direct lists the outside ones too, as GitHub does. */
#include <string.h>

#include "spec/fake_github/objects/object.h"

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    json_auto_t *user = object_complete_user(context, json_object_get(description, "login"));
    json_t *object = json_copy(user);
    const char *role = json_string_value(json_object_get(description, "role_name"));
    gboolean admin = g_strcmp0(role, "admin") == 0;
    gboolean maintain = admin || g_strcmp0(role, "maintain") == 0;
    gboolean push = maintain || g_strcmp0(role, "write") == 0;
    gboolean triage = push || g_strcmp0(role, "triage") == 0;
    json_object_set_new(object, "permissions",
                        json_pack("{s:b, s:b, s:b, s:b, s:b}", "admin", admin, "maintain", maintain, "push",
                                  push, "triage", triage, "pull", TRUE));
    json_object_set_new(object, "role_name", json_string("read"));
    object_override(context, object, description);
    json_object_del(object, "affiliation");
    return object;
}

static gboolean accepts(const json_t *description, const Request *request)
{
    const char *wanted = request_parameter(request, "affiliation");
    const char *own = json_string_value(json_object_get(description, "affiliation"));
    return wanted == NULL || strcmp(wanted, "outside") != 0 || g_strcmp0(own, "outside") == 0;
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return MIN(generator->collaborators, generator->users);
}

/* user-1 and so on; every fourth is an outside collaborator. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    static const char *const ROLES[] = {"admin", "maintain", "write", "triage", "read"};
    (void)generator;
    (void)parent;
    return json_pack("{s:o, s:s, s:s}", "login", json_sprintf("user-%u", index + 1), "role_name",
                     ROLES[index % 5], "affiliation", index % 4 == 3 ? "outside" : "direct");
}

const ObjectKind COLLABORATOR_KIND = {
    .name = "collaborators",
    .list_path = "collaborators",
    .key = "login",
    .accepts = accepts,
    .count = count,
    .generate = generate,
    .complete = complete,
};
