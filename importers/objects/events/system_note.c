#include "importers/objects/events/system_note.h"

const TableColumns system_note_metadata_columns = {
    .table = "system_note_metadata",
    .columns = COLUMNS("id", "note_id", "action", "created_at", "updated_at"),
    .known = COLUMNS("namespace_id"),
    .inserts = TRUE,
};

const RowTable system_note_metadata_table = {
    .columns = &system_note_metadata_columns,
    .where_present = COLUMNS("namespace_id"),
    .sequence = "system_note_metadata_id_seq",
};

json_t *system_note_metadata_row(const ObjectBatch *batch, gint64 id, gint64 note_id, const char *action,
                                 const char *time)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:I}", "id", (json_int_t)id, "note_id", (json_int_t)note_id,
                     "action", action, "created_at", time, "updated_at", time, "namespace_id",
                     (json_int_t)batch->project->project_namespace_id);
}

static gboolean insert_metadata(ObjectBatch *batch, ImportedObject *object, gint64 note_id,
                                const char *action, const char *time, GError **error)
{
    gint64 id;
    if (!object_next_id(batch, &system_note_metadata_table, &id, error))
        return FALSE;
    object_insert(object, &system_note_metadata_table,
                  system_note_metadata_row(batch, id, note_id, action, time));
    return TRUE;
}

gboolean system_note_import(ObjectBatch *batch, ImportedObject *object, const char *author_key,
                            const char *action, const char *text, const char *updated_at, GError **error)
{
    const IssueEvent *event = event_of(object);
    FoundUser author;
    gint64 note_id;
    if (!event_require_issuable(event, error) || !event_author(batch, object, author_key, &author, error))
        return FALSE;
    NewNote note = {
        .noteable_type = event->issuable_type,
        .noteable_id = event->issuable_id,
        .author = &author,
        .text = text,
        .system = TRUE,
        .created_at = event->created_at,
        .updated_at = updated_at,
    };
    return note_insert(batch, object, &note, &note_id, error) &&
           insert_metadata(batch, object, note_id, action, updated_at, error);
}
