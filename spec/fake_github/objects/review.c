/* Reviews of pull requests. */
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const char *repository = repository_full_name(context->repository);
    json_int_t number = object_parent_number(context);
    json_int_t id = object_review_id(context, description);
    g_autofree char *web = object_parent_web_url(context);
    g_autofree char *head_name = g_strdup_printf("pull/%d/head", (int)number);
    g_autofree char *head = repository_sha(context->repository, head_name);

    json_t *object = json_pack(
        "{s:I, s:o, s:n, s:s, s:s, s:o, s:o, s:s, s:s, s:s}", "id", id, "node_id",
        json_sprintf("PRR_%" JSON_INTEGER_FORMAT, id), "user", "body", "", "state", "COMMENTED", "html_url",
        json_sprintf("%s#pullrequestreview-%" JSON_INTEGER_FORMAT, web, id), "pull_request_url",
        json_sprintf("%s/repos/%s/pulls/%" JSON_INTEGER_FORMAT, context->api_url, repository, number),
        "author_association", "CONTRIBUTOR", "submitted_at", "2015-01-01T00:00:00Z", "commit_id", head);
    object_override(context, object, description);
    json_object_set_new(object, "user", object_complete_user(context, json_object_get(description, "user")));
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    return generator_spread(generator->reviews, generator_pull_ordinal(generator, parent));
}

/* State by index: approved, changes requested, commented, dismissed. Approvals have no text. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    static const char *const STATES[] = {"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"};
    guint64 position = parent * 1000 + index;
    g_autofree char *body = generator_markdown(generator, "review", position);
    return json_pack("{s:o, s:s, s:s, s:o}", "user", generator_login(generator, "reviewer", position), "body",
                     index % 4 == 0 ? "" : body, "state", STATES[index % 4], "submitted_at",
                     generator_time(generator, parent, 900 + 60 * index));
}

const ObjectKind REVIEW_KIND = {
    .name = "reviews",
    .parent = "pulls",
    .list_path = "pulls/*/reviews",
    .key = "id",
    .count = count,
    .generate = generate,
    .complete = complete,
};
