/*
 * Pairs of trees in a real repository, made by chance but the same in each run: files that were moved,
 * edited, swapped, copied and deleted, of many kinds. For the specs that compare with git's command line; in
 * a header, because only the programs that include it are linked with the importers.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "spec/support/cmocka_glib.h"

#include <glib/gstdio.h>

typedef struct TreeFile {
    guint mode;
    GString *content; /* of a submodule: 40 hex digits */
} TreeFile;

typedef struct GeneratedTrees {
    char *folder; /* a bare repository */
    git_repository *repository;
    guint32 seed;
    gboolean unterminated_files; /* files may lack the last line end */
    FILE *stream;                /* of git fast-import */
    guint count;                 /* pairs: branches 0old, 0new, 1old ... */
} GeneratedTrees;

static inline char *git_output(const char *folder, const char *script)
{
    char *argv[] = {(char *)"/bin/sh", (char *)"-euc", (char *)script, NULL};
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
    environment = g_environ_setenv(environment, "GIT_CONFIG_NOSYSTEM", "1", TRUE);
    char *output = NULL;
    int status;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(folder, argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                      &error) ||
        !g_spawn_check_wait_status(status, &error))
        fail_msg("%s: %s", script, error->message);
    return output;
}

static inline void tree_file_free(gpointer data)
{
    TreeFile *file = data;
    g_string_free(file->content, TRUE);
    g_free(file);
}

/* From a path to its TreeFile. (transfer full) */
static inline GHashTable *tree_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, tree_file_free);
}

static inline void tree_put(GHashTable *tree, const char *path, guint mode, const char *content, gsize length)
{
    TreeFile *file = g_new(TreeFile, 1);
    *file = (TreeFile){.mode = mode, .content = g_string_new_len(content, (gssize)length)};
    g_hash_table_insert(tree, g_strdup(path), file);
}

static inline guint chance(GeneratedTrees *trees, guint below)
{
    trees->seed = trees->seed * 1664525 + 1013904223;
    return (guint)(((guint64)trees->seed * below) >> 32);
}

static inline void append_line(GeneratedTrees *trees, GString *content, guint kind)
{
    static const char *const WORDS[] = {"if",   "return", "rocket", "launch", "{",        "}",
                                        "NULL", "fuel",   "stage",  "abort",  "\xc3\xa4", "0"};
    guint words = kind == 2 ? 20 : 1 + chance(trees, 5); /* kind 2 has lines of more than 64 bytes */
    for (guint i = 0; i < words; i++)
        g_string_append_printf(content, "%s%u ", WORDS[chance(trees, G_N_ELEMENTS(WORDS))],
                               chance(trees, 40));
    if (kind == 3)
        g_string_append_len(content, "\0\x01", 2);
    g_string_append(content, kind == 1 ? "\r\n" : "\n");
}

static inline void append_content(GeneratedTrees *trees, GString *content)
{
    guint kind = chance(trees, 5);
    guint lines = chance(trees, 12) == 0 ? 0 : 1 + chance(trees, 25);
    for (guint i = 0; i < lines; i++)
        append_line(trees, content, kind);
    if (trees->unterminated_files && content->len && chance(trees, 4) == 0)
        g_string_truncate(content, content->len - 1);
}

/* Replaces some of the lines, few or nearly all. */
static inline void edit(GeneratedTrees *trees, GString *content)
{
    g_autofree char *before = g_strndup(content->str, content->len);
    gsize length = content->len;
    guint percent = chance(trees, 4) == 0 ? 90 : chance(trees, 60);
    g_string_truncate(content, 0);
    for (gsize i = 0; i < length;) {
        const char *end = memchr(before + i, '\n', length - i);
        gsize next = end ? (gsize)(end - before) + 1 : length;
        if (chance(trees, 100) >= percent)
            g_string_append_len(content, before + i, (gssize)(next - i));
        else if (chance(trees, 3))
            append_line(trees, content, chance(trees, 4));
        i = next;
    }
}

static inline char *path_by_chance(GeneratedTrees *trees)
{
    static const char *const FOLDERS[] = {"",       "src/", "src/core/",    "docs/",
                                          "src.d/", "a b/", "lib/\xc3\xa9/"};
    static const char *const NAMES[] = {"Makefile", "main.c", "README", "x", "x.c", "\"quoted\"", "a\tb"};
    const char *folder = FOLDERS[chance(trees, G_N_ELEMENTS(FOLDERS))];
    if (chance(trees, 2))
        return g_strdup_printf("%s%s", folder, NAMES[chance(trees, G_N_ELEMENTS(NAMES))]);
    return g_strdup_printf("%sfile%u", folder, chance(trees, 30));
}

static inline void add_file_by_chance(GeneratedTrees *trees, GHashTable *tree)
{
    g_autofree char *path = path_by_chance(trees);
    g_autoptr(GString) content = g_string_new(NULL);
    guint kind = chance(trees, 20);
    if (kind == 0)
        for (guint i = 0; i < 40; i++)
            g_string_append_c(content, (char)('1' + chance(trees, 2) * (i == 0)));
    else if (kind == 1)
        g_string_append_printf(content, "target%u", chance(trees, 3));
    else
        append_content(trees, content);
    guint mode = kind == 0 ? 0160000 : kind == 1 ? 0120000 : chance(trees, 5) ? 0100644 : 0100755;
    tree_put(tree, path, mode, content->str, content->len);
}

