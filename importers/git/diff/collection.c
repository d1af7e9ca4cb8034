#include "importers/git/diff/collection.h"

#include "importers/git/commit_object.h"
#include "importers/git/diff/file_order.h"
#include "importers/git/diff/patch.h"
#include "importers/git/diff/renames.h"
#include "importers/git/encoding.h"

#include <string.h>

/* What Gitaly allows at most (enforceUpperBound()). */
#define MAX_FILES       5000
#define MAX_LINES       250000
#define MAX_BYTES       (5000 * 5120)
#define MAX_PATCH_BYTES 512000

/* Gitaly's Parser: what the files so far have used of the limits. */
typedef struct DiffParser {
    git_repository *repository;
    GitDiffLimits limits;
    GitDiffCollection *collection;
    gint64 files, lines, bytes;
} DiffParser;

/* The text of one file, which is no longer kept once it is too large. */
typedef struct FilePatch {
    GString *text;
    gsize max_bytes;
    gsize bytes;                         /* of all lines */
    gint64 counted_lines, counted_bytes; /* without hunk headers */
} FilePatch;

static void file_patch_clear(FilePatch *patch)
{
    g_string_free(patch->text, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FilePatch, file_patch_clear)

static void free_file(gpointer data)
{
    GitDiffFile *file = data;
    g_free(file->old_path);
    g_free(file->new_path);
    g_free(file->diff);
    g_free(file);
}

void git_diff_collection_free(GitDiffCollection *collection)
{
    g_ptr_array_unref(collection->files);
    g_free(collection);
}

static gboolean is_too_large(const FilePatch *patch)
{
    return patch->bytes >= patch->max_bytes;
}

static gboolean take_line(const char *line, gsize length, gpointer data)
{
    FilePatch *patch = data;
    patch->bytes += length;
    if (*line != '@') {
        patch->counted_lines++;
        patch->counted_bytes += (gint64)length;
    }
    if (is_too_large(patch))
        g_string_truncate(patch->text, 0);
    else
        g_string_append_len(patch->text, line, (gssize)length);
    return TRUE;
}

/* `patch` is NULL for a file that was not read. */
static GitDiffFile *file_new(const GitDiffEntry *entry, const FilePatch *patch)
{
    GitDiffFile *file = g_new0(GitDiffFile, 1);
    gboolean old_encoded, new_encoded;
    file->old_path = encoding_path(entry->old_path, strlen(entry->old_path), &old_encoded);
    file->new_path = encoding_path(entry->new_path, strlen(entry->new_path), &new_encoded);
    file->encoded_file_path = old_encoded || new_encoded;
    file->a_mode = entry->old_mode;
    file->b_mode = entry->new_mode;
    file->new_file = git_oid_is_zero(&entry->old_id);
    file->deleted_file = git_oid_is_zero(&entry->new_id);
    file->renamed_file = !g_str_equal(entry->old_path, entry->new_path);
    file->too_large = !patch || is_too_large(patch);
    file->diff =
        file->too_large ? g_strdup("") : encoding_diff(patch->text->str, patch->text->len, &file->binary);
    return file;
}

/* A text that is too large counts for nothing. As in Gitaly more bytes are taken back than were counted:
 * those of its hunk headers. */
static void count(DiffParser *parser, const FilePatch *patch)
{
    if (is_too_large(patch)) {
        parser->bytes += patch->counted_bytes - (gint64)patch->bytes;
        return;
    }
    parser->lines += patch->counted_lines;
    parser->bytes += patch->counted_bytes;
}

static gboolean is_over(const DiffParser *parser)
{
    return parser->lines >= parser->limits.max_lines || parser->bytes >= (gint64)parser->limits.max_bytes;
}

static gboolean take_file(DiffParser *parser, const GitDiffEntry *entry, GError **error)
{
    g_auto(FilePatch) patch = {.text = g_string_new(NULL), .max_bytes = parser->limits.max_patch_bytes};
    const GitPatchSink sink = {take_line, &patch};
    gboolean unreadable;
    if (!git_diff_patch(parser->repository, entry, &sink, &unreadable, error))
        return FALSE;
    if (!unreadable)
        count(parser, &patch);
    parser->collection->overflow = is_over(parser);
    if (!parser->collection->overflow)
        g_ptr_array_add(parser->collection->files, file_new(entry, unreadable ? NULL : &patch));
    return TRUE;
}

static gboolean take_files(DiffParser *parser, const GPtrArray *entries, GError **error)
{
    for (guint i = 0; i < entries->len && !parser->collection->overflow; i++) {
        if (++parser->files > parser->limits.max_files)
            parser->collection->overflow = TRUE;
        else if (!take_file(parser, entries->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

/* In Gitaly's order. (transfer full) */
static GPtrArray *find_entries(git_repository *repository, const git_oid *base, const git_oid *head,
                               GError **error)
{
    git_oid old_tree, new_tree;
    if (base && !git_commit_object_tree(repository, base, &old_tree, error))
        return NULL;
    if (!git_commit_object_tree(repository, head, &new_tree, error))
        return NULL;
    g_autoptr(GPtrArray) entries = git_diff_entries(repository, base ? &old_tree : NULL, &new_tree, error);
    if (!entries || !git_diff_find_renames(repository, entries, GIT_RENAME_GITALY, error))
        return NULL;
    git_diff_split_type_changes(entries);
    return g_steal_pointer(&entries);
}

static gint compare_files(gconstpointer a, gconstpointer b)
{
    const GitDiffFile *one = *(const GitDiffFile *const *)a, *two = *(const GitDiffFile *const *)b;
    return compare_file_order(one->new_path, two->new_path);
}

GitDiffCollection *git_diff_collection(git_repository *repository, const git_oid *base, const git_oid *head,
                                       const GitDiffLimits *limits, GError **error)
{
    g_autoptr(GPtrArray) entries = find_entries(repository, base, head, error);
    if (!entries)
        return NULL;
    g_autoptr(GitDiffCollection) collection = g_new0(GitDiffCollection, 1);
    collection->files = g_ptr_array_new_with_free_func(free_file);
    DiffParser parser = {.repository = repository, .collection = collection};
    parser.limits = (GitDiffLimits){.max_files = MIN(limits->max_files, MAX_FILES),
                                    .max_lines = MIN(limits->max_lines, MAX_LINES),
                                    .max_bytes = MIN(limits->max_bytes, MAX_BYTES),
                                    .max_patch_bytes = MIN(limits->max_patch_bytes, MAX_PATCH_BYTES)};
    if (!take_files(&parser, entries, error))
        return NULL;
    /* A stable sort: the two halves of a change of type stay in order. */
    g_ptr_array_sort(collection->files, compare_files);
    return g_steal_pointer(&collection);
}
