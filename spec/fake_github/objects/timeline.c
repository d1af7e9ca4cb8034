/*
 * The timeline of an issue or pull request: its comments and reviews, and what happened to it.
 *
 * An entry of "timeline" in the data file is an event with "event" and any of: actor (login), label (name),
 * milestone (title), rename ({from, to}), assignee, requested_reviewer, review_requester (logins),
 * requested_team (name), source
 * (what refers to this one: the number of an issue or pull request, or one of another repository as
 * {"repository", "number", "pull_request": true or false}), sha (committed), body, state.
 */
#include <string.h>

#include "spec/fake_github/collection.h"
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/pull_plan.h"

/* --- From description to object --- */

static gboolean is_event(const json_t *description, const char *name)
{
    return g_strcmp0(json_string_value(json_object_get(description, "event")), name) == 0;
}

/* A comment or review is shown as such, with the event's name; a comment's author is its actor too. */
static json_t *complete_as(const ObjectContext *context, const ObjectKind *kind, const json_t *description)
{
    json_t *object = kind->complete(context, description, FALSE);
    json_object_del(object, "place");
    if (kind == &COMMENT_KIND) {
        json_object_set(object, "actor", json_object_get(object, "user"));
    } else {
        json_auto_t *state = json_incref(json_object_get(object, "state"));
        g_autofree char *lower_case = g_ascii_strdown(json_string_value(state), -1);
        json_object_set_new(object, "state", json_string(lower_case));
    }
    return object;
}

static json_t *complete_commit(const ObjectContext *context, const json_t *description)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "event", "committed", "sha", "", "message", "");
    object_override(context, object, description);
    return object;
}

static void expand_user(const ObjectContext *context, json_t *object, const char *member)
{
    json_auto_t *user = json_incref(json_object_get(object, member));
    if (user != NULL) {
        json_object_set_new(object, member, object_complete_user(context, user));
    }
}

static void expand_team(const ObjectContext *context, json_t *object)
{
    json_auto_t *team = json_incref(json_object_get(object, "requested_team"));
    if (team != NULL) {
        json_object_set_new(object, "requested_team", object_complete_team(context, team));
    }
}

static void expand_name(json_t *object, const char *member, const char *name_member)
{
    json_auto_t *name = json_incref(json_object_get(object, member));
    if (json_is_string(name)) {
        json_object_set_new(object, member, json_pack("{s:O}", name_member, name));
    }
}

/* (transfer full) NULL: there is no such issue. */
static json_t *own_source(const ObjectContext *context, const json_t *number)
{
    g_autofree char *key = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(number));
    json_auto_t *description = repository_find(context->repository, &ISSUE_KIND, key);
    if (description == NULL) {
        return NULL;
    }
    json_t *issue = ISSUE_KIND.complete(context, description, FALSE);
    json_object_set_new(issue, "repository", object_base_repository(context));
    return issue;
}

/* Of another repository no more is known than its name. (transfer full) */
static json_t *foreign_source(const ObjectContext *context, const json_t *source)
{
    const char *repository = json_string_value(json_object_get(source, "repository"));
    json_int_t number = json_integer_value(json_object_get(source, "number"));
    gboolean pull = json_is_true(json_object_get(source, "pull_request"));
    g_autofree char *url = g_strdup_printf("%s/repos/%s", context->api_url, repository);
    json_t *issue = json_pack(
        "{s:I, s:I, s:s, s:s, s:o, s:{s:I, s:s, s:b, s:s}}", "id", object_id(repository, "issue", number),
        "number", number, "title", "Elsewhere", "state", "open", "url",
        json_sprintf("%s/issues/%" JSON_INTEGER_FORMAT, url, number), "repository", "id",
        object_id("repositories", repository, 0), "full_name", repository, "private", FALSE, "url", url);
    if (pull) {
        json_object_set_new(
            issue, "pull_request",
            json_pack("{s:o}", "url", json_sprintf("%s/pulls/%" JSON_INTEGER_FORMAT, url, number)));
    }
    return issue;
}

