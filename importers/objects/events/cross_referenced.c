/* lib/gitlab/github_import/importer/events/cross_referenced.rb. Like Ruby, this looks for the number in the
 * project, whatever repository the reference came from; one that is not there writes nothing. */
#include "importers/objects/events/system_note.h"
#include "importers/objects/issuable.h"
#include "protocol/json.h"

CrossReference event_cross_reference(const IssueEvent *event)
{
    const json_t *source = json_object_get(event->representation, "source");
    const json_t *issue = json_object_get(source, "issue");
    const json_t *pull_request = json_object_get(issue, "pull_request");
    gboolean is_merge_request = pull_request && !json_is_null(pull_request);
    return (CrossReference){is_merge_request ? "MergeRequest" : "Issue",
                            json_integer_field(issue, "number", 0)};
}

static gboolean find_source(ObjectBatch *batch, const CrossReference *source, gint64 *id, GError **error)
{
    gboolean is_issue = g_str_equal(source->issuable_type, "Issue");
    g_autofree char *iid = issuable_iid_text(source->iid);
    return finder_find(is_issue ? batch->issues : batch->merge_requests, iid, id, error);
}

gboolean event_import_cross_referenced(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    CrossReference source = event_cross_reference(event_of(object));
    gint64 source_id;
    if (!find_source(batch, &source, &source_id, error))
        return FALSE;
    if (source_id == 0)
        return TRUE;
    g_autofree char *text = g_strdup_printf(g_str_equal(source.issuable_type, "Issue")
                                                ? "mentioned in issue #%" G_GINT64_FORMAT
                                                : "mentioned in merge request !%" G_GINT64_FORMAT,
                                            source.iid);
    /* Ruby gives this note no time of change: it is that of the import. */
    return system_note_import(batch, object, "actor", "cross_reference", text, batch->now, error);
}
