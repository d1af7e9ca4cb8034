#include "importers/objects/pull_request_representation.h"

#include "protocol/json.h"

#define LONGEST_TITLE 255 /* characters */

static const char *state(const json_t *object)
{
    return g_strcmp0(json_string_field(object, "state"), "open") == 0 ? "opened" : "closed";
}

static void set(json_t *representation, const char *field, const json_t *object, const char *github_field)
{
    json_object_set_new(representation, field, representation_value(object, github_field));
}

static void set_branches(json_t *representation, const json_t *head, const json_t *base)
{
    set(representation, "source_branch", head, "ref");
    set(representation, "target_branch", base, "ref");
    set(representation, "source_branch_sha", head, "sha");
    set(representation, "target_branch_sha", base, "sha");
    set(representation, "source_repository_id", json_object_get(head, "repo"), "id");
    set(representation, "target_repository_id", json_object_get(base, "repo"), "id");
    set(representation, "source_repository_owner", json_object_get(head, "user"), "login");
}

static void set_times(json_t *representation, const json_t *object)
{
    static const char *const FIELDS[] = {"created_at", "updated_at", "merged_at"};
    for (guint i = 0; i < G_N_ELEMENTS(FIELDS); i++)
        json_object_set_new(representation, FIELDS[i], representation_time(object, FIELDS[i]));
}

static void set_user(json_t *representation, const char *field, const json_t *user)
{
    json_object_set_new(representation, field, representation_user(user));
}

json_t *pull_request_representation(const json_t *object)
{
    json_t *representation = json_object();
    set(representation, "iid", object, "number");
    set(representation, "title", object, "title");
    set(representation, "description", object, "body");
    set_branches(representation, json_object_get(object, "head"), json_object_get(object, "base"));
    json_object_set_new(representation, "state", json_string(state(object)));
    set(representation, "milestone_number", json_object_get(object, "milestone"), "number");
    set_user(representation, "author", json_object_get(object, "user"));
    set_user(representation, "assignee", json_object_get(object, "assignee"));
    set_times(representation, object);
    set_user(representation, "merged_by", json_object_get(object, "merged_by"));
    return representation;
}

/* GitHub closes what it merges; only the time tells the two apart. */
const char *pull_request_state(const json_t *representation)
{
    const char *merged_at = json_string_field(representation, "merged_at");
    if (merged_at && *merged_at)
        return "merged";
    return g_strcmp0(json_string_field(representation, "state"), "opened") == 0 ? "opened" : "closed";
}

char *pull_request_truncated_title(const json_t *representation)
{
    g_autofree char *title = representation_text(representation, "title");
    return title ? representation_truncate(title, LONGEST_TITLE) : NULL;
}

/* A repository that is gone was another one. */
static gboolean is_cross_project(const json_t *representation)
{
    const json_t *source = json_object_get(representation, "source_repository_id");
    return !source || json_is_null(source) ||
           !json_equal(source, json_object_get(representation, "target_repository_id"));
}

/* A branch cannot be merged into itself. Two forks may have branches of the same name. */
char *pull_request_source_branch(const json_t *representation)
{
    const char *owner = json_string_field(representation, "source_repository_owner");
    g_autofree char *source = representation_text(representation, "source_branch");
    g_autofree char *target = representation_text(representation, "target_branch");
    if (is_cross_project(representation) && owner)
        return g_strdup_printf("github/fork/%s/%s", owner, source ? source : "");
    if (g_strcmp0(source, target) == 0)
        return g_strdup_printf("%s-%" G_GINT64_FORMAT, source ? source : "",
                               json_integer_field(representation, "iid", 0));
    return g_steal_pointer(&source);
}

json_t *pull_request_identifiers(const json_t *representation)
{
    return json_pack("{s:o, s:s}", "iid", representation_value(representation, "iid"), "issuable_type",
                     "MergeRequest");
}
