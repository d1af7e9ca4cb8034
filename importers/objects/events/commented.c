/* lib/gitlab/github_import/importer/events/commented.rb */
#include "importers/objects/events/event.h"
#include "importers/objects/representation.h"

gboolean event_import_commented(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const json_t *event = object->representation;
    g_autoptr(json_t) note =
        json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "noteable_id",
                  representation_value(json_object_get(event, "issue"), "number"), "noteable_type",
                  event_of(object)->issuable_type, "author", representation_value(event, "actor"), "note",
                  representation_value(event, "body"), "created_at",
                  representation_value(event, "created_at"), "updated_at",
                  representation_value(event, "updated_at"), "note_id", representation_value(event, "id"));
    return note_import(batch, object, note, error);
}