/* One change: of a file, of its place, of both, a copy, or another kind of file. */
static inline void change_by_chance(GeneratedTrees *trees, GHashTable *tree, const char *path)
{
    const TreeFile *file = g_hash_table_lookup(tree, path);
    if (!file)
        return;
    guint what = chance(trees, 10), mode = file->mode;
    g_autoptr(GString) content = g_string_new_len(file->content->str, (gssize)file->content->len);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *elsewhere = path_by_chance(trees);
    if (what < 3) { /* keeps its name */
        g_free(elsewhere);
        elsewhere = g_strdup_printf("moved%u/%s", chance(trees, 3), base);
    }
    if (what != 1 && what != 4 && mode != 0160000)
        edit(trees, content);
    if (what == 5)
        mode = mode == 0100644 ? 0100755 : mode == 0100755 ? 0120000 : mode;
    if (what != 6)
        g_hash_table_remove(tree, path);
    if (what != 7)
        tree_put(tree, what == 8 ? path : elsewhere, mode, content->str, content->len);
}

static inline void write_tree(GeneratedTrees *trees, GHashTable *tree, const char *side)
{
    GHashTableIter iterator;
    gpointer path, value;
    fprintf(trees->stream, "commit refs/heads/%u%s\ncommitter A <a@example.com> 0 +0000\ndata 0\ndeleteall\n",
            trees->count, side);
    g_hash_table_iter_init(&iterator, tree);
    while (g_hash_table_iter_next(&iterator, &path, &value)) {
        const TreeFile *file = value;
        g_autofree char *escaped = g_strescape(path, NULL);
        if (file->mode == 0160000) {
            fprintf(trees->stream, "M 160000 %s \"%s\"\n", file->content->str, escaped);
            continue;
        }
        fprintf(trees->stream, "M %o inline \"%s\"\ndata %zu\n", file->mode, escaped, file->content->len);
        fwrite(file->content->str, 1, file->content->len, trees->stream);
        fputc('\n', trees->stream);
    }
}

static inline void trees_add(GeneratedTrees *trees, GHashTable *old_tree, GHashTable *new_tree)
{
    write_tree(trees, old_tree, "old");
    write_tree(trees, new_tree, "new");
    trees->count++;
}

static inline void trees_add_by_chance(GeneratedTrees *trees)
{
    g_autoptr(GHashTable) old_tree = tree_new();
    g_autoptr(GHashTable) new_tree = tree_new();
    guint files = 1 + chance(trees, 25);
    for (guint i = 0; i < files; i++)
        add_file_by_chance(trees, old_tree);
    g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(old_tree), (GCompareFunc)strcmp);
    for (const GList *path = paths; path; path = path->next) {
        const TreeFile *file = g_hash_table_lookup(old_tree, path->data);
        tree_put(new_tree, path->data, file->mode, file->content->str, file->content->len);
    }
    for (const GList *path = paths; path; path = path->next)
        if (chance(trees, 3))
            change_by_chance(trees, new_tree, path->data);
    for (guint i = chance(trees, 6); i > 0; i--)
        add_file_by_chance(trees, new_tree);
    trees_add(trees, old_tree, new_tree);
}

/* Git 2.44 and later take what follows the last line end into account for renames. */
static inline gboolean git_ignores_unterminated_lines(void)
{
    guint major, minor;
    g_autofree char *version = git_output(NULL, "git --version");
    assert_int_equal(sscanf(version, "git version %u.%u", &major, &minor), 2);
    return major == 2 && minor < 44;
}

static inline GeneratedTrees *trees_new(guint32 seed)
{
    GeneratedTrees *trees = g_new0(GeneratedTrees, 1);
    git_libgit2_init();
    trees->folder = g_dir_make_tmp("hubferry_trees_XXXXXX", NULL);
    trees->seed = seed;
    trees->unterminated_files = git_ignores_unterminated_lines();
    g_autofree char *made = git_output(trees->folder, "git init -q --bare .");
    g_autofree char *stream = g_build_filename(trees->folder, "stream", NULL);
    trees->stream = g_fopen(stream, "w");
    assert_non_null(trees->stream);
    return trees;
}

/* After the last trees_add(). */
static inline void trees_finish(GeneratedTrees *trees)
{
    fclose(trees->stream);
    g_autofree char *imported = git_output(trees->folder, "git fast-import --quiet <stream");
    assert_int_equal(git_repository_open_bare(&trees->repository, trees->folder), 0);
}

/* Of one side ("old" or "new") of a pair: its commit ("") or its tree ("^{tree}"). */
static inline git_oid tree_object(const GeneratedTrees *trees, guint pair, const char *side,
                                  const char *suffix)
{
    g_autofree char *name = g_strdup_printf("refs/heads/%u%s%s", pair, side, suffix);
    git_object *object = NULL;
    assert_int_equal(git_revparse_single(&object, trees->repository, name), 0);
    git_oid id = *git_object_id(object);
    git_object_free(object);
    return id;
}

static inline void trees_free(GeneratedTrees *trees)
{
    char *argv[] = {(char *)"rm", (char *)"-rf", trees->folder, NULL};
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_clear_pointer(&trees->repository, git_repository_free);
    g_free(trees->folder);
    g_free(trees);
    git_libgit2_shutdown();
}
