#include "importers/objects/issue_event_representation.h"

#include "importers/objects/replay_events.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

/* The other two dozen kinds of event are not imported. */
static const char *const SUPPORTED[] = {
    "assigned",         "closed",
    "cross-referenced", "demilestoned",
    "labeled",          "merged",
    "milestoned",       "renamed",
    "reopened",         "review_request_removed",
    "review_requested", "unassigned",
    "unlabeled",        "commented",
    "reviewed",         NULL,
};

static const char *name_of(const json_t *event)
{
    const char *name = json_string_field(event, "event");
    return name ? name : "";
}

static gboolean is_supported(const json_t *event)
{
    return g_strv_contains(SUPPORTED, name_of(event));
}

const char *issue_event_counted_as(const json_t *event)
{
    const char *name = name_of(event);
    if (g_str_equal(name, "commented"))
        return "note";
    if (g_str_equal(name, "reviewed"))
        return "pull_request_review";
    return g_str_equal(name, "merged") ? "pull_request_merged_by" : "issue_event";
}

/* GitHub gives cross references no id. Theirs is made of the issue that is referred to and the database id of
 * the one that refers to it. (transfer full; NULL: there is none) */
static char *cross_reference_id(const json_t *event, const json_t *parent)
{
    const json_t *source = json_object_get(json_object_get(event, "source"), "issue");
    const json_t *id = json_object_get(source, "id");
    if (!parent || !json_is_integer(id))
        return NULL;
    return g_strdup_printf("cross-reference#%" G_GINT64_FORMAT "-in-%" JSON_INTEGER_FORMAT,
                           json_integer_field(parent, "iid", 0), json_integer_value(id));
}

static json_t *event_id(const json_t *event, const json_t *parent)
{
    g_autofree char *composed =
        g_str_equal(name_of(event), "cross-referenced") ? cross_reference_id(event, parent) : NULL;
    return composed ? json_string(composed) : representation_value(event, "id");
}

static const json_t *actor_of(const json_t *event)
{
    const json_t *actor = json_object_get(event, "actor");
    return json_is_object(actor) ? actor : json_object_get(event, "user"); /* reviews have only that */
}

static json_t *nested(const json_t *event, const char *object, const char *field)
{
    return representation_value(json_object_get(event, object), field);
}

static json_t *user(const json_t *event, const char *field)
{
    return representation_user(json_object_get(event, field));
}

static json_t *issue_of(const json_t *event, const json_t *parent)
{
    if (!parent)
        return representation_value(event, "issue");
    gboolean pull_request = g_str_equal(json_string_field(parent, "issuable_type"), "MergeRequest");
    return json_pack("{s:I, s:b}", "number", json_integer_field(parent, "iid", 0), "pull_request",
                     pull_request);
}

json_t *issue_event_representation(const json_t *event, const json_t *parent)
{
    json_t *hash = json_object();
    json_object_set_new(hash, "id", event_id(event, parent));
    json_object_set_new(hash, "actor", representation_user(actor_of(event)));
    json_object_set_new(hash, "event", representation_value(event, "event"));
    json_object_set_new(hash, "commit_id", representation_value(event, "commit_id"));
    json_object_set_new(hash, "label_title", nested(event, "label", "name"));
    json_object_set_new(hash, "old_title", nested(event, "rename", "from"));
    json_object_set_new(hash, "new_title", nested(event, "rename", "to"));
    json_object_set_new(hash, "milestone_title", nested(event, "milestone", "title"));
    json_object_set_new(hash, "issue", issue_of(event, parent));
    json_object_set_new(hash, "source", representation_value(event, "source"));
    json_object_set_new(hash, "assignee", user(event, "assignee"));
    json_object_set_new(hash, "requested_reviewer", user(event, "requested_reviewer"));
    json_object_set_new(hash, "review_requester", user(event, "review_requester"));
    json_object_set_new(hash, "created_at", representation_time(event, "created_at"));
    json_object_set_new(hash, "updated_at", representation_time(event, "updated_at"));
    json_object_set_new(hash, "submitted_at", representation_time(event, "submitted_at"));
    json_object_set_new(hash, "state", representation_value(event, "state"));
    json_object_set_new(hash, "body", representation_value(event, "body"));
    return hash;
}

