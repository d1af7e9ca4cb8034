#include "spec/fake_github/collection.h"
#include "spec/fake_github/objects/object.h"

static const ObjectSort SORTS[] = {{"due_on", "due_on"}, {"completeness", "closed_issues"}, {NULL, NULL}};

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const char *repository = repository_full_name(context->repository);
    json_int_t number = json_integer_value(json_object_get(description, "number"));
    json_int_t id = object_id(repository, "milestone", number);
    g_autofree char *url =
        g_strdup_printf("%s/repos/%s/milestones/%d", context->api_url, repository, (int)number);

    json_t *object = json_pack(
        "{s:s, s:o, s:o, s:I, s:o, s:I, s:s, s:n, s:n, s:i, s:i, s:s, s:s, s:s, s:n, s:n}", "url", url,
        "html_url", json_sprintf("%s/%s/milestone/%d", context->web_url, repository, (int)number),
        "labels_url", json_sprintf("%s/labels", url), "id", id, "node_id",
        json_sprintf("MI_%" JSON_INTEGER_FORMAT, id), "number", number, "title", "", "description", "creator",
        "open_issues", 0, "closed_issues", 0, "state", "open", "created_at", "2015-01-01T00:00:00Z",
        "updated_at", "2015-01-01T00:00:00Z", "due_on", "closed_at");
    object_override(context, object, description);
    json_object_set_new(object, "creator",
                        object_complete_user(context, json_object_get(description, "creator")));
    return object;
}

json_t *object_complete_milestone(const ObjectContext *context, const json_t *milestone)
{
    if (milestone == NULL || json_is_null(milestone)) {
        return json_null();
    }
    if (json_is_object(milestone)) {
        return complete(context, milestone, FALSE);
    }
    g_autofree char *number = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(milestone));
    json_auto_t *known = repository_find(context->repository, &MILESTONE_KIND, number);
    json_auto_t *description =
        known != NULL ? json_incref(known) : json_pack("{s:O}", "number", (json_t *)milestone);
    return complete(context, description, FALSE);
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return generator->milestones;
}

/* Every third is closed, every second has no due date, every fourth no description. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    (void)parent;
    guint number = index + 1;
    gboolean closed = number % 3 == 0;
    g_autofree char *words = generator_words(generator, "milestone", number, 2);
    g_autofree char *text = generator_markdown(generator, "milestone", number);
    return json_pack("{s:i, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "number", (int)number, "title",
                     json_sprintf("Milestone %u: %s", number, words), "description",
                     number % 4 == 0 ? json_null() : json_string(text), "state", closed ? "closed" : "open",
                     "creator", generator_login(generator, "milestone creator", number), "created_at",
                     generator_time(generator, number, 0), "updated_at",
                     generator_time(generator, number + 48, 30), "due_on",
                     number % 2 == 0 ? json_null()
                                     : generator_time(generator, (guint64)(number + 30) * 24, 7 * 3600),
                     "closed_at", closed ? generator_time(generator, number + 48, 30) : json_null());
}

static gint64 locate(const Generator *generator, const char *key)
{
    return (gint64)generator_ordinal(key, generator->milestones) - 1;
}

const ObjectKind MILESTONE_KIND = {
    .name = "milestones",
    .list_path = "milestones",
    .item_path = "milestones/*",
    .key = "number",
    .has_state = TRUE,
    .sorts = SORTS,
    .count = count,
    .generate = generate,
    .locate = locate,
    .complete = complete,
};

json_t *object_generate_milestone(const Generator *generator, guint64 number)
{
    if (generator->milestones == 0 || number % 3 != 0) {
        return json_null();
    }
    return json_integer(generator_number(generator, "issue milestone", number, generator->milestones) + 1);
}
