/*
 * Where in a merge request's diff a comment stands: for DiffNotes (app/models/diff_note.rb,
 * lib/gitlab/diff/position.rb, lib/gitlab/diff/file.rb). Read from the rows of the merge request's latest
 * diff.
 */
#pragma once

#include "importers/objects/object_importer.h"

typedef struct DiffPosition {
    char *position;  /* JSON of notes.position and original_position */
    char *line_code; /* "SHA1_OLD_NEW" */
    /* note_diff_files: the file, and its diff up to the commented line */
    gboolean new_file, renamed_file, deleted_file;
    char *a_mode, *b_mode, *old_path, *new_path, *diff;
    GPtrArray *new_lines; /* of char *: the file's lines on the new side as far as the diff shows them, at the
                             index of their number minus one; NULL where it does not */
} DiffPosition;

/* *position is NULL, without error, with *reason (transfer full) in Ruby's words, when the line is not in the
 * diff: the comment becomes a LegacyDiffNote. */
gboolean diff_position_find(ObjectBatch *batch, gint64 merge_request_id, const json_t *note,
                            DiffPosition **position, char **reason, GError **error);
void diff_position_free(DiffPosition *position);

/* Table suggestions: the rows of a note's suggestion blocks (lib/gitlab/diff/suggestion.rb,
 * suggestions_parser.rb), each an object without id and note_id. (transfer full) */
json_t *diff_position_suggestions(const DiffPosition *position, const char *note);

extern const RowTable suggestion_table, note_diff_file_table;
extern const TableColumns suggestion_columns, note_diff_file_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DiffPosition, diff_position_free)
