#include "importers/git/diff/patch.h"

#include "importers/git/diff/hunk_header.h"
#include "importers/git/diff/quoted_path.h"
#include "importers/git/error.h"

#include <string.h>

#define CONTEXT_LINES  3
#define LOOKED_THROUGH 8000                     /* bytes in which git looks for a NUL */
#define LARGE          ((gsize)4 * 1024 * 1024) /* bytes of both sides, of which one pair at a time is read */

static GMutex large_pairs;

/* One side of the difference. */
typedef struct Content {
    git_odb_object *object;
    char *commit; /* of a submodule */
    const char *text;
    gsize length; /* 0 also where there is no file */
} Content;

typedef struct PatchWriter {
    const GitPatchSink *sink;
    HunkHeaders headers;
    GString *line;
    gboolean enough; /* the sink said so */
} PatchWriter;

static void content_clear(Content *content)
{
    g_clear_pointer(&content->object, git_odb_object_free);
    g_clear_pointer(&content->commit, g_free);
}

static void patch_writer_clear(PatchWriter *writer)
{
    g_string_free(writer->line, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Content, content_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PatchWriter, patch_writer_clear)

static gboolean measure(git_odb *odb, guint mode, const git_oid *id, gsize *length, GError **error)
{
    git_object_t type;
    *length = 0;
    return !mode || mode == GIT_FILEMODE_COMMIT || git_odb_read_header(length, &type, odb, id) == 0 ||
           git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading a file's size", error);
}

static gboolean content_read(Content *content, git_odb *odb, guint mode, const git_oid *id, GError **error)
{
    *content = (Content){.text = ""};
    if (!mode)
        return TRUE;
    if (mode == GIT_FILEMODE_COMMIT) {
        content->commit = g_strdup_printf("Subproject commit %s\n", git_oid_tostr_s(id));
        content->text = content->commit;
        content->length = strlen(content->commit);
        return TRUE;
    }
    if (git_odb_read(&content->object, odb, id) != 0)
        return git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading a file", error);
    content->text = git_odb_object_data(content->object);
    content->length = git_odb_object_size(content->object);
    return TRUE;
}

static gboolean is_binary(const Content *content)
{
    return memchr(content->text, 0, MIN(content->length, LOOKED_THROUGH)) != NULL;
}

static gsize count_lines(const Content *content)
{
    gsize lines = 0;
    const char *position = content->text, *end = position + content->length;
    while (position < end) {
        const char *line_end = memchr(position, '\n', (gsize)(end - position));
        position = line_end ? line_end + 1 : end;
        lines++;
    }
    return lines;
}

static void give(PatchWriter *writer)
{
    writer->enough = !writer->sink->line(writer->line->str, writer->line->len, writer->sink->data);
    g_string_truncate(writer->line, 0);
}

static void write_binary(PatchWriter *writer, const GitDiffEntry *entry)
{
    g_string_append(writer->line, "Binary files ");
    if (entry->old_mode)
        append_quoted_path(writer->line, "a/", entry->old_path);
    else
        g_string_append(writer->line, "/dev/null");
    g_string_append(writer->line, " and ");
    if (entry->new_mode)
        append_quoted_path(writer->line, "b/", entry->new_path);
    else
        g_string_append(writer->line, "/dev/null");
    g_string_append(writer->line, " differ\n");
    give(writer);
}

static void write_hunk_header(PatchWriter *writer, const HunkRange *range)
{
    hunk_headers_append(&writer->headers, range, writer->line);
    give(writer);
}

/* A line of either file, with its line end if it has one. */
static void write_line(PatchWriter *writer, char sign, const char *text, gsize length)
{
    gboolean complete = length && text[length - 1] == '\n';
    g_string_append_c(writer->line, sign);
    g_string_append_len(writer->line, text, (gssize)length);
    if (!complete)
        g_string_append_c(writer->line, '\n');
    give(writer);
    if (complete || writer->enough)
        return;
    g_string_append(writer->line, "\\ No newline at end of file\n");
    give(writer);
}

/* All lines of the only side that has any. */
static void write_whole(PatchWriter *writer, char sign, const Content *content)
{
    gsize lines = count_lines(content);
    const char *position = content->text, *end = position + content->length;
    HunkRange range = {0};
    if (sign == '+')
        range = (HunkRange){.new_start = 1, .new_lines = lines};
    else
        range = (HunkRange){.old_start = 1, .old_lines = lines};
    write_hunk_header(writer, &range);
    while (position < end && !writer->enough) {
        const char *line_end = memchr(position, '\n', (gsize)(end - position));
        const char *next = line_end ? line_end + 1 : end;
        write_line(writer, sign, position, (gsize)(next - position));
        position = next;
    }
}

static int on_hunk(G_GNUC_UNUSED const git_diff_delta *delta, const git_diff_hunk *hunk, void *data)
{
    PatchWriter *writer = data;
    HunkRange range = {(gsize)hunk->old_start, (gsize)hunk->old_lines, (gsize)hunk->new_start,
                       (gsize)hunk->new_lines};
    write_hunk_header(writer, &range);
    return writer->enough ? GIT_EUSER : 0;
}

static int on_line(G_GNUC_UNUSED const git_diff_delta *delta, G_GNUC_UNUSED const git_diff_hunk *hunk,
                   const git_diff_line *line, void *data)
{
    PatchWriter *writer = data;
    if (line->origin == GIT_DIFF_LINE_CONTEXT || line->origin == GIT_DIFF_LINE_ADDITION ||
        line->origin == GIT_DIFF_LINE_DELETION)
        write_line(writer, line->origin, line->content, line->content_len);
    return writer->enough ? GIT_EUSER : 0;
}

static gboolean write_changes(PatchWriter *writer, const Content *before, const Content *after,
                              GError **error)
{
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
    options.context_lines = CONTEXT_LINES;
    int result = git_diff_buffers(before->text, before->length, NULL, after->text, after->length, NULL,
                                  &options, NULL, NULL, on_hunk, on_line, writer);
    return result == 0 || writer->enough || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "comparing", error);
}

