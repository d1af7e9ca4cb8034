/*
 * Table suggestions: the changes that a comment proposes (app/services/suggestions/create_service.rb,
 * lib/gitlab/diff/suggestions_parser.rb, suggestion.rb, app/models/concerns/suggestible.rb). They are read
 * from fenced code blocks "suggestion:-ABOVE+BELOW" outside of lists and quotations; GitHub's blocks have
 * been made such ones (suggestion_formatter.h).
 */
#pragma once

#include "importers/gitlab/project.h"
#include "importers/objects/diff_notes/diff_position.h"

/* A row for each block of `text`, in order: all columns but id and note_id; none for a removed line. The
 * lines that it replaces are read from the repository, or else from the diff, as far as that shows them.
 * (transfer full) */
json_t *suggestion_rows(Session *session, const Project *project, const DiffPosition *position,
                        const char *text, GError **error);

extern const RowTable suggestion_table;
extern const TableColumns suggestion_columns;
