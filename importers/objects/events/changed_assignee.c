/* lib/gitlab/github_import/importer/events/changed_assignee.rb */
#include "importers/objects/events/system_note.h"

gboolean event_import_changed_assignee(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    g_autofree char *assignee = event_user_text(event, "assignee");
    g_autofree char *text =
        g_strconcat(event_is(event, "unassigned") ? "unassigned " : "assigned to ", assignee, NULL);
    return system_note_import(batch, object, "actor", "assignee", text, event->created_at, error);
}
