#include "importers/objects/events/event.h"

#include "importers/objects/representation.h"
#include "protocol/json.h"

static void issue_event_free(gpointer data)
{
    IssueEvent *event = data;
    g_free(event->issuable_iid);
    g_free(event->created_at);
    g_clear_pointer(&event->metrics, merge_metrics_free);
    g_clear_pointer(&event->review, review_free);
    g_free(event);
}

static IssueEvent *issue_event_new(const json_t *representation, const char *now)
{
    const json_t *issue = json_object_get(representation, "issue");
    IssueEvent *event = g_new0(IssueEvent, 1);
    event->representation = representation;
    event->name = json_string_field(representation, "event");
    if (!event->name)
        event->name = "";
    event->issuable_type = json_true_field(issue, "pull_request") ? "MergeRequest" : "Issue";
    event->issuable_iid = representation_id(issue, "number");
    event->created_at = representation_timestamp(representation, "created_at");
    if (!event->created_at)
        event->created_at = g_strdup(now);
    return event;
}

void events_attach(ObjectBatch *batch)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        object->importer_data = issue_event_new(object->representation, batch->now);
        object->importer_data_free = issue_event_free;
    }
}

gboolean event_require_issuable(const IssueEvent *event, GError **error)
{
    if (event->issuable_id == 0)
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                            "Validation failed: Exactly one of issue, merge_request is required");
    return event->issuable_id != 0;
}

gboolean event_author(ObjectBatch *batch, const ImportedObject *object, const char *key, FoundUser *author,
                      GError **error)
{
    const json_t *user = json_object_get(object->representation, key);
    return user_finder_author(batch->users, user, author, NULL, error);
}

char *event_user_text(const IssueEvent *event, const char *key)
{
    g_autofree char *login = representation_text(json_object_get(event->representation, key), "login");
    return g_strdup_printf("`@%s`", login ? login : "ghost");
}

gboolean event_insert_resource_event(ObjectBatch *batch, ImportedObject *object, const RowTable *table,
                                     const char *model, const FoundUser *author, json_t *columns,
                                     GError **error)
{
    g_autoptr(json_t) row = columns;
    const IssueEvent *event = event_of(object);
    gboolean on_issue = g_str_equal(event->issuable_type, "Issue");
    gint64 id;
    if (!object_next_id(batch, table, &id, error))
        return FALSE;
    json_object_set_new(row, "id", json_integer(id));
    json_object_set_new(row, "user_id", json_integer(author->user_id));
    json_object_set_new(row, "issue_id", on_issue ? json_integer(event->issuable_id) : json_null());
    json_object_set_new(row, "merge_request_id", on_issue ? json_null() : json_integer(event->issuable_id));
    json_object_set_new(row, "created_at", json_string(event->created_at));
    json_object_set_new(row, "imported_from", json_integer(IMPORTED_FROM_GITHUB));
    json_object_set_new(row, "namespace_id", json_integer(batch->project->project_namespace_id));
    object_insert(object, table, g_steal_pointer(&row));
    object_refer(batch, object, author, model, id, "user_id");
    return TRUE;
}
