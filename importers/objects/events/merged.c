/* lib/gitlab/github_import/importer/events/merged.rb */
#include "importers/objects/events/state_change.h"
#include "importers/objects/representation.h"

static gboolean has_metrics(const IssueEvent *event)
{
    return event_is(event, "merged") && event->issuable_id != 0 &&
           g_str_equal(event->issuable_type, "MergeRequest");
}

gboolean events_find_metrics(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        IssueEvent *event = event_at(batch, i);
        if (!has_metrics(event))
            continue;
        event->metrics = merge_metrics_new(
            event->issuable_id, json_object_get(event->representation, "actor"), g_strdup(event->created_at));
        g_ptr_array_add(all, event->metrics);
    }
    return merge_metrics_prepare(batch, all, error);
}

gboolean event_import_merged(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    g_autofree char *commit = representation_text(object->representation, "commit_id");
    return event_require_issuable(event, error) &&
           (!event->metrics || merge_metrics_import(batch, object, event->metrics, error)) &&
           state_change_import(batch, object, EVENT_MERGED, STATE_MERGED, commit, error);
}

gboolean events_write_metrics(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) fresh = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (object->fresh && event_of(object)->metrics)
            g_ptr_array_add(fresh, event_of(object)->metrics);
    }
    return merge_metrics_write(batch, fresh, error);
}
