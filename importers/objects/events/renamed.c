/* lib/gitlab/github_import/importer/events/renamed.rb */
#include "importers/objects/events/system_note.h"
#include "importers/objects/representation.h"
#include "importers/objects/title_diff.h"

gboolean event_import_renamed(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    g_autofree char *old_title = representation_text(object->representation, "old_title");
    g_autofree char *new_title = representation_text(object->representation, "new_title");
    g_autofree char *text = title_diff_text(old_title ? old_title : "", new_title ? new_title : "");
    return system_note_import(batch, object, "actor", "title", text, event_of(object)->created_at, error);
}
