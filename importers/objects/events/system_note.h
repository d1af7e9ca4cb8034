/*
 * Events that GitLab shows as system notes: a row in notes and one in system_note_metadata, which says what
 * kind it is.
 */
#pragma once

#include "importers/objects/events/event.h"

extern const RowTable system_note_metadata_table;
extern const TableColumns system_note_metadata_columns;

/* A row of system_note_metadata. (transfer full) */
json_t *system_note_metadata_row(const ObjectBatch *batch, gint64 id, gint64 note_id, const char *action,
                                 const char *time);

/* The rows of the event's system note. `author_key` names the representation's field. `updated_at` is also
 * the time of the metadata. */
gboolean system_note_import(ObjectBatch *batch, ImportedObject *object, const char *author_key,
                            const char *action, const char *text, const char *updated_at, GError **error);
