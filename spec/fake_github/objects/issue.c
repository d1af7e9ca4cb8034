#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/nasty.h"
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

static const ObjectSort SORTS[] = {
    {"created", NULL}, {"updated", "updated_at"}, {"comments", "comments"}, {NULL, NULL}};

static void add_urls(const ObjectContext *context, json_t *object, int number, gboolean pull)
{
    const char *repository = repository_full_name(context->repository);
    g_autofree char *url = g_strdup_printf("%s/repos/%s/issues/%d", context->api_url, repository, number);
    json_object_set_new(object, "url", json_string(url));
    json_object_set_new(object, "repository_url", json_sprintf("%s/repos/%s", context->api_url, repository));
    json_object_set_new(object, "labels_url", json_sprintf("%s/labels{/name}", url));
    json_object_set_new(object, "comments_url", json_sprintf("%s/comments", url));
    json_object_set_new(object, "events_url", json_sprintf("%s/events", url));
    json_object_set_new(object, "timeline_url", json_sprintf("%s/timeline", url));
    json_object_set_new(
        object, "html_url",
        json_sprintf("%s/%s/%s/%d", context->web_url, repository, pull ? "pull" : "issues", number));
}

static void expand_members(const ObjectContext *context, json_t *object, const json_t *description)
{
    const json_t *assignees = json_object_get(description, "assignees");
    json_object_set_new(object, "user", object_complete_user(context, json_object_get(description, "user")));
    json_object_set_new(object, "labels",
                        object_complete_labels(context, json_object_get(description, "labels")));
    json_object_set_new(object, "assignees", object_complete_users(context, assignees));
    json_object_set_new(object, "assignee", object_complete_user(context, json_array_get(assignees, 0)));
    json_object_set_new(object, "milestone",
                        object_complete_milestone(context, json_object_get(description, "milestone")));
}

/* Members of a description, an issue's or a pull request's, that are not members of the issue. */
static void drop_other_members(json_t *object)
{
    static const char *const MEMBERS[] = {"head",
                                          "base",
                                          "merged_at",
                                          "merged_by",
                                          "merge_commit_sha",
                                          "reviews",
                                          "review_comments",
                                          "timeline",
                                          "requested_reviewers"};
    for (gsize i = 0; i < G_N_ELEMENTS(MEMBERS); i++) {
        json_object_del(object, MEMBERS[i]);
    }
}

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    json_int_t number = json_integer_value(json_object_get(description, "number"));
    json_int_t id = object_id(repository_full_name(context->repository), "issue", number);
    gboolean pull = object_is_pull_request(description);
    json_t *object = json_object();

    add_urls(context, object, (int)number, pull);
    json_auto_t *defaults = json_pack(
        "{s:I, s:o, s:I, s:s, s:n, s:[], s:s, s:b, s:n, s:[], s:n, s:i, s:s, s:s, s:n, s:s, s:n, s:n,"
        " s:n, s:n}",
        "id", id, "node_id", json_sprintf("I_%" JSON_INTEGER_FORMAT, id), "number", number, "title", "",
        "user", "labels", "state", "open", "locked", FALSE, "assignee", "assignees", "milestone", "comments",
        0, "created_at", "2015-01-01T00:00:00Z", "updated_at", "2015-01-01T00:00:00Z", "closed_at",
        "author_association", "CONTRIBUTOR", "active_lock_reason", "body", "performed_via_github_app",
        "state_reason");
    json_object_update(object, defaults);
    object_override(context, object, description);
    expand_members(context, object, description);
    drop_other_members(object);
    json_object_set_new(object, "comments", object_count_of(description, "comments"));
    if (pull) {
        json_object_set_new(object, "pull_request", object_pull_request_links(context, description));
    }
    if (single) {
        json_object_set_new(object, "closed_by", json_null());
    }
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return generator->issues + generator->pulls;
}

static json_t *generate_title(const Generator *generator, guint64 number)
{
    json_t *nasty = nasty_issue_title(generator, number);
    if (nasty != NULL) {
        return nasty;
    }
    guint words = number % 97 == 0 ? 60 : 5;
    g_autofree char *text = generator_words(generator, "issue title", number, words);
    return json_sprintf("Issue %d: %s", (int)number, text);
}

static json_t *generate_body(const Generator *generator, guint64 number)
{
    json_t *nasty = nasty_issue_body(generator, number);
    if (nasty != NULL) {
        return attached_files_in(generator, IN_BODY, number, nasty);
    }
    g_autofree char *text = generator_markdown(generator, "issue", number);
    return attached_files_in(generator, IN_BODY, number, number % 17 == 0 ? json_null() : json_string(text));
}

static json_t *generate_assignees(const Generator *generator, guint64 number)
{
    json_t *assignees = json_array();
    guint count = number % 5 == 0 ? 1 + (guint)(number / 5 % 3) : 0;
    for (guint i = 0; i < count; i++) {
        json_array_append_new(assignees, generator_login(generator, "issue assignee", number * 3 + i));
    }
    return assignees;
}

/* By number: every second is closed, every third has a milestone, every fifth one to three assignees, number
 * mod 4 labels, every 17th no body, every 29th a deleted author, every 97th a title over 255 characters. */
static json_t *generate_issue(const Generator *generator, guint64 number)
{
    gboolean closed = number % 2 == 0;
    return json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i}", "number",
                     (json_int_t)number, "title", generate_title(generator, number), "body",
                     generate_body(generator, number), "state", closed ? "closed" : "open", "user",
                     number % 29 == 0 ? json_null() : generator_login(generator, "issue author", number),
                     "labels", object_generate_labels(generator, number), "assignees",
                     generate_assignees(generator, number), "milestone",
                     object_generate_milestone(generator, number), "created_at",
                     generator_time(generator, number, 0), "updated_at",
                     generator_time(generator, number,
                                    3600 + generator_number(generator, "issue update", number, 9000000)),
                     "closed_at", closed ? generator_time(generator, number, 1800) : json_null(), "comments",
                     (int)COMMENT_KIND.count(generator, number));
}

static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    guint64 number = (guint64)index + 1;
    guint ordinal = generator_pull_ordinal(generator, number);
    return ordinal > 0 ? PULL_KIND.generate(generator, parent, ordinal - 1)
                       : generate_issue(generator, number);
}

static gint64 locate(const Generator *generator, const char *key)
{
    return (gint64)generator_ordinal(key, count(generator, 0)) - 1;
}

const ObjectKind ISSUE_KIND = {
    .name = "issues",
    .list_path = "issues",
    .item_path = "issues/*",
    .key = "number",
    .has_state = TRUE,
    .newest_first = TRUE,
    .sorts = SORTS,
    .count = count,
    .generate = generate,
    .locate = locate,
    .complete = complete,
};
