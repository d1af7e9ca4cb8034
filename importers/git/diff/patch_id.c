#include "importers/git/diff/patch_id.h"

#include "importers/git/commit_object.h"
#include "importers/git/diff/patch.h"
#include "importers/git/diff/quoted_path.h"
#include "importers/git/diff/renames.h"
#include "importers/git/error.h"

#include <string.h>

/* What was last of a file's patch. */
typedef enum PatchPart {
    PATCH_HEADER,
    PATCH_HUNKS,
    PATCH_BINARY,
} PatchPart;

typedef struct PatchId {
    GChecksum *checksum; /* since the last sum_up() */
    guint8 sum[GIT_OID_RAWSZ];
    PatchPart part;
    const GitDiffEntry *entry;
} PatchId;

static void patch_id_clear(PatchId *patch)
{
    g_clear_pointer(&patch->checksum, g_checksum_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PatchId, patch_id_clear)

/* Git sees a line only up to the first NUL. */
static void hash_line(PatchId *patch, const char *line, gsize length)
{
    g_checksum_update(patch->checksum, (const guchar *)line, (gssize)strnlen(line, length));
}

static void hash_text(PatchId *patch, const GString *text)
{
    hash_line(patch, text->str, text->len);
}

static void sum_up(PatchId *patch)
{
    guint8 digest[GIT_OID_RAWSZ];
    gsize length = sizeof(digest);
    guint carry = 0;
    g_checksum_get_digest(patch->checksum, digest, &length);
    g_checksum_reset(patch->checksum);
    for (gsize i = 0; i < length; i++) {
        carry += patch->sum[i] + digest[i];
        patch->sum[i] = (guint8)carry;
        carry >>= 8;
    }
}

static void hash_first_line(PatchId *patch, const GitDiffEntry *entry)
{
    g_autoptr(GString) line = g_string_new("diff --git ");
    append_quoted_path(line, "a/", entry->old_path);
    g_string_append_c(line, ' ');
    append_quoted_path(line, "b/", entry->new_path);
    g_string_append_c(line, '\n');
    hash_text(patch, line);
}

static void hash_modes(PatchId *patch, const GitDiffEntry *entry)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    if (!entry->old_mode)
        g_string_append_printf(lines, "new file mode %06o\n", entry->new_mode);
    else if (!entry->new_mode)
        g_string_append_printf(lines, "deleted file mode %06o\n", entry->old_mode);
    else if (entry->old_mode != entry->new_mode)
        g_string_append_printf(lines, "old mode %06o\nnew mode %06o\n", entry->old_mode, entry->new_mode);
    hash_text(patch, lines);
}

static gboolean hash_rename(PatchId *patch, git_repository *repository, const GitDiffEntry *entry,
                            GError **error)
{
    guint similarity;
    g_autoptr(GString) lines = g_string_new(NULL);
    if (entry->status != 'R')
        return TRUE;
    if (!git_diff_similarity_index(repository, entry, &similarity, error))
        return FALSE;
    g_string_append_printf(lines, "similarity index %u%%\nrename from ", similarity);
    append_quoted_path(lines, "", entry->old_path);
    g_string_append(lines, "\nrename to ");
    append_quoted_path(lines, "", entry->new_path);
    g_string_append_c(lines, '\n');
    hash_text(patch, lines);
    return TRUE;
}

static void hash_side(PatchId *patch, const char *sign, guint mode, const char *prefix, const char *path)
{
    g_autoptr(GString) line = g_string_new(sign);
    if (mode)
        append_quoted_path(line, prefix, path);
    else
        g_string_append(line, "/dev/null");
    g_string_append(line, mode && strchr(path, ' ') ? "\t\n" : "\n");
    hash_text(patch, line);
}

static void begin_hunks(PatchId *patch)
{
    const GitDiffEntry *entry = patch->entry;
    hash_side(patch, "--- ", entry->old_mode, "a/", entry->old_path);
    hash_side(patch, "+++ ", entry->new_mode, "b/", entry->new_path);
    patch->part = PATCH_HUNKS;
}

static void hash_binary(PatchId *patch)
{
    char ids[2 * GIT_OID_HEXSZ];
    git_oid_fmt(ids, &patch->entry->old_id);
    git_oid_fmt(ids + GIT_OID_HEXSZ, &patch->entry->new_id);
    hash_line(patch, ids, sizeof(ids));
    sum_up(patch);
    patch->part = PATCH_BINARY;
}

static gboolean on_line(const char *line, gsize length, gpointer data)
{
    PatchId *patch = data;
    if (*line == 'B')
        hash_binary(patch);
    else if (*line != '@')
        hash_line(patch, line, length);
    else if (patch->part == PATCH_HEADER)
        begin_hunks(patch);
    return TRUE;
}

/* Only after hunks git begins a new sum, so a file of which only the header is printed is taken together with
 * the one that follows; and it overlooks the first line after a binary file. */
static void begin_file(PatchId *patch, const GitDiffEntry *entry)
{
    if (patch->part == PATCH_HUNKS)
        sum_up(patch);
    if (patch->part != PATCH_BINARY)
        hash_first_line(patch, entry);
    patch->part = PATCH_HEADER;
    patch->entry = entry;
}

static gboolean hash_file(PatchId *patch, git_repository *repository, const GitDiffEntry *entry,
                          gboolean *unreadable, GError **error)
{
    GitPatchSink sink = {.line = on_line, .data = patch};
    begin_file(patch, entry);
    hash_modes(patch, entry);
    return hash_rename(patch, repository, entry, error) &&
           git_diff_patch(repository, entry, &sink, unreadable, error);
}

/* (transfer full) */
static char *in_hex(const guint8 *bytes, gsize length)
{
    GString *hex = g_string_new(NULL);
    for (gsize i = 0; i < length; i++)
        g_string_append_printf(hex, "%02x", bytes[i]);
    return g_string_free(hex, FALSE);
}

static gboolean hash_files(git_repository *repository, const GPtrArray *entries, char **id, GError **error)
{
    g_auto(PatchId) patch = {.checksum = g_checksum_new(G_CHECKSUM_SHA1)};
    gboolean unreadable = FALSE;
    for (guint i = 0; i < entries->len && !unreadable; i++)
        if (!hash_file(&patch, repository, g_ptr_array_index(entries, i), &unreadable, error))
            return FALSE;
    sum_up(&patch);
    *id = unreadable || entries->len == 0 ? NULL : in_hex(patch.sum, sizeof(patch.sum));
    return TRUE;
}

gboolean git_patch_id(git_repository *repository, const git_oid *old_commit, const git_oid *new_commit,
                      char **id, GError **error)
{
    git_oid old_tree, new_tree;
    *id = NULL;
    if (!git_commit_object_tree(repository, old_commit, &old_tree, error) ||
        !git_commit_object_tree(repository, new_commit, &new_tree, error))
        return FALSE;
    g_autoptr(GPtrArray) entries = git_diff_entries(repository, &old_tree, &new_tree, error);
    if (!entries || !git_diff_find_renames(repository, entries, GIT_RENAME_DEFAULT, error))
        return FALSE;
    git_diff_split_type_changes(entries);
    return hash_files(repository, entries, id, error);
}
