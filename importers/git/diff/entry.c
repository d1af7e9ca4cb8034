#include "importers/git/diff/entry.h"

#include "importers/git/error.h"

#include <string.h>

#define TYPE_OF_FILE   0170000u /* S_IFMT */
#define OWNER_EXECUTES 0100u    /* S_IXUSR */
#define DEPTH_MAX      2048     /* of trees within trees; git's core.maxTreeDepth */

typedef struct TreeWalk {
    git_odb *odb;
    GString *path; /* of what is being compared */
    guint depth;   /* of the trees that it is in */
    GPtrArray *entries;
} TreeWalk;

GitDiffEntry *git_diff_entry_new(char status, const char *old_path, const char *new_path, guint old_mode,
                                 guint new_mode, const git_oid *old_id, const git_oid *new_id)
{
    GitDiffEntry *entry = g_new(GitDiffEntry, 1);
    *entry = (GitDiffEntry){.status = status,
                            .old_path = g_strdup(old_path),
                            .new_path = g_strdup(new_path),
                            .old_mode = old_mode,
                            .new_mode = new_mode,
                            .old_id = *old_id,
                            .new_id = *new_id};
    return entry;
}

void git_diff_entry_free(GitDiffEntry *entry)
{
    g_free(entry->old_path);
    g_free(entry->new_path);
    g_free(entry);
}

/* --- trees --- */

typedef struct TreeEntry {
    const char *name; /* borrowed from the tree; NULL: no more entries */
    guint mode;
    git_oid id;
} TreeEntry;

/* A tree object, one entry after the other. */
typedef struct TreeReader {
    git_odb_object *object; /* NULL: an empty tree */
    const char *next, *end;
    TreeEntry entry;
} TreeReader;

static void tree_reader_clear(TreeReader *reader)
{
    g_clear_pointer(&reader->object, git_odb_object_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TreeReader, tree_reader_clear)

/* git's canon_mode(): old trees have other permissions, too. */
static guint canonical_mode(guint mode)
{
    switch (mode & TYPE_OF_FILE) {
    case GIT_FILEMODE_BLOB &TYPE_OF_FILE:
        return mode & OWNER_EXECUTES ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB;
    case GIT_FILEMODE_LINK:
    case GIT_FILEMODE_TREE:
        return mode & TYPE_OF_FILE;
    default:
        return GIT_FILEMODE_COMMIT;
    }
}

static gboolean fail_malformed(GError **error)
{
    g_set_error_literal(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE, "reading a tree: it is malformed");
    return FALSE;
}

/* "MODE NAME", a NUL and the bytes of the id. */
static gboolean next_entry(TreeReader *reader, GError **error)
{
    const char *position = reader->next;
    guint mode = 0;
    reader->entry.name = NULL;
    if (position == reader->end)
        return TRUE;
    while (position < reader->end && *position >= '0' && *position <= '7')
        mode = (mode << 3) + (guint)(*position++ - '0');
    if (position == reader->end || *position++ != ' ')
        return fail_malformed(error);
    const char *name_end = memchr(position, 0, (gsize)(reader->end - position));
    if (!name_end || reader->end - name_end <= GIT_OID_RAWSZ)
        return fail_malformed(error);
    reader->entry.name = position;
    reader->entry.mode = canonical_mode(mode);
    memcpy(reader->entry.id.id, name_end + 1, GIT_OID_RAWSZ);
    reader->next = name_end + 1 + GIT_OID_RAWSZ;
    return TRUE;
}

/* Stands on the first entry. */
static gboolean open_tree(const TreeWalk *walk, const git_oid *id, TreeReader *reader, GError **error)
{
    if (!id)
        return TRUE;
    if (git_odb_read(&reader->object, walk->odb, id) != 0)
        return git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading a tree", error);
    if (git_odb_object_type(reader->object) != GIT_OBJECT_TREE)
        return fail_malformed(error);
    reader->next = git_odb_object_data(reader->object);
    reader->end = reader->next + git_odb_object_size(reader->object);
    return next_entry(reader, error);
}

/* --- two of them --- */

static gboolean is_tree(const TreeEntry *entry)
{
    return entry->mode == GIT_FILEMODE_TREE;
}

/* Git's order within a tree: a directory sorts as if its name ended with a slash. So a file and a directory
 * of the same name are two different things. */
static int compare_names(const TreeEntry *a, const TreeEntry *b)
{
    gsize a_length = strlen(a->name), b_length = strlen(b->name), common = MIN(a_length, b_length);
    int order = memcmp(a->name, b->name, common);
    if (order)
        return order;
    int a_next = a_length > common ? (guchar)a->name[common] : is_tree(a) ? '/' : 0;
    int b_next = b_length > common ? (guchar)b->name[common] : is_tree(b) ? '/' : 0;
    return a_next - b_next;
}

/* An end comes after every name. */
static int compare_entries(const TreeEntry *a, const TreeEntry *b)
{
    if (!a->name || !b->name)
        return !a->name - !b->name;
    return compare_names(a, b);
}

static char status_of(guint old_mode, guint new_mode)
{
    if (!old_mode)
        return 'A';
    if (!new_mode)
        return 'D';
    return (old_mode ^ new_mode) & TYPE_OF_FILE ? 'T' : 'M';
}

static void add_file(TreeWalk *walk, const TreeEntry *before, const TreeEntry *after)
{
    static const git_oid none = {{0}};
    guint old_mode = before ? before->mode : 0, new_mode = after ? after->mode : 0;
    const char *path = walk->path->str;
    g_ptr_array_add(walk->entries,
                    git_diff_entry_new(status_of(old_mode, new_mode), path, path, old_mode, new_mode,
                                       before ? &before->id : &none, after ? &after->id : &none));
}

static gboolean compare_trees(TreeWalk *walk, const git_oid *old_id, const git_oid *new_id, GError **error);

/* Each tree takes its part of the thread's stack, which a hostile repository must not exhaust. */
static gboolean compare_directories(TreeWalk *walk, const TreeEntry *before, const TreeEntry *after,
                                    GError **error)
{
    if (walk->depth == DEPTH_MAX) {
        g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE,
                    "reading a tree: there are more than %d directories in one another", DEPTH_MAX);
        return FALSE;
    }
    walk->depth++;
    gboolean compared = compare_trees(walk, before ? &before->id : NULL, after ? &after->id : NULL, error);
    walk->depth--;
    return compared;
}

