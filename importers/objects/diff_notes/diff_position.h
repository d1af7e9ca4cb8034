/*
 * Where in a merge request's diff a comment stands, for DiffNotes: Gitlab::Diff::Position
 * (lib/gitlab/diff/position.rb, formatters/text_formatter.rb), app/models/diff_note.rb,
 * app/models/concerns/diff_positionable_note.rb, and Representation::DiffNote#diff_position.
 *
 * Only an added line (side RIGHT) or a removed one (LEFT) can be found: GitHub tells one number of a line,
 * and GitLab needs both of an unchanged one. Of an outdated comment, which has no line any more, the original
 * line is looked for.
 */
#pragma once

#include "importers/gitlab/row_table.h"
#include "importers/objects/diff_notes/diff_file.h"

#include <jansson.h>

/* Gitlab::GithubImport::Importer::DiffNoteImporter::DiffNoteCreationError */
#define DIFF_POSITION_ERROR (diff_position_error_quark())
GQuark diff_position_error_quark(void);
typedef enum { DIFF_POSITION_ERROR_INVALID } DiffPositionError;

typedef struct DiffPosition {
    DiffFile *file;
    const HunkLine *line; /* borrowed from the file */
    char *yaml;           /* of notes.position and notes.original_position */
    char *line_code;
} DiffPosition;

/* `note` is a representation of a diff note. NULL with DIFF_POSITION_ERROR_INVALID in the words of GitLab's
 * validation when the line is not in the diff: the comment becomes a LegacyDiffNote. (transfer full) */
DiffPosition *diff_position_find(DiffFile *file, const json_t *note, GError **error);
void diff_position_free(DiffPosition *position);

/* Table note_diff_files (app/models/note_diff_file.rb): the diff that the first comment of a discussion saw.
 * All columns but id and diff_note_id. (transfer full) */
json_t *note_diff_file_row(const DiffPosition *position);

extern const RowTable note_diff_file_table;
extern const TableColumns note_diff_file_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DiffPosition, diff_position_free)
