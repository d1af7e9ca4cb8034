#include "importers/objects/issue_event.h"

#include "importers/objects/events/event.h"
#include "importers/objects/events/system_note.h"
#include "importers/objects/issuable.h"
#include "importers/objects/issue_event_representation.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"
#include "protocol/log.h"

typedef struct EventKind {
    const char *name;
    EventImport import;
} EventKind;

static const EventKind kinds[] = {
    {"closed", event_import_closed},
    {"reopened", event_import_reopened},
    {"merged", event_import_merged},
    {"labeled", event_import_changed_label},
    {"unlabeled", event_import_changed_label},
    {"milestoned", event_import_changed_milestone},
    {"demilestoned", event_import_changed_milestone},
    {"renamed", event_import_renamed},
    {"assigned", event_import_changed_assignee},
    {"unassigned", event_import_changed_assignee},
    {"review_requested", event_import_changed_reviewer},
    {"review_request_removed", event_import_changed_reviewer},
    {"cross-referenced", event_import_cross_referenced},
    {"commented", event_import_commented},
    {"reviewed", event_import_reviewed},
};

static EventImport import_of(const IssueEvent *event)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (event_is(event, kinds[i].name))
            return kinds[i].import;
    return NULL;
}

/* --- what is looked up for all at once --- */

/* Numbers of issues and merge requests, as the finders name them. */
typedef struct Numbers {
    GPtrArray *issues, *merge_requests;
} Numbers;

static void numbers_clear(Numbers *numbers)
{
    g_ptr_array_unref(numbers->issues);
    g_ptr_array_unref(numbers->merge_requests);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Numbers, numbers_clear)

/* (iid is transfer full) */
static void add_number(Numbers *numbers, const char *issuable_type, char *iid)
{
    g_ptr_array_add(g_str_equal(issuable_type, "Issue") ? numbers->issues : numbers->merge_requests, iid);
}

static gboolean preload_issuables(ObjectBatch *batch, GError **error)
{
    g_auto(Numbers)
        numbers = {g_ptr_array_new_with_free_func(g_free), g_ptr_array_new_with_free_func(g_free)};
    for (guint i = 0; i < batch->objects->len; i++) {
        const IssueEvent *event = event_at(batch, i);
        add_number(&numbers, event->issuable_type, g_strdup(event->issuable_iid));
        if (event_is(event, "cross-referenced")) {
            CrossReference source = event_cross_reference(event);
            add_number(&numbers, source.issuable_type, issuable_iid_text(source.iid));
        }
    }
    return finder_preload(batch->issues, numbers.issues, error) &&
           finder_preload(batch->merge_requests, numbers.merge_requests, error);
}

static gboolean find_issuables(ObjectBatch *batch, GError **error)
{
    if (!preload_issuables(batch, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        IssueEvent *event = event_at(batch, i);
        gboolean on_issue = g_str_equal(event->issuable_type, "Issue");
        if (!finder_find(on_issue ? batch->issues : batch->merge_requests, event->issuable_iid,
                         &event->issuable_id, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    events_attach(batch);
    return find_issuables(batch, error) && events_find_pruned(batch, error) &&
           events_find_labels(batch, error) && events_find_milestones(batch, error) &&
           events_find_metrics(batch, error) && events_find_reviews(batch, error);
}

/* --- one event --- */

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    EventImport import = import_of(event);
    if (import)
        return import(batch, object, error);
    log_debug("UNSUPPORTED_EVENT_TYPE", "{s:s, s:o}", "event_type", event->name, "event_github_id",
              representation_value(object->representation, "id"));
    return TRUE;
}

static void people(const json_t *event, json_t *users)
{
    const char *name = json_string_field(event, "event");
    gboolean by_requester = name && g_str_has_prefix(name, "review_request");
    json_array_append(users, json_object_get(event, by_requester ? "review_requester" : "actor"));
}

static json_t *identifiers(const json_t *event)
{
    return json_pack("{s:o, s:o, s:o}", "id", representation_value(event, "id"), "issuable_iid",
                     representation_value(json_object_get(event, "issue"), "number"), "event",
                     representation_value(event, "event"));
}

/* A comment or a review has the receipt that it would have as a job of its own. */
static const char *receipt_kind(const json_t *event)
{
    const char *name = json_string_field(event, "event");
    if (g_strcmp0(name, "commented") == 0)
        return note_importer.object_type;
    return g_strcmp0(name, "reviewed") == 0 ? REVIEW_RECEIPT : issue_event_importer.object_type;
}

/* Cross references have a composed id, a text. (transfer full) */
static char *receipt(const json_t *event)
{
    const char *composed = json_string_field(event, "id");
    return composed ? g_strdup(composed) : representation_id(event, "id");
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    return events_write_metrics(batch, error) && events_write_reviews(batch, error);
}

static const RowTable *const tables[] = {
    &event_table,
    &resource_state_event_table,
    &resource_label_event_table,
    &resource_milestone_event_table,
    &note_table,
    &system_note_metadata_table,
    NULL,
};

const ObjectImporter issue_event_importer = {
    .class_name = "Gitlab::GithubImport::Importer::IssueEventImporter",
    .object_type = "issue_event",
    .counted_as = issue_event_counted_as,
    .identifiers = identifiers,
    .receipt_kind = receipt_kind,
    .receipt = receipt,
    .people = people,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .tables = tables,
};