static gboolean write_texts(PatchWriter *writer, const Content *before, const Content *after,
                            gboolean *unreadable, GError **error)
{
    if (!before->length && !after->length)
        return TRUE;
    if (!before->length)
        write_whole(writer, '+', after);
    else if (!after->length)
        write_whole(writer, '-', before);
    else if (count_lines(before) + count_lines(after) > GIT_PATCH_LINES_MAX)
        *unreadable = TRUE;
    else
        return write_changes(writer, before, after, error);
    return TRUE;
}

/* With one side after the other in memory. */
static gboolean find_binary(git_odb *odb, const GitDiffEntry *entry, gboolean *binary, GError **error)
{
    g_auto(Content) before = {0};
    g_auto(Content) after = {0};
    if (!content_read(&before, odb, entry->old_mode, &entry->old_id, error))
        return FALSE;
    *binary = is_binary(&before);
    content_clear(&before);
    if (*binary)
        return TRUE;
    if (!content_read(&after, odb, entry->new_mode, &entry->new_id, error))
        return FALSE;
    *binary = is_binary(&after);
    return TRUE;
}

static gboolean write_pair(PatchWriter *writer, git_odb *odb, const GitDiffEntry *entry, gboolean *unreadable,
                           GError **error)
{
    g_auto(Content) before = {0};
    g_auto(Content) after = {0};
    if (!content_read(&before, odb, entry->old_mode, &entry->old_id, error) ||
        !content_read(&after, odb, entry->new_mode, &entry->new_id, error))
        return FALSE;
    hunk_headers_begin(&writer->headers, before.text, before.length);
    if (!is_binary(&before) && !is_binary(&after))
        return write_texts(writer, &before, &after, unreadable, error);
    write_binary(writer, entry);
    return TRUE;
}

static gboolean write_patch(PatchWriter *writer, git_odb *odb, const GitDiffEntry *entry,
                            gboolean *unreadable, GError **error)
{
    gsize old_length, new_length;
    if (!measure(odb, entry->old_mode, &entry->old_id, &old_length, error) ||
        !measure(odb, entry->new_mode, &entry->new_id, &new_length, error))
        return FALSE;
    gboolean binary = MAX(old_length, new_length) > GIT_PATCH_BLOB_MAX;
    g_autoptr(GMutexLocker) turn = NULL;
    if (!binary && old_length + new_length > LARGE)
        turn = g_mutex_locker_new(&large_pairs);
    if (!binary && old_length + new_length <= GIT_PATCH_PAIR_MAX)
        return write_pair(writer, odb, entry, unreadable, error);
    if (!binary && !find_binary(odb, entry, &binary, error))
        return FALSE;
    *unreadable = !binary;
    if (binary)
        write_binary(writer, entry);
    return TRUE;
}

gboolean git_diff_patch(git_repository *repository, const GitDiffEntry *entry, const GitPatchSink *sink,
                        gboolean *unreadable, GError **error)
{
    g_autoptr(git_odb) odb = NULL;
    *unreadable = FALSE;
    if (git_oid_equal(&entry->old_id, &entry->new_id))
        return TRUE;
    if (git_repository_odb(&odb, repository) != 0)
        return git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    g_auto(PatchWriter) writer = {.sink = sink, .line = g_string_new(NULL)};
    return write_patch(&writer, odb, entry, unreadable, error);
}