/* One name of a directory; NULL where that side has not got it. */
static gboolean compare_pair(TreeWalk *walk, const TreeEntry *before, const TreeEntry *after, GError **error)
{
    if (before && after && git_oid_equal(&before->id, &after->id) && before->mode == after->mode)
        return TRUE;
    gsize directory_length = walk->path->len;
    gboolean compared = TRUE;
    const TreeEntry *either = before ? before : after;
    g_string_append(walk->path, either->name);
    if (is_tree(either))
        compared = compare_directories(walk, before, after, error);
    else
        add_file(walk, before, after);
    g_string_truncate(walk->path, directory_length);
    return compared;
}

/* Most entries of two versions of a directory are equal, byte by byte. */
static void skip_equal_entries(TreeReader *before, TreeReader *after)
{
    gsize left = (gsize)MIN(before->end - before->next, after->end - after->next);
    while (left) {
        const char *name_end = memchr(before->next, 0, left);
        gsize length = name_end ? (gsize)(name_end - before->next) + 1 + GIT_OID_RAWSZ : left + 1;
        if (length > left || memcmp(before->next, after->next, length) != 0)
            return;
        before->next += length;
        after->next += length;
        left -= length;
    }
}

/* walk->path is the directory, without a slash at its end. */
static gboolean compare_trees(TreeWalk *walk, const git_oid *old_id, const git_oid *new_id, GError **error)
{
    g_auto(TreeReader) before = {0};
    g_auto(TreeReader) after = {0};
    if (!open_tree(walk, old_id, &before, error) || !open_tree(walk, new_id, &after, error))
        return FALSE;
    if (walk->path->len)
        g_string_append_c(walk->path, '/');
    while (before.entry.name || after.entry.name) {
        int order = compare_entries(&before.entry, &after.entry);
        if (!compare_pair(walk, order <= 0 ? &before.entry : NULL, order >= 0 ? &after.entry : NULL, error))
            return FALSE;
        if (order == 0)
            skip_equal_entries(&before, &after);
        if ((order <= 0 && !next_entry(&before, error)) || (order >= 0 && !next_entry(&after, error)))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *git_diff_entries(git_repository *repository, const git_oid *old_tree, const git_oid *new_tree,
                            GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)git_diff_entry_free);
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(git_odb) odb = NULL;
    if (old_tree && new_tree && git_oid_equal(old_tree, new_tree))
        return g_steal_pointer(&entries);
    if (git_repository_odb(&odb, repository) != 0) {
        git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
        return NULL;
    }
    TreeWalk walk = {.odb = odb, .path = path, .entries = entries};
    return compare_trees(&walk, old_tree, new_tree, error) ? g_steal_pointer(&entries) : NULL;
}

void git_diff_split_type_changes(GPtrArray *entries)
{
    static const git_oid none = {{0}};
    for (guint i = 0; i < entries->len; i++) {
        GitDiffEntry *entry = entries->pdata[i];
        if (entry->status != 'T')
            continue;
        g_ptr_array_insert(entries, (gint)i + 1,
                           git_diff_entry_new('A', entry->new_path, entry->new_path, 0, entry->new_mode,
                                              &none, &entry->new_id));
        entry->status = 'D';
        entry->new_mode = 0;
        entry->new_id = none;
    }
}
