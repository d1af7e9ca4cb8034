#include "importers/objects/diff_notes/suggestions.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/objects/diff_notes/blob_at.h"
#include "importers/objects/diff_notes/suggestion_blocks.h"

#include <string.h>

#define MAX_LINES_CONTEXT 100

const TableColumns suggestion_columns = {
    .table = "suggestions",
    .columns = COLUMNS("id", "note_id", "relative_order", "from_content", "to_content", "lines_above",
                       "lines_below"),
    .known = COLUMNS("namespace_id"),
    .inserts = TRUE,
};

const RowTable suggestion_table = {
    .columns = &suggestion_columns,
    .sequence = "suggestions_id_seq",
};

/* Lines `from` to `to` of the file's new side, if the diff shows all of them; else NULL. (transfer full) */
static char *lines_of_diff(const DiffFile *file, gint64 from, gint64 to)
{
    g_autoptr(GString) text = g_string_new(NULL);
    gint64 next = from;
    for (guint i = 0; i < file->lines->len && next <= to; i++) {
        const HunkLine *line = &g_array_index(file->lines, HunkLine, i);
        if ((line->type != '+' && line->type != ' ') || line->new_line != next)
            continue;
        gboolean is_last = i + 1 < file->lines->len && line[1].type == '\\';
        if (line->length > 0)
            g_string_append_len(text, line->text + 1, (gssize)line->length - 1);
        g_string_append(text, is_last ? "" : "\n");
        next++;
    }
    return next > to ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}

/* Lines `from` to `to` of the text, with their ends, as far as there are any. (transfer full) */
static char *lines_of_text(const char *text, gint64 from, gint64 to)
{
    const char *begin = NULL, *at = text;
    for (gint64 line = 1; line <= to && *at; line++) {
        const char *feed = strchr(at, '\n');
        if (line == from)
            begin = at;
        at = feed ? feed + 1 : at + strlen(at);
    }
    return begin ? g_strndup(begin, (gsize)(at - begin)) : g_strdup("");
}

/* Suggestible#fetch_from_content. What the diff shows was decoded apart from the rest of the file, and may
 * have come out differently: it only stands in for a file that cannot be read. (transfer full) */
static char *from_content(Session *session, const Project *project, const DiffPosition *position,
                          const SuggestionBlock *block, GError **error)
{
    const DiffFile *file = position->file;
    gint64 from = MAX(position->line->new_line - MIN(block->lines_above, MAX_LINES_CONTEXT), 1);
    gint64 to = position->line->new_line + MIN(block->lines_below, MAX_LINES_CONTEXT);
    g_autofree char *text = NULL;
    if (!blob_at_text(session, project, file->head_sha, file->new_path, &text, error))
        return NULL;
    if (text)
        return lines_of_text(text, from, to);
    char *shown = lines_of_diff(file, from, to);
    return shown ? shown : g_strdup("");
}

/* The suggestion's last line ends as the last one of those it replaces. (transfer full) */
static char *to_content(const char *text, const char *replaced)
{
    gboolean has_feed = g_str_has_suffix(replaced, "\n");
    const char *end = g_str_has_suffix(replaced, "\r\n") ? "\r\n" : has_feed ? "\n" : "";
    return markdown_text_is_blank(text) ? g_strdup("") : g_strconcat(text, end, NULL);
}

/* (transfer full) */
static json_t *suggestion_row(const SuggestionBlock *block, guint order, const char *replaced)
{
    g_autofree char *replacement = to_content(block->text, replaced);
    return json_pack("{s:i, s:s, s:s, s:I, s:I}", "relative_order", (int)order, "from_content", replaced,
                     "to_content", replacement, "lines_above", (json_int_t)block->lines_above, "lines_below",
                     (json_int_t)block->lines_below);
}

json_t *suggestion_rows(Session *session, const Project *project, const DiffPosition *position,
                        const char *text, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    g_autoptr(GPtrArray) blocks = suggestion_blocks(text);
    for (guint i = 0; position->line->type == '+' && i < blocks->len; i++) {
        const SuggestionBlock *block = blocks->pdata[i];
        g_autofree char *replaced = from_content(session, project, position, block, error);
        if (!replaced)
            return NULL;
        json_array_append_new(rows, suggestion_row(block, i, replaced));
    }
    return g_steal_pointer(&rows);
}
