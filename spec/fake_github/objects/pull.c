#include <string.h>

#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/nasty.h"
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/pull_plan.h"
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
    json_object_set_new(object, "requested_teams",
                        object_complete_teams(context, json_object_get(description, "requested_teams")));
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
        "{s:I, s:o, s:I, s:s, s:b, s:s, s:n, s:n, s:s, s:s, s:n, s:n, s:n, s:b, s:s, s:n, s:n}", "id", id,
        "node_id", json_sprintf("PR_%" JSON_INTEGER_FORMAT, id), "number", number, "state", "open", "locked",
        FALSE, "title", "", "user", "body", "created_at", "2015-01-01T00:00:00Z", "updated_at",
        "2015-01-01T00:00:00Z", "closed_at", "merged_at", "merge_commit_sha", "draft", FALSE,
        "author_association", "CONTRIBUTOR", "auto_merge", "active_lock_reason");
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

enum { LONGEST_TITLE = 256 /* GitHub's; GitLab's is one less */, LATER = 100 * 366 * 24 /* hours */ };

/* Every 37th has a title as long as GitHub allows. */
static json_t *generate_title(const Generator *generator, const PullPlan *plan)
{
    json_t *nasty = nasty_issue_title(generator, plan->number);
    if (nasty != NULL) {
        return nasty;
    }
    gboolean longest = plan->ordinal % 37 == 0;
    g_autofree char *text = generator_words(generator, "pull title", plan->number, longest ? 60 : 4);
    g_autofree char *title = g_strdup_printf("Pull request %d: %s", (int)plan->number, text);
    return json_stringn(title, MIN(strlen(title), LONGEST_TITLE));
}

static json_t *generate_body(const Generator *generator, guint64 number)
{
    json_t *nasty = nasty_issue_body(generator, number);
    if (nasty != NULL) {
        return attached_files_in(generator, IN_BODY, number, nasty);
    }
    g_autofree char *text = generator_markdown(generator, "pull", number);
    return attached_files_in(generator, IN_BODY, number, number % 17 == 0 ? json_null() : json_string(text));
}

static json_t *new_side(const Generator *generator, guint64 number, const char *name)
{
    json_t *sha = generator_sha(generator, number, name);
    return json_pack("{s:o*}", "sha", sha);
}

static void add_fork(const Generator *generator, const PullPlan *plan, json_t *head)
{
    if (plan->origin == PULL_ACCOUNT_GONE) {
        json_object_set_new(head, "user", json_null());
    } else {
        json_object_set_new(head, "user", generator_login(generator, "fork owner", plan->number));
    }
    const char *owner = json_string_value(json_object_get(head, "user"));
    json_object_set_new(head, "repo",
                        plan->origin == PULL_FORK ? json_sprintf("%s/fork", owner) : json_null());
}

static json_t *generate_head(const Generator *generator, const PullPlan *plan)
{
    json_t *head = new_side(generator, plan->number, "head");
    if (plan->origin != PULL_OWN_BRANCH) {
        add_fork(generator, plan, head);
    }
    if (!plan->same_name) {
        g_autofree char *branch = pull_plan_branch(plan->ordinal, plan->number);
        json_object_set_new(head, "ref", json_string(branch));
    }
    return head;
}

static json_t *generate_base(const Generator *generator, const PullPlan *plan)
{
    json_t *base = new_side(generator, plan->number, "base");
    if (plan->below_number > 0) {
        g_autofree char *branch = pull_plan_branch(plan->ordinal - 1, plan->below_number);
        json_object_set_new(base, "ref", json_string(branch));
    }
    return base;
}

/* Every fifth has one or two. */
static json_t *generate_assignees(const Generator *generator, guint64 number)
{
    json_t *assignees = json_array();
    guint count = number % 5 == 0 ? 1 + (guint)(number / 5 % 2) : 0;
    for (guint i = 0; i < count; i++) {
        json_array_append_new(assignees, generator_login(generator, "pull assignee", number * 2 + i));
    }
    return assignees;
}

/* Every sixth has one or two, every ninth a team. */
static void add_requested_reviewers(const Generator *generator, const PullPlan *plan, json_t *description)
{
    json_t *reviewers = json_array();
    guint count = plan->ordinal % 6 == 0 ? 1 + plan->ordinal / 6 % 2 : 0;
    for (guint i = 0; i < count; i++) {
        json_array_append_new(reviewers,
                              generator_login(generator, "requested reviewer", plan->number * 2 + i));
    }
    json_object_set_new(description, "requested_reviewers", reviewers);
    json_object_set_new(description, "requested_teams",
                        plan->ordinal % 9 == 0 ? json_pack("[s]", "pilots") : json_array());
}

static void add_times(const Generator *generator, const PullPlan *plan, json_t *description)
{
    guint64 later = plan->late ? LATER : 0;
    guint seconds = 3600 + generator_number(generator, "pull update", plan->number, 9000000);
    json_object_set_new(description, "created_at", generator_time(generator, plan->number, 0));
    json_object_set_new(description, "updated_at", generator_time(generator, plan->number + later, seconds));
    json_object_set_new(description, "closed_at",
                        plan->fate == PULL_OPEN ? json_null()
                                                : generator_time(generator, plan->number, 1800));
    if (plan->fate == PULL_MERGED) {
        json_object_set_new(description, "merged_at", generator_time(generator, plan->number, 1800));
        json_object_set_new(description, "merged_by", generator_merger(generator, plan->number));
    }
}

/* By number: as issues. For the rest see pull_plan.h. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    (void)parent;
    PullPlan plan = pull_plan(generator, index + 1);
    json_t *user =
        plan.number % 29 == 0 ? json_null() : generator_login(generator, "pull author", plan.number);
    json_t *description =
        json_pack("{s:I, s:o, s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i}", "number",
                  (json_int_t)plan.number, "title", generate_title(generator, &plan), "body",
                  generate_body(generator, plan.number), "state", plan.fate == PULL_OPEN ? "open" : "closed",
                  "draft", plan.draft, "user", user, "head", generate_head(generator, &plan), "base",
                  generate_base(generator, &plan), "labels", object_generate_labels(generator, plan.number),
                  "milestone", object_generate_milestone(generator, plan.number), "assignees",
                  generate_assignees(generator, plan.number), "comments",
                  (int)COMMENT_KIND.count(generator, plan.number), "review_comments",
                  (int)REVIEW_COMMENT_KIND.count(generator, plan.number));
    add_times(generator, &plan, description);
    add_requested_reviewers(generator, &plan, description);
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
