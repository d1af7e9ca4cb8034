#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

static const ObjectSort SORTS[] = {{"created", NULL},
                                   {"updated", "updated_at"},
                                   {"popularity", "comments"},
                                   {"long-running", NULL},
                                   {NULL, NULL}};

json_t *object_pull_request_links(const ObjectContext *context, const json_t *description)
{
    const char *repository = repository_full_name(context->repository);
    int number = (int)json_integer_value(json_object_get(description, "number"));
    const json_t *merged_at = json_object_get(description, "merged_at");
    return json_pack("{s:o, s:o, s:o, s:o, s:O?}", "url",
                     json_sprintf("%s/repos/%s/pulls/%d", context->api_url, repository, number), "html_url",
                     json_sprintf("%s/%s/pull/%d", context->web_url, repository, number), "diff_url",
                     json_sprintf("%s/%s/pull/%d.diff", context->web_url, repository, number), "patch_url",
                     json_sprintf("%s/%s/pull/%d.patch", context->web_url, repository, number), "merged_at",
                     (json_t *)merged_at);
}

static void add_urls(const ObjectContext *context, json_t *object, int number)
{
    const char *repository = repository_full_name(context->repository);
    g_autofree char *api = g_strdup_printf("%s/repos/%s", context->api_url, repository);
    g_autofree char *web = g_strdup_printf("%s/%s/pull/%d", context->web_url, repository, number);
    json_object_set_new(object, "url", json_sprintf("%s/pulls/%d", api, number));
    json_object_set_new(object, "html_url", json_string(web));
    json_object_set_new(object, "diff_url", json_sprintf("%s.diff", web));
    json_object_set_new(object, "patch_url", json_sprintf("%s.patch", web));
    json_object_set_new(object, "issue_url", json_sprintf("%s/issues/%d", api, number));
    json_object_set_new(object, "commits_url", json_sprintf("%s/pulls/%d/commits", api, number));
    json_object_set_new(object, "review_comments_url", json_sprintf("%s/pulls/%d/comments", api, number));
    json_object_set_new(object, "review_comment_url", json_sprintf("%s/pulls/comments{/number}", api));
    json_object_set_new(object, "comments_url", json_sprintf("%s/issues/%d/comments", api, number));
    json_object_set_new(object, "statuses_url", json_sprintf("%s/statuses/{sha}", api));
}

/* The repository of one side of a pull request: "repo" is absent for this repository, null for a
 * deleted fork, or the full name of a fork. */
static json_t *side_repository(const ObjectContext *context, const json_t *side)
{
    const json_t *repo = json_object_get(side, "repo");
    if (repo == NULL) {
        return object_base_repository(context);
    }
    if (json_is_null(repo)) {
        return json_null();
    }
    json_auto_t *description = json_is_string(repo)
                                   ? json_pack("{s:O, s:b}", "full_name", (json_t *)repo, "fork", TRUE)
                                   : json_incref((json_t *)repo);
    g_autoptr(Repository) fork = repository_new(description, NULL, NULL);
    return object_complete_repository(context, fork);
}

/* sides: "head" or "base". A sha that the description does not state comes from the Git repository. */
static json_t *complete_side(const ObjectContext *context, const json_t *description, const char *name)
{
    const json_t *side = json_object_get(description, name);
    json_auto_t *repo = side_repository(context, side);
    const json_t *user = json_object_get(side, "user");
    json_auto_t *owner =
        user != NULL ? object_complete_user(context, user) : json_incref(json_object_get(repo, "owner"));
    const char *ref = json_string_value(json_object_get(side, "ref"));
    if (ref == NULL) {
        ref = repository_default_branch(context->repository);
    }
    const char *sha = json_string_value(json_object_get(side, "sha"));
    g_autofree char *ref_name =
        g_strdup_printf("pull/%d/%s", (int)json_integer_value(json_object_get(description, "number")), name);
    g_autofree char *known_sha = sha != NULL ? g_strdup(sha) : repository_sha(context->repository, ref_name);
    const char *login = json_string_value(json_object_get(owner, "login"));

    return json_pack("{s:o, s:s, s:s, s:O?, s:O?}", "label",
                     json_sprintf("%s:%s", login != NULL ? login : "unknown", ref), "ref", ref, "sha",
                     known_sha, "user", owner, "repo", repo);
}

static void expand_members(const ObjectContext *context, json_t *object, const json_t *description)
{
    const json_t *assignees = json_object_get(description, "assignees");
    json_object_set_new(object, "user", object_complete_user(context, json_object_get(description, "user")));
    json_object_set_new(object, "labels",
                        object_complete_labels(context, json_object_get(description, "labels")));
    json_object_set_new(object, "assignees", object_complete_users(context, assignees));
    json_object_set_new(object, "assignee", object_complete_user(context, json_array_get(assignees, 0)));
    json_object_set_new(object, "requested_reviewers",
                        object_complete_users(context, json_object_get(description, "requested_reviewers")));
    json_object_set_new(object, "milestone",
                        object_complete_milestone(context, json_object_get(description, "milestone")));
    json_object_set_new(object, "head", complete_side(context, description, "head"));
    json_object_set_new(object, "base", complete_side(context, description, "base"));
}

/* Members that only the answer for one pull request has. */
static void add_single_members(const ObjectContext *context, json_t *object, const json_t *description)
{
    gboolean merged = json_is_string(json_object_get(description, "merged_at"));
    json_auto_t *members =
        json_pack("{s:b, s:n, s:n, s:s, s:o, s:o, s:o, s:b, s:i, s:i, s:i, s:i}", "merged", merged,
                  "mergeable", "rebaseable", "mergeable_state", "unknown", "merged_by",
                  object_complete_user(context, json_object_get(description, "merged_by")), "comments",
                  object_count_of(description, "comments"), "review_comments",
                  object_count_of(description, "review_comments"), "maintainer_can_modify", FALSE, "commits",
                  1, "additions", 1, "deletions", 0, "changed_files", 1);
    json_object_update(object, members);
}