/* The whole issue that refers to this one, with its repository. */
static void expand_source(const ObjectContext *context, json_t *object)
{
    json_auto_t *source = json_incref(json_object_get(object, "source"));
    if (source == NULL) {
        return;
    }
    json_t *issue = json_is_integer(source) ? own_source(context, source) : foreign_source(context, source);
    if (issue != NULL) {
        json_object_set_new(object, "source", json_pack("{s:s, s:o}", "type", "issue", "issue", issue));
    }
}

static json_t *complete_event(const ObjectContext *context, const json_t *description)
{
    static const char *const USERS[] = {"actor", "assignee", "requested_reviewer", "review_requester"};
    const char *repository = repository_full_name(context->repository);
    json_int_t id = object_id(repository, "event", object_parent_number(context) * 1000 + context->index + 1);
    json_t *object = json_pack(
        "{s:I, s:o, s:o, s:n, s:n, s:n, s:n, s:s}", "id", id, "node_id",
        json_sprintf("EV_%" JSON_INTEGER_FORMAT, id), "url",
        json_sprintf("%s/repos/%s/issues/events/%" JSON_INTEGER_FORMAT, context->api_url, repository, id),
        "actor", "event", "commit_id", "commit_url", "created_at", "2015-01-01T00:00:00Z");
    object_override(context, object, description);
    for (gsize i = 0; i < G_N_ELEMENTS(USERS); i++) {
        expand_user(context, object, USERS[i]);
    }
    expand_team(context, object);
    expand_name(object, "label", "name");
    expand_name(object, "milestone", "title");
    expand_source(context, object);
    if (is_event(description, "cross-referenced")) {
        json_object_del(object, "id");
    }
    return object;
}

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    if (is_event(description, "commented")) {
        return complete_as(context, &COMMENT_KIND, description);
    }
    if (is_event(description, "reviewed")) {
        return complete_as(context, &REVIEW_KIND, description);
    }
    if (is_event(description, "committed")) {
        return complete_commit(context, description);
    }
    return complete_event(context, description);
}

/* --- Stated objects without a timeline of their own --- */

static void append_as(json_t *timeline, const json_t *parent, const char *member, const char *event)
{
    size_t index = 0;
    json_t *description = NULL;
    json_array_foreach (json_object_get(parent, member), index, description) {
        json_t *entry = json_copy(description);
        json_object_set_new(entry, "event", json_string(event));
        json_object_set_new(entry, "place", json_integer((json_int_t)index));
        json_array_append_new(timeline, entry);
    }
}

static json_t *derive(const json_t *parent)
{
    json_t *timeline = json_array();
    append_as(timeline, parent, "comments", "commented");
    append_as(timeline, parent, "reviews", "reviewed");
    return timeline;
}

/*
 * --- Generated timelines: comments, reviews, the merge, then other events in turn ---
 *
 * Every fifth of the other events is one that an importer passes over.
 */

enum { PERIOD = 5 };

static json_t *generate_as(const Generator *generator, const ObjectKind *kind, guint64 parent, guint index,
                           const char *event)
{
    json_t *entry = kind->generate(generator, parent, index);
    json_object_set_new(entry, "event", json_string(event));
    json_object_set_new(entry, "place", json_integer(index));
    return entry;
}

static const char *const EVENTS[] = {
    "labeled",          "assigned",     "renamed",          "milestoned",
    "closed",           "reopened",     "unlabeled",        "unassigned",
    "cross-referenced", "demilestoned", "review_requested", "review_request_removed",
};

static const char *const PASSED_OVER[] = {
    "mentioned",        "subscribed",       "referenced",       "committed",        "locked",
    "head_ref_deleted", "review_dismissed", "ready_for_review", "convert_to_draft", "head_ref_force_pushed",
};

/* The last two happen to pull requests only. */
static guint event_choices(gboolean pull)
{
    return pull ? G_N_ELEMENTS(EVENTS) : G_N_ELEMENTS(EVENTS) - 2;
}

/* The last five happen to pull requests only. */
static guint passed_over_choices(gboolean pull)
{
    return pull ? G_N_ELEMENTS(PASSED_OVER) : G_N_ELEMENTS(PASSED_OVER) - 5;
}

