/* lib/gitlab/github_import/importer/events/reopened.rb */
#include "importers/objects/events/state_change.h"

gboolean event_import_reopened(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    return state_change_import(batch, object, EVENT_REOPENED, STATE_REOPENED, NULL, error);
}
