/* Reviews of pull requests. */
#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/nasty.h"
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

static gboolean is_pending(const json_t *object)
{
    return g_strcmp0(json_string_value(json_object_get(object, "state")), "PENDING") == 0;
}

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
    if (is_pending(object)) {
        json_object_del(object, "submitted_at");
    }
    json_object_set_new(object, "user", object_complete_user(context, json_object_get(description, "user")));
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    return generator_spread(generator->reviews, generator_pull_ordinal(generator, parent));
}

/* Every 31st of a repository, roughly, has a deleted author: none, or "ghost". */
static json_t *generate_author(const Generator *generator, guint64 position)
{
    if (position % 31 == 0) {
        return position % 2 == 0 ? json_null() : json_string("ghost");
    }
    return generator_login(generator, "reviewer", position);
}

/* In turn: three texts, none, an empty one, a blank one, a text. */
static json_t *generate_text(const Generator *generator, guint64 parent, guint index)
{
    g_autofree char *text = generator_markdown(generator, "review", parent * 1000 + index);
    switch ((parent + index) % 7) {
    case 3:
        return json_null();
    case 4:
        return json_string("");
    case 5:
        return json_string(" \r\n\t ");
    default:
        return json_string(text);
    }
}

static json_t *generate_body(const Generator *generator, guint64 parent, guint index)
{
    json_t *nasty = nasty_comment_body(generator, parent, index);
    if (nasty != NULL) {
        return nasty;
    }
    json_t *text = generate_text(generator, parent, index);
    return index == 0 ? attached_files_in(generator, IN_REVIEW, parent, text) : text;
}

/* The state goes by the pull request's ordinal and the review's index. A pending review was not submitted. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    static const char *const STATES[] = {"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED",
                                         "PENDING"};
    guint turn = generator_pull_ordinal(generator, parent) + index;
    json_t *description =
        json_pack("{s:o, s:o, s:s}", "user", generate_author(generator, parent * 1000 + index), "body",
                  generate_body(generator, parent, index), "state", STATES[turn % G_N_ELEMENTS(STATES)]);
    if (!is_pending(description)) {
        json_object_set_new(description, "submitted_at", generator_time(generator, parent, 900 + 60 * index));
    }
    return description;
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
