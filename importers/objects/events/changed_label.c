/* lib/gitlab/github_import/importer/events/changed_label.rb */
#include "importers/objects/events/event.h"
#include "importers/objects/issuable.h"
#include "protocol/json.h"

#define ADD    1
#define REMOVE 2

const TableColumns resource_label_event_columns = {
    .table = "resource_label_events",
    .columns = COLUMNS(RESOURCE_EVENT_COLUMNS, "action", "label_id"),
    .known = RESOURCE_EVENT_WHERE_PRESENT,
    .inserts = TRUE,
};

const RowTable resource_label_event_table = {
    .columns = &resource_label_event_columns,
    .where_present = RESOURCE_EVENT_WHERE_PRESENT,
    .sequence = "resource_label_events_id_seq",
};

static const char *label_title(const IssueEvent *event)
{
    return json_string_field(event->representation, "label_title");
}

gboolean events_find_labels(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) titles = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const IssueEvent *event = event_at(batch, i);
        if ((event_is(event, "labeled") || event_is(event, "unlabeled")) && label_title(event))
            g_ptr_array_add(titles, (gpointer)label_title(event));
    }
    return finder_preload(batch->labels, titles, error);
}

gboolean event_import_changed_label(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    FoundUser author;
    gint64 label_id = 0;
    if (!event_require_issuable(event, error) || !event_author(batch, object, "actor", &author, error) ||
        (label_title(event) && !finder_find(batch->labels, label_title(event), &label_id, error)))
        return FALSE;
    return event_insert_resource_event(
        batch, object, &resource_label_event_table, "ResourceLabelEvent", &author,
        json_pack("{s:i, s:o}", "action", event_is(event, "unlabeled") ? REMOVE : ADD, "label_id",
                  issuable_id_or_null(label_id)),
        error);
}
