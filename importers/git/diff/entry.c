#include "importers/git/diff/entry.h"

#include "importers/git/error.h"

#include <string.h>

#define TYPE_OF_FILE 0170000u /* S_IFMT */

typedef struct TreeWalk {
    git_repository *repository;
    GString *path; /* of what is being compared */
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

static gboolean is_tree(const git_tree_entry *entry)
{
    return git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
}

/* Git's order within a tree: a directory sorts as if its name ended with a slash. So a file and a directory
 * of the same name are two different things. */
static int compare_names(const git_tree_entry *a, const git_tree_entry *b)
{
    const char *a_name = git_tree_entry_name(a), *b_name = git_tree_entry_name(b);
    gsize a_length = strlen(a_name), b_length = strlen(b_name), common = MIN(a_length, b_length);
    int order = memcmp(a_name, b_name, common);
    if (order)
        return order;
    int a_next = a_length > common ? (guchar)a_name[common] : is_tree(a) ? '/' : 0;
    int b_next = b_length > common ? (guchar)b_name[common] : is_tree(b) ? '/' : 0;
    return a_next - b_next;
}

static char status_of(guint old_mode, guint new_mode)
{
    if (!old_mode)
        return 'A';
    if (!new_mode)
        return 'D';
    return (old_mode ^ new_mode) & TYPE_OF_FILE ? 'T' : 'M';
}

static guint mode_of(const git_tree_entry *entry)
{
    return entry ? (guint)git_tree_entry_filemode(entry) : 0;
}

static void add_file(TreeWalk *walk, const git_tree_entry *before, const git_tree_entry *after)
{
    static const git_oid none = {{0}};
    guint old_mode = mode_of(before), new_mode = mode_of(after);
    const char *path = walk->path->str;
    g_ptr_array_add(walk->entries, git_diff_entry_new(status_of(old_mode, new_mode), path, path, old_mode,
                                                      new_mode, before ? git_tree_entry_id(before) : &none,
                                                      after ? git_tree_entry_id(after) : &none));
}

static gboolean open_tree(const TreeWalk *walk, const git_oid *id, git_tree **tree, GError **error)
{
    return !id || git_tree_lookup(tree, walk->repository, id) == 0 ||
           git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading a tree", error);
}

static gboolean compare_trees(TreeWalk *walk, const git_oid *old_id, const git_oid *new_id, GError **error);

/* One name of a directory; NULL where that side has not got it. */
static gboolean compare_pair(TreeWalk *walk, const git_tree_entry *before, const git_tree_entry *after,
                             GError **error)
{
    const git_oid *old_id = before ? git_tree_entry_id(before) : NULL;
    const git_oid *new_id = after ? git_tree_entry_id(after) : NULL;
    if (old_id && new_id && git_oid_equal(old_id, new_id) && mode_of(before) == mode_of(after))
        return TRUE;
    gsize directory_length = walk->path->len;
    gboolean compared = TRUE;
    const git_tree_entry *either = before ? before : after;
    g_string_append(walk->path, git_tree_entry_name(either));
    if (is_tree(either))
        compared = compare_trees(walk, old_id, new_id, error);
    else
        add_file(walk, before, after);
    g_string_truncate(walk->path, directory_length);
    return compared;
}

/* walk->path is the directory, without a slash at its end. */
static gboolean compare_trees(TreeWalk *walk, const git_oid *old_id, const git_oid *new_id, GError **error)
{
    g_autoptr(git_tree) old_tree = NULL;
    g_autoptr(git_tree) new_tree = NULL;
    if (!open_tree(walk, old_id, &old_tree, error) || !open_tree(walk, new_id, &new_tree, error))
        return FALSE;
    if (walk->path->len)
        g_string_append_c(walk->path, '/');
    gsize old_index = 0, old_count = old_tree ? git_tree_entrycount(old_tree) : 0;
    gsize new_index = 0, new_count = new_tree ? git_tree_entrycount(new_tree) : 0;
    while (old_index < old_count || new_index < new_count) {
        const git_tree_entry *before = NULL, *after = NULL;
        if (old_index < old_count)
            before = git_tree_entry_byindex(old_tree, old_index);
        if (new_index < new_count)
            after = git_tree_entry_byindex(new_tree, new_index);
        int order = !before ? 1 : !after ? -1 : compare_names(before, after);
        old_index += order <= 0;
        new_index += order >= 0;
        if (!compare_pair(walk, order <= 0 ? before : NULL, order >= 0 ? after : NULL, error))
            return FALSE;
    }
    return TRUE;
}

GPtrArray *git_diff_entries(git_repository *repository, const git_oid *old_tree, const git_oid *new_tree,
                            GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)git_diff_entry_free);
    g_autoptr(GString) path = g_string_new(NULL);
    TreeWalk walk = {repository, path, entries};
    if (old_tree && new_tree && git_oid_equal(old_tree, new_tree))
        return g_steal_pointer(&entries);
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
