#include "importers/objects/diff_notes/diff_file.h"

#include "importers/git/encoding.h"
#include "importers/gitlab/database.h"
#include "protocol/json.h"

#include <string.h>

/* A file that has the path now goes before one that had it. */
static const Statement select_files = {
    "diff_file_select",
    "SELECT wanted.index, d.base_commit_sha, d.start_commit_sha, d.head_commit_sha, f.old_path,"
    " coalesce(f.new_path, f.old_path) AS new_path, f.a_mode, f.b_mode, f.new_file, f.renamed_file,"
    " f.deleted_file, f.diff, f.binary"
    " FROM json_to_recordset($1::json) AS wanted (index integer, merge_request_id bigint, path text)"
    " JOIN merge_requests m ON m.id = wanted.merge_request_id"
    " JOIN merge_request_diffs d ON d.id = m.latest_merge_request_diff_id"
    " LEFT JOIN LATERAL (SELECT * FROM merge_request_diff_files files"
    "  WHERE files.merge_request_diff_id = d.id"
    "  AND (coalesce(files.new_path, files.old_path) = wanted.path OR files.old_path = wanted.path)"
    "  ORDER BY files.old_path = wanted.path AND files.new_path <> wanted.path, files.relative_order LIMIT 1)"
    " f ON TRUE",
};

static void clear(gpointer data)
{
    DiffFile *file = data;
    g_clear_pointer(&file->lines, g_array_unref);
    g_free(file->base_sha);
    g_free(file->start_sha);
    g_free(file->head_sha);
    g_free(file->old_path);
    g_free(file->new_path);
    g_free(file->a_mode);
    g_free(file->b_mode);
    g_free(file->diff);
}

DiffFile *diff_file_ref(DiffFile *file)
{
    return g_rc_box_acquire(file);
}

void diff_file_unref(DiffFile *file)
{
    g_rc_box_release_full(file, clear);
}

/* MergeRequestDiffFile#diff: base64 where it is no text of PostgreSQL's. (transfer full) */
static char *diff_text(const PGresult *rows, int row)
{
    const char *stored = database_value(rows, row, "diff");
    if (!stored || !database_boolean(rows, row, "binary"))
        return g_strdup(stored ? stored : "");
    gsize length;
    g_autofree guchar *bytes = g_base64_decode(stored, &length);
    return encoding_text((const char *)bytes, length);
}

static char *text(const PGresult *rows, int row, const char *column)
{
    return g_strdup(database_value(rows, row, column));
}

static void fill(DiffFile *file, const PGresult *rows, int row)
{
    file->base_sha = text(rows, row, "base_commit_sha");
    file->start_sha = text(rows, row, "start_commit_sha");
    file->head_sha = text(rows, row, "head_commit_sha");
    if (!database_value(rows, row, "old_path"))
        return;
    file->old_path = text(rows, row, "old_path");
    file->new_path = text(rows, row, "new_path");
    file->a_mode = text(rows, row, "a_mode");
    file->b_mode = text(rows, row, "b_mode");
    file->new_file = database_boolean(rows, row, "new_file");
    file->renamed_file = database_boolean(rows, row, "renamed_file");
    file->deleted_file = database_boolean(rows, row, "deleted_file");
    file->diff = diff_text(rows, row);
    file->lines = hunk_parse(file->diff);
}

static gboolean read_files(Session *session, const GPtrArray *files, const json_t *wanted, GError **error)
{
    g_autofree char *parameter = json_dump(wanted);
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &select_files, parameter, DATABASE_END);
    for (int row = 0; row < PQntuples(rows); row++)
        fill(files->pdata[database_integer(rows, row, "index")], rows, row);
    return rows != NULL;
}

GPtrArray *diff_files_load(Session *session, const DiffTarget *targets, guint n, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func((GDestroyNotify)diff_file_unref);
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(json_t) wanted = json_array();
    for (guint i = 0; i < n; i++) {
        const DiffTarget *target = &targets[i];
        g_autofree char *key =
            g_strdup_printf("%" G_GINT64_FORMAT " %s", target->merge_request_id, target->path);
        DiffFile *file = g_hash_table_lookup(known, key);
        if (!file) {
            file = g_rc_box_new0(DiffFile);
            g_hash_table_insert(known, g_steal_pointer(&key), file);
            json_array_append_new(wanted,
                                  json_pack("{s:i, s:I, s:s}", "index", (int)i, "merge_request_id",
                                            (json_int_t)target->merge_request_id, "path", target->path));
            g_ptr_array_add(files, file);
        } else {
            g_ptr_array_add(files, diff_file_ref(file));
        }
    }
    return n == 0 || read_files(session, files, wanted, error) ? g_steal_pointer(&files) : NULL;
}

const HunkLine *diff_file_line(const DiffFile *file, char type, gint64 number)
{
    for (guint i = file->lines ? file->lines->len : 0; i > 0; i--) {
        const HunkLine *line = &g_array_index(file->lines, HunkLine, i - 1);
        if (line->type == type && (type == '-' ? line->old_line : line->new_line) == number)
            return line;
    }
    return NULL;
}

char *diff_file_hunk(const DiffFile *file, const HunkLine *line)
{
    const HunkLine *first = &g_array_index(file->lines, HunkLine, 0);
    guint last = (guint)(line - first) + (first->type != '@');
    g_autoptr(GString) hunk = g_string_new(NULL);
    for (guint i = 0; i <= MIN(last, file->lines->len - 1); i++)
        g_string_append_printf(hunk, "%s%.*s", i > 0 ? "\n" : "", (int)first[i].length, first[i].text);
    return g_string_free(g_steal_pointer(&hunk), FALSE);
}
