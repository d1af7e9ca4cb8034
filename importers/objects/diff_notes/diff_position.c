#include "importers/objects/diff_notes/diff_position.h"

#include "importers/gitlab/ruby_yaml.h"
#include "protocol/error_class.h"
#include "protocol/json.h"

const TableColumns note_diff_file_columns = {
    .table = "note_diff_files",
    .columns = COLUMNS("id", "diff_note_id", "diff", "new_file", "renamed_file", "deleted_file", "a_mode",
                       "b_mode", "old_path", "new_path"),
    .known = COLUMNS("namespace_id"),
    .inserts = TRUE,
};

const RowTable note_diff_file_table = {
    .columns = &note_diff_file_columns,
    .sequence = "note_diff_files_id_seq",
};

static const char *diff_position_error_class(int code)
{
    (void)code;
    return "Gitlab::GithubImport::Importer::DiffNoteImporter::DiffNoteCreationError";
}

DEFINE_ERROR_DOMAIN(diff_position_error, diff_position_error_class)

void diff_position_free(DiffPosition *position)
{
    diff_file_unref(position->file);
    g_free(position->yaml);
    g_free(position->line_code);
    g_free(position);
}

static gboolean is_addition(const json_t *note)
{
    return g_strcmp0(json_string_field(note, "side"), "RIGHT") == 0;
}

/* 0: none. */
static gint64 line_number(const json_t *note)
{
    return json_integer_field(note, "end_line", json_integer_field(note, "original_end_line", 0));
}

/* DiffRefs#complete?; there is no base where histories have nothing in common. */
static gboolean has_complete_refs(const DiffFile *file)
{
    return file->start_sha && file->head_sha;
}

static void append_text(GString *yaml, const char *key, const char *text)
{
    g_string_append_printf(yaml, "  :%s:%s", key, text ? " " : "");
    if (text)
        ruby_yaml_append_string(yaml, text);
    g_string_append_c(yaml, '\n');
}

static void append_number(GString *yaml, const char *key, gint64 number)
{
    if (number > 0)
        g_string_append_printf(yaml, "  :%s: %" G_GINT64_FORMAT "\n", key, number);
    else
        g_string_append_printf(yaml, "  :%s:\n", key);
}

/* Position#encode_with; the importer gives GitHub's path for both sides. */
static char *position_yaml(const DiffFile *file, const json_t *note)
{
    const char *path = json_string_field(note, "file_path");
    g_autoptr(GString) yaml = g_string_new("--- !ruby/object:Gitlab::Diff::Position\nattributes:\n");
    append_text(yaml, "base_sha", file->base_sha);
    append_text(yaml, "start_sha", file->start_sha);
    append_text(yaml, "head_sha", file->head_sha);
    append_text(yaml, "old_path", path);
    append_text(yaml, "new_path", path);
    append_text(yaml, "position_type", "text");
    append_number(yaml, "old_line", is_addition(note) ? 0 : line_number(note));
    append_number(yaml, "new_line", is_addition(note) ? line_number(note) : 0);
    append_text(yaml, "line_range", NULL);
    g_string_append(yaml, "  :ignore_whitespace_change: false\n");
    return g_string_free(g_steal_pointer(&yaml), FALSE);
}

static void set_invalid(const DiffFile *file, gint64 number, GError **error)
{
    gboolean has_refs = has_complete_refs(file);
    g_set_error(error, DIFF_POSITION_ERROR, DIFF_POSITION_ERROR_INVALID,
                "Validation failed: Line code can't be blank, Line code must be a valid line code%s%s",
                has_refs && number > 0 ? "" : ", Position is incomplete",
                has_refs ? "" : ", Noteable doesn't support new-style diff notes");
}

DiffPosition *diff_position_find(DiffFile *file, const json_t *note, GError **error)
{
    gint64 number = line_number(note);
    const HunkLine *line = NULL;
    if (has_complete_refs(file) && number > 0)
        line = diff_file_line(file, is_addition(note) ? '+' : '-', number);
    if (!line) {
        set_invalid(file, number, error);
        return NULL;
    }
    DiffPosition *position = g_new(DiffPosition, 1);
    *position = (DiffPosition){
        .file = diff_file_ref(file),
        .line = line,
        .yaml = position_yaml(file, note),
        .line_code = hunk_line_code(file->new_path, line->old_line, line->new_line),
    };
    return position;
}

json_t *note_diff_file_row(const DiffPosition *position)
{
    const DiffFile *file = position->file;
    g_autofree char *hunk = diff_file_hunk(file, position->line);
    return json_pack("{s:s, s:b, s:b, s:b, s:s, s:s, s:s, s:s}", "diff", hunk, "new_file", file->new_file,
                     "renamed_file", file->renamed_file, "deleted_file", file->deleted_file, "a_mode",
                     file->a_mode, "b_mode", file->b_mode, "old_path", file->old_path, "new_path",
                     file->new_path);
}