/* Which event an index stands for; place: which one of its name's turn it is. */
static const char *event_at(guint64 parent, guint index, gboolean pull, guint64 *place)
{
    if (index % PERIOD == 0) {
        *place = parent + index / PERIOD;
        return PASSED_OVER[*place % passed_over_choices(pull)];
    }
    guint64 turn = parent + index - index / PERIOD - 1;
    *place = turn / event_choices(pull);
    return EVENTS[turn % event_choices(pull)];
}

static guint count_events(const Generator *generator, guint64 parent)
{
    guint taken = generator_spread(generator->events, parent);
    return taken + (taken + PERIOD - 2) / (PERIOD - 1);
}

/* Every 13th label and every 11th milestone have been deleted since. */
static void add_label(const Generator *generator, json_t *entry, guint64 position)
{
    if (position % 13 == 0) {
        json_object_set_new(entry, "label", json_string("deleted label"));
        return;
    }
    guint index = generator_number(generator, "event label", position, MAX(generator->labels, 1));
    json_auto_t *label = LABEL_KIND.generate(generator, 0, index);
    json_object_set(entry, "label", json_object_get(label, "name"));
}

static void add_milestone(const Generator *generator, json_t *entry, guint64 position)
{
    if (position % 11 == 0) {
        json_object_set_new(entry, "milestone", json_string("Deleted milestone"));
        return;
    }
    guint index = generator_number(generator, "event milestone", position, MAX(generator->milestones, 1));
    json_auto_t *milestone = MILESTONE_KIND.generate(generator, 0, index);
    json_object_set(entry, "milestone", json_object_get(milestone, "title"));
}

/* One to four words are another, some titles get longer, some have characters beyond ASCII. */
static void add_rename(const Generator *generator, json_t *entry, guint64 position)
{
    static const char *const TAILS[] = {"", " (again)", " für 30 °C", " 🚢🚢", " é"};
    g_autofree char *kept = generator_words(generator, "kept words", position, 3);
    g_autofree char *before = generator_words(generator, "old words", position, 1 + (guint)(position % 4));
    g_autofree char *after = generator_words(generator, "new words", position, 1 + (guint)(position / 4 % 4));
    const char *tail = TAILS[position % G_N_ELEMENTS(TAILS)];
    json_object_set_new(entry, "rename",
                        json_pack("{s:o, s:o}", "from", json_sprintf("%s: %s", before, kept), "to",
                                  json_sprintf("%s: %s%s", after, kept, tail)));
}

/* In turn: an issue or pull request of this repository, a pull request, something of another repository. */
static void add_source(const Generator *generator, json_t *entry, guint64 parent, guint64 position,
                       guint64 place)
{
    guint own = generator_number(generator, "source", position, (guint)parent) + 1;
    guint any =
        generator_number(generator, "source", position, 2 * (generator->issues + generator->pulls)) + 1;
    if (place % 3 == 0) {
        json_object_set_new(entry, "source", json_integer(own));
    } else if (place % 3 == 1 && generator->pulls > 0) {
        guint ordinal = generator_number(generator, "source pull", position, generator->pulls) + 1;
        json_object_set_new(entry, "source",
                            json_integer((json_int_t)generator_pull_number(generator, ordinal)));
    } else {
        json_object_set_new(entry, "source",
                            json_pack("{s:s, s:i, s:b}", "repository", "elsewhere/engine", "number", (int)any,
                                      "pull_request", place % 3 == 1));
    }
}

/* Every fourth is made of a team. */
static void add_request(const Generator *generator, json_t *entry, guint64 position)
{
    json_object_set_new(entry, "review_requester", generator_login(generator, "asking", position));
    if (position % 4 == 0) {
        json_object_set_new(entry, "requested_team", json_string("pilots"));
    } else {
        json_object_set_new(entry, "requested_reviewer", generator_login(generator, "asked", position));
    }
}