static void drop_list_members(json_t *object)
{
    static const char *const MEMBERS[] = {"merged_by", "comments", "review_comments", "reviews", "timeline"};
    for (gsize i = 0; i < G_N_ELEMENTS(MEMBERS); i++) {
        json_object_del(object, MEMBERS[i]);
    }
}

static void add_merge_commit(const ObjectContext *context, json_t *object, int number)
{
    if (json_is_string(json_object_get(object, "merged_at")) &&
        json_is_null(json_object_get(object, "merge_commit_sha"))) {
        g_autofree char *name = g_strdup_printf("pull/%d/merge", number);
        g_autofree char *sha = repository_sha(context->repository, name);
        json_object_set_new(object, "merge_commit_sha", json_string(sha));
    }
}

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    json_int_t number = json_integer_value(json_object_get(description, "number"));
    json_int_t id = object_id(repository_full_name(context->repository), "pull", number);
    json_t *object = json_object();

    add_urls(context, object, (int)number);
    json_auto_t *defaults = json_pack(
        "{s:I, s:o, s:I, s:s, s:b, s:s, s:n, s:n, s:s, s:s, s:n, s:n, s:n, s:[], s:b, s:s, s:n, s:n}", "id",
        id, "node_id", json_sprintf("PR_%" JSON_INTEGER_FORMAT, id), "number", number, "state", "open",
        "locked", FALSE, "title", "", "user", "body", "created_at", "2015-01-01T00:00:00Z", "updated_at",
        "2015-01-01T00:00:00Z", "closed_at", "merged_at", "merge_commit_sha", "requested_teams", "draft",
        FALSE, "author_association", "CONTRIBUTOR", "auto_merge", "active_lock_reason");
    json_object_update(object, defaults);
    object_override(context, object, description);
    drop_list_members(object);
    expand_members(context, object, description);
    add_merge_commit(context, object, (int)number);
    if (single) {
        add_single_members(context, object, description);
    }
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return generator->pulls;
}

static json_t *generate_title(const Generator *generator, guint64 number)
{
    g_autofree char *text = generator_words(generator, "pull title", number, 4);
    return json_sprintf("Pull request %d: %s", (int)number, text);
}

/* Every seventh comes from a fork; every 23rd from a fork that was deleted since. */
static json_t *generate_head(const Generator *generator, guint ordinal, guint64 number)
{
    json_t *head = json_pack("{s:o}", "ref", json_sprintf("topic-%d", (int)number));
    if (ordinal % 23 == 0) {
        json_object_set_new(head, "repo", json_null());
        json_object_set_new(head, "user", json_null());
    } else if (ordinal % 7 == 0) {
        json_auto_t *login = generator_login(generator, "fork owner", number);
        json_object_set_new(head, "repo", json_sprintf("%s/fork", json_string_value(login)));
    }
    return head;
}

static void add_merge(const Generator *generator, json_t *description, guint64 number)
{
    json_object_set_new(description, "merged_at", generator_time(generator, number, 1800));
    json_object_set_new(description, "merged_by", generator_login(generator, "merger", number));
}

/* By ordinal modulo 10: 1 to 6 merged, 7 and 8 closed, 9 an open draft, 0 open. By number: as issues. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    (void)parent;
    guint ordinal = index + 1;
    guint64 number = generator_pull_number(generator, ordinal);
    guint fate = ordinal % 10;
    gboolean merged = fate >= 1 && fate <= 6;
    gboolean open = fate == 9 || fate == 0;
    g_autofree char *body = generator_markdown(generator, "pull", number);
    json_t *description = json_pack(
        "{s:I, s:o, s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "number", (json_int_t)number, "title",
        generate_title(generator, number), "body", number % 17 == 0 ? json_null() : json_string(body),
        "state", open ? "open" : "closed", "draft", fate == 9, "user",
        number % 29 == 0 ? json_null() : generator_login(generator, "pull author", number), "head",
        generate_head(generator, ordinal, number), "base", json_object(), "created_at",
        generator_time(generator, number, 0), "updated_at",
        generator_time(generator, number, 3600 + generator_number(generator, "pull update", number, 9000000)),
        "closed_at", open ? json_null() : generator_time(generator, number, 1800));
    if (merged) {
        add_merge(generator, description, number);
    }
    json_object_set_new(description, "comments", json_integer(COMMENT_KIND.count(generator, number)));
    json_object_set_new(description, "review_comments",
                        json_integer(REVIEW_COMMENT_KIND.count(generator, number)));
    if (ordinal % 6 == 0) {
        json_auto_t *reviewer = generator_login(generator, "requested reviewer", number);
        json_object_set_new(description, "requested_reviewers", json_pack("[O]", reviewer));
    }
    if (number % 5 == 0) {
        json_auto_t *assignee = generator_login(generator, "pull assignee", number);
        json_object_set_new(description, "assignees", json_pack("[O]", assignee));
    }
    return description;
}

static gint64 locate(const Generator *generator, const char *key)
{
    guint number = generator_ordinal(key, generator->issues + generator->pulls);
    return (gint64)generator_pull_ordinal(generator, number) - 1;
}

const ObjectKind PULL_KIND = {
    .name = "pulls",
    .list_path = "pulls",
    .item_path = "pulls/*",
    .key = "number",
    .has_state = TRUE,
    .newest_first = TRUE,
    .sorts = SORTS,
    .count = count,
    .generate = generate,
    .locate = locate,
    .complete = complete,
};
