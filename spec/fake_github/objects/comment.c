/* Comments on issues and pull requests. */
#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/nasty.h"
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const char *repository = repository_full_name(context->repository);
    json_int_t number = object_parent_number(context);
    json_int_t id = object_comment_id(context, description);
    g_autofree char *api = g_strdup_printf("%s/repos/%s/issues", context->api_url, repository);
    g_autofree char *web = object_parent_web_url(context);

    json_t *object = json_pack("{s:o, s:o, s:o, s:I, s:o, s:n, s:s, s:s, s:s, s:s, s:n}", "url",
                               json_sprintf("%s/comments/%" JSON_INTEGER_FORMAT, api, id), "html_url",
                               json_sprintf("%s#issuecomment-%" JSON_INTEGER_FORMAT, web, id), "issue_url",
                               json_sprintf("%s/%" JSON_INTEGER_FORMAT, api, number), "id", id, "node_id",
                               json_sprintf("IC_%" JSON_INTEGER_FORMAT, id), "user", "created_at",
                               "2015-01-01T00:00:00Z", "updated_at", "2015-01-01T00:00:00Z",
                               "author_association", "CONTRIBUTOR", "body", "", "performed_via_github_app");
    object_override(context, object, description);
    json_object_set_new(object, "user", object_complete_user(context, json_object_get(description, "user")));
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    return generator_spread(generator->comments, parent);
}

/* Every 31st of a repository, roughly, has a deleted author: none, or "ghost". */
static json_t *generate_author(const Generator *generator, guint64 position)
{
    if (position % 31 == 0) {
        return position % 2 == 0 ? json_null() : json_string("ghost");
    }
    return generator_login(generator, "comment author", position);
}

static json_t *generate_body(const Generator *generator, guint64 parent, guint index)
{
    json_t *nasty = nasty_comment_body(generator, parent, index);
    if (nasty != NULL) {
        return nasty;
    }
    g_autofree char *text = generator_markdown(generator, "comment", parent * 1000 + index);
    return index == 0 ? attached_files_in(generator, IN_COMMENT, parent, json_string(text))
                      : json_string(text);
}

static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    guint64 seconds = 60 * ((guint64)index + 1);
    return json_pack("{s:o, s:o, s:o, s:o}", "user", generate_author(generator, parent * 1000 + index),
                     "body", generate_body(generator, parent, index), "created_at",
                     generator_time(generator, parent, seconds), "updated_at",
                     generator_time(generator, parent, seconds + index * 7));
}

const ObjectKind COMMENT_KIND = {
    .name = "comments",
    .parent = "issues",
    .list_path = "issues/*/comments",
    .all_path = "issues/comments",
    .key = "id",
    .count = count,
    .generate = generate,
    .complete = complete,
};