static void add_details(const Generator *generator, json_t *entry, const char *event, guint64 position)
{
    if (g_str_has_suffix(event, "labeled")) {
        add_label(generator, entry, position);
    } else if (g_str_has_suffix(event, "milestoned")) {
        add_milestone(generator, entry, position);
    } else if (g_str_has_suffix(event, "assigned")) {
        json_object_set_new(entry, "assignee", generator_login(generator, "event assignee", position));
    } else if (strcmp(event, "renamed") == 0) {
        add_rename(generator, entry, position);
    } else if (strcmp(event, "closed") == 0 && position % 7 == 0) {
        g_autofree char *sha = g_strdup_printf("%040" G_GINT64_MODIFIER "x", position);
        json_object_set_new(entry, "commit_id", json_string(sha));
    } else if (g_str_has_prefix(event, "review_request")) {
        add_request(generator, entry, position);
    }
}

/* Every 37th of a repository, roughly, was done by a deleted account. */
static json_t *generate_actor(const Generator *generator, guint64 position)
{
    if (position % 37 == 0) {
        return position % 2 == 0 ? json_null() : json_string("ghost");
    }
    return generator_login(generator, "actor", position);
}

static json_t *generate_event(const Generator *generator, guint64 parent, guint index, gboolean pull)
{
    guint64 position = parent * 1000 + index;
    guint64 place = 0;
    const char *event = event_at(parent, index, pull, &place);
    if (strcmp(event, "committed") == 0) {
        g_autofree char *sha = g_strdup_printf("%040" G_GINT64_MODIFIER "x", position);
        return json_pack("{s:s, s:s}", "event", event, "sha", sha);
    }
    json_t *entry = json_pack("{s:s, s:o, s:o}", "event", event, "actor", generate_actor(generator, position),
                              "created_at", generator_time(generator, parent, 2000 + 60 * (guint64)index));
    if (strcmp(event, "cross-referenced") == 0) {
        add_source(generator, entry, parent, position, place);
    } else {
        add_details(generator, entry, event, position);
    }
    return entry;
}

static guint count_merges(const Generator *generator, guint ordinal)
{
    return ordinal > 0 && pull_plan(generator, ordinal).fate == PULL_MERGED ? 1 : 0;
}

static json_t *generate_merge(const Generator *generator, guint64 parent)
{
    return json_pack("{s:s, s:o, s:o, s:o*}", "event", "merged", "actor", generator_merger(generator, parent),
                     "created_at", generator_time(generator, parent, 1800), "commit_id",
                     generator_sha(generator, parent, "merge"));
}

/* How many entries of each sort one object has. */
typedef struct {
    guint comments;
    guint reviews;
    guint merges;
    guint events;
} Layout;

static Layout layout(const Generator *generator, guint64 parent)
{
    guint ordinal = generator_pull_ordinal(generator, parent);
    gboolean has_events = generator->events > 0 || generator->comments > 0 || generator->reviews > 0 ||
                          generator->review_comments > 0;
    return (Layout){.comments = COMMENT_KIND.count(generator, parent),
                    .reviews = ordinal > 0 ? REVIEW_KIND.count(generator, parent) : 0,
                    .merges = has_events ? count_merges(generator, ordinal) : 0,
                    .events = count_events(generator, parent)};
}

static guint count(const Generator *generator, guint64 parent)
{
    Layout entries = layout(generator, parent);
    return entries.comments + entries.reviews + entries.merges + entries.events;
}

static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    Layout entries = layout(generator, parent);
    gboolean pull = generator_pull_ordinal(generator, parent) > 0;
    if (index < entries.comments) {
        return generate_as(generator, &COMMENT_KIND, parent, index, "commented");
    }
    index -= entries.comments;
    if (index < entries.reviews) {
        return generate_as(generator, &REVIEW_KIND, parent, index, "reviewed");
    }
    index -= entries.reviews;
    return index < entries.merges ? generate_merge(generator, parent)
                                  : generate_event(generator, parent, index - entries.merges, pull);
}

const ObjectKind TIMELINE_KIND = {
    .name = "timeline",
    .parent = "issues",
    .list_path = "issues/*/timeline",
    .key = "id",
    .derive = derive,
    .count = count,
    .generate = generate,
    .complete = complete,
};
