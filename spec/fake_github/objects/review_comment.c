/* Review comments on pull requests: GitLab's diff notes. */
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/objects/review_thread.h"
#include "spec/fake_github/repository.h"

static const char HUNK[] = "@@ -1,2 +1,3 @@\n context before\n+added line\n context after";

static json_int_t id_at(const ObjectContext *context, guint index)
{
    return object_id(repository_full_name(context->repository), "review comment",
                     object_parent_number(context) * 1000 + index + 1);
}

/* "reply_to" in a description is the index of another comment of the same pull request. */
static void add_reply(const ObjectContext *context, json_t *object, const json_t *description)
{
    const json_t *reply_to = json_object_get(description, "reply_to");
    if (json_is_integer(reply_to)) {
        json_object_del(object, "reply_to");
        json_object_set_new(object, "in_reply_to_id",
                            json_integer(id_at(context, (guint)json_integer_value(reply_to))));
    }
}

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const char *repository = repository_full_name(context->repository);
    json_int_t number = object_parent_number(context);
    json_int_t id = id_at(context, context->index);
    g_autofree char *api = g_strdup_printf("%s/repos/%s/pulls", context->api_url, repository);
    g_autofree char *web = object_parent_web_url(context);
    g_autofree char *head_name = g_strdup_printf("pull/%d/head", (int)number);
    g_autofree char *head = repository_sha(context->repository, head_name);

    json_t *object = json_pack(
        "{s:o, s:n, s:I, s:o, s:s, s:s, s:s, s:s, s:n, s:s, s:s, s:s, s:o, s:o, s:s, s:n, s:n, s:i, s:i,"
        " s:s, s:i, s:i, s:s}",
        "url", json_sprintf("%s/comments/%" JSON_INTEGER_FORMAT, api, id), "pull_request_review_id", "id", id,
        "node_id", json_sprintf("PRRC_%" JSON_INTEGER_FORMAT, id), "diff_hunk", HUNK, "path", "README.md",
        "commit_id", head, "original_commit_id", head, "user", "body", "", "created_at",
        "2015-01-01T00:00:00Z", "updated_at", "2015-01-01T00:00:00Z", "html_url",
        json_sprintf("%s#discussion_r%" JSON_INTEGER_FORMAT, web, id), "pull_request_url",
        json_sprintf("%s/%" JSON_INTEGER_FORMAT, api, number), "author_association", "CONTRIBUTOR",
        "start_line", "original_start_line", "line", 2, "original_line", 2, "side", "RIGHT", "position", 2,
        "original_position", 2, "subject_type", "line");
    object_override(context, object, description);
    add_reply(context, object, description);
    json_object_set_new(object, "user", object_complete_user(context, json_object_get(description, "user")));
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    return generator_spread(generator->review_comments, generator_pull_ordinal(generator, parent));
}

const ObjectKind REVIEW_COMMENT_KIND = {
    .name = "review_comments",
    .parent = "pulls",
    .list_path = "pulls/*/comments",
    .all_path = "pulls/comments",
    .key = "id",
    .count = count,
    .generate = review_thread_generate,
    .complete = complete,
};