/* --- the collection --- */

/* Commits and other events without an id are not supported anyway. */
static char *id(const json_t *event, const json_t *parent)
{
    g_autoptr(json_t) id = event_id(event, parent);
    if (json_is_string(id))
        return g_strdup(json_string_value(id));
    return json_is_integer(id) ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(id)) : NULL;
}

static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *event, const json_t *parent,
                              G_GNUC_UNUSED GError **error)
{
    return is_supported(event) ? issue_event_representation(event, parent) : NULL;
}

static gboolean is_review_request(const json_t *event)
{
    return g_str_equal(name_of(event), "review_requested") ||
           g_str_equal(name_of(event), "review_request_removed");
}

/* Nobody gets a placeholder user for an event that is not imported. */
static void people(const json_t *event, json_t *users)
{
    if (!is_supported(event))
        return;
    if (!is_review_request(event)) {
        json_array_append(users, (json_t *)actor_of(event));
        return;
    }
    json_array_append(users, json_object_get(event, "review_requester"));
    json_array_append(users, json_object_get(event, "requested_reviewer"));
}

/* Review requests are replayed once the timeline is complete. */
static gboolean scheduling(Stage *stage, const json_t *event, const json_t *parent, GError **error)
{
    if (!is_review_request(event))
        return TRUE;
    g_autoptr(json_t) as_sent = issue_event_representation(event, NULL);
    return replay_events_cache(stage, as_sent, parent, error);
}

const ObjectCollection issue_events_collection = {
    .importer = "Gitlab::GithubImport::Importer::SingleEndpointIssueEventsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::IssueEventImporter",
    .name = "issue_timeline",
    .path = "issues/%s/timeline",
    .query = "state=all&sort=created&direction=asc",
    .worker = "Gitlab::GithubImport::ImportIssueEventWorker",
    .id = id,
    .representation = representation,
    .fetched_as = issue_event_counted_as,
    .people = people,
    .scheduling = scheduling,
};

/* --- its parents --- */

static const Statement next_issues = {
    "issue_timeline_issues",
    "SELECT iid FROM issues WHERE project_id = $1 AND iid > $2 ORDER BY iid LIMIT 100",
};
static const Statement next_merge_requests = {
    "issue_timeline_merge_requests",
    "SELECT iid FROM merge_requests WHERE target_project_id = $1 AND iid > $2 ORDER BY iid LIMIT 100",
};

static json_t *parent_of(const PGresult *rows, int row, const char *issuable_type)
{
    return json_pack("{s:I, s:s}", "iid", (json_int_t)database_integer(rows, row, "iid"), "issuable_type",
                     issuable_type);
}

static json_t *issue_parent(const PGresult *rows, int row)
{
    return parent_of(rows, row, "Issue");
}

static json_t *merge_request_parent(const PGresult *rows, int row)
{
    return parent_of(rows, row, "MergeRequest");
}

/* Issues and merge requests share their numbers, and so these keys. */
#define DONE_SET     "github-importer/issues/issue_timeline/already-imported/%" G_GINT64_FORMAT
#define PAGE_COUNTER "issues/%s/issue_timeline"

const ParentCollection issue_parents = {
    .object_type = "issue",
    .next = &next_issues,
    .parent = issue_parent,
    .done_set = DONE_SET,
    .page_counter = PAGE_COUNTER,
    .parent_done = replay_events_parent_done,
};

const ParentCollection merge_request_parents = {
    .object_type = "pull_request",
    .next = &next_merge_requests,
    .parent = merge_request_parent,
    .done_set = DONE_SET,
    .page_counter = PAGE_COUNTER,
    .parent_done = replay_events_parent_done,
};
