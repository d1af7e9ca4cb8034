#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

/* protection in a description: true, or the object that the protection endpoint answers. */
static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const char *repository = repository_full_name(context->repository);
    const char *name = json_string_value(json_object_get(description, "name"));
    const char *sha = json_string_value(json_object_get(description, "sha"));
    const json_t *protection = json_object_get(description, "protection");
    gboolean protected = json_is_true(protection) || json_is_object(protection);
    g_autofree char *ref_name = g_strdup_printf("heads/%s", name);
    g_autofree char *known_sha = sha != NULL ? g_strdup(sha) : repository_sha(context->repository, ref_name);
    g_autofree char *url = g_strdup_printf("%s/repos/%s", context->api_url, repository);

    return json_pack("{s:s, s:{s:s, s:o}, s:b, s:{s:b, s:{s:s, s:[], s:[]}}, s:o}", "name", name, "commit",
                     "sha", known_sha, "url", json_sprintf("%s/commits/%s", url, known_sha), "protected",
                     protected, "protection", "enabled", protected, "required_status_checks",
                     "enforcement_level", "off", "contexts", "checks", "protection_url",
                     json_sprintf("%s/branches/%s/protection", url, name));
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return generator->branches;
}

/* "main", then "branch-K"; main and every third are protected. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    (void)generator;
    (void)parent;
    return json_pack("{s:o, s:b}", "name",
                     index == 0 ? json_string("main") : json_sprintf("branch-%u", index), "protection",
                     index % 3 == 0);
}

const ObjectKind BRANCH_KIND = {
    .name = "branches",
    .list_path = "branches",
    .item_path = "branches/*",
    .key = "name",
    .count = count,
    .generate = generate,
    .complete = complete,
};
