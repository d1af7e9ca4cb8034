/* lib/gitlab/github_import/importer/events/closed.rb */
#include "importers/objects/events/state_change.h"
#include "importers/objects/representation.h"

gboolean event_import_closed(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    g_autofree char *commit = representation_text(object->representation, "commit_id");
    return state_change_import(batch, object, EVENT_CLOSED, STATE_CLOSED, commit, error);
}
