/* lib/gitlab/github_import/importer/events/changed_reviewer.rb. The reviewers themselves come with the replay
 * (replay_events.h). A team has no login: it reads as the ghost. */
#include "importers/objects/events/system_note.h"

gboolean event_import_changed_reviewer(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    gboolean removed = event_is(event, "review_request_removed");
    g_autofree char *reviewer = event_user_text(event, "requested_reviewer");
    g_autofree char *text =
        g_strconcat(removed ? "removed review request for " : "requested review from ", reviewer, NULL);
    return system_note_import(batch, object, "review_requester", "reviewer", text, event->created_at, error);
}
