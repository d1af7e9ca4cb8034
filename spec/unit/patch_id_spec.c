/*
 * Patch ids of generated pairs of trees, against `git diff --full-index | git patch-id --verbatim`.
 */
#include "importers/git/diff/patch_id.h"

#include "importers/git/diff/patch.h"
#include "importers/git/repository.h"
#include "spec/support/generated_trees.h"

#define PAIRS 200

/* "" for none. (transfer full) */
static char *our_id(const GeneratedTrees *trees, guint pair)
{
    g_autoptr(GError) error = NULL;
    char *id;
    git_oid old_commit = tree_object(trees, pair, "old", ""),
            new_commit = tree_object(trees, pair, "new", "");
    git_patch_id(trees->repository, &old_commit, &new_commit, &id, &error);
    assert_no_error(error);
    return id ? id : g_strdup("");
}

/* (transfer full) */
static GStrv git_ids(const GeneratedTrees *trees)
{
    g_autoptr(GString) script = g_string_new(NULL);
    for (guint i = 0; i < trees->count; i++)
        g_string_append_printf(
            script, "git diff --full-index %uold %unew | git patch-id --verbatim | cut -d' ' -f1; echo =\n",
            i, i);
    g_autofree char *output = git_output(trees->folder, script->str);
    return g_strsplit(output, "=\n", -1);
}

static void assert_same(const GeneratedTrees *trees)
{
    g_auto(GStrv) expected = git_ids(trees);
    for (guint i = 0; i < trees->count; i++) {
        g_autofree char *id = our_id(trees, i);
        if (strcmp(id, g_strchomp(expected[i])) != 0)
            fail_msg("pair %u: %s, git: %s", i, id, expected[i]);
    }
}

static void patch_ids_are_gits(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(30);
    for (guint i = 0; i < PAIRS; i++)
        trees_add_by_chance(trees);
    trees_finish(trees);
    assert_same(trees);
    trees_free(trees);
}

typedef struct Side {
    const char *path;
    guint mode;
    const char *content;
} Side;

static void add_pair(GeneratedTrees *trees, const Side *old_files, const Side *new_files)
{
    g_autoptr(GHashTable) old_tree = tree_new();
    g_autoptr(GHashTable) new_tree = tree_new();
    for (const Side *file = old_files; file->path; file++)
        tree_put(old_tree, file->path, file->mode, file->content, strlen(file->content));
    for (const Side *file = new_files; file->path; file++)
        tree_put(new_tree, file->path, file->mode, file->content, strlen(file->content));
    trees_add(trees, old_tree, new_tree);
}

static void assert_git_agrees(const Side *old_files, const Side *new_files)
{
    GeneratedTrees *trees = trees_new(1);
    add_pair(trees, old_files, new_files);
    trees_finish(trees);
    assert_same(trees);
    trees_free(trees);
}

static void whitespace_counts(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    const Side before[] = {{"a", 0100644, "one\n"}, {NULL}};
    const Side spaces[] = {{"a", 0100644, "t  w o\n"}, {NULL}};
    const Side none[] = {{"a", 0100644, "two\n"}, {NULL}};
    add_pair(trees, before, spaces);
    add_pair(trees, before, none);
    trees_finish(trees);
    assert_same(trees);
    g_autofree char *one = our_id(trees, 0);
    g_autofree char *other = our_id(trees, 1);
    assert_string_not_equal(one, other);
    trees_free(trees);
}

static void an_equal_pair_has_no_id(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    const Side files[] = {{"a", 0100644, "one\n"}, {NULL}};
    add_pair(trees, files, files);
    trees_finish(trees);
    g_autofree char *id = our_id(trees, 0);
    assert_string_equal(id, "");
    trees_free(trees);
}

static void files_without_hunks_are_taken_with_the_next(G_GNUC_UNUSED void **state)
{
    const Side before[] = {{"a", 0100644, "same\n"}, {"mode", 0100644, "x\n"}, {"z", 0100644, "1\n"}, {NULL}};
    const Side after[] = {{"b", 0100644, "same\n"},
                          {"empty", 0100644, ""},
                          {"mode", 0100755, "x\n"},
                          {"z", 0100644, "2\n"},
                          {NULL}};
    assert_git_agrees(before, after);
}

static void paths_are_quoted_and_ended_as_git_does(G_GNUC_UNUSED void **state)
{
    const Side before[] = {{"with space", 0100644, "1\n"}, {"\xc3\xa9\"\t", 0100644, "1\n"}, {NULL}};
    const Side after[] = {{"with space", 0100644, "2\n"}, {"\xc3\xa9\"\t", 0100644, "2"}, {NULL}};
    assert_git_agrees(before, after);
}

static void a_change_of_type_is_a_deletion_and_an_addition(G_GNUC_UNUSED void **state)
{
    const Side before[] = {{"link", 0100644, "text\n"}, {"sub", 0100644, "text\n"}, {NULL}};
    const Side after[] = {
        {"link", 0120000, "target"}, {"sub", 0160000, "1111111111111111111111111111111111111111"}, {NULL}};
    assert_git_agrees(before, after);
}

/* The binary file's id is in the sum, but of the file that follows git overlooks the first line. */
static void binary_files_are_known_by_their_ids(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    g_autoptr(GHashTable) old_tree = tree_new();
    g_autoptr(GHashTable) new_tree = tree_new();
    tree_put(old_tree, "a", 0100644, "\0one\n", 5);
    tree_put(new_tree, "a", 0100644, "\0two\n", 5);
    tree_put(new_tree, "b", 0100644, "text\n", 5);
    tree_put(new_tree, "c", 0100644, "\0", 1);
    tree_put(new_tree, "d", 0100644, "", 0);
    tree_put(new_tree, "e", 0100644, "\0e", 2);
    trees_add(trees, old_tree, new_tree);
    trees_finish(trees);
    assert_same(trees);
    trees_free(trees);
}

static void a_line_ends_at_nul(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    g_autoptr(GHashTable) old_tree = tree_new();
    g_autoptr(GHashTable) new_tree = tree_new();
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 9000)
        g_string_append(text, "a line of text\n");
    tree_put(old_tree, "late", 0100644, text->str, text->len);
    g_string_append_len(text, "a\0b\nend\n", 8);
    tree_put(new_tree, "late", 0100644, text->str, text->len);
    trees_add(trees, old_tree, new_tree);
    trees_finish(trees);
    assert_same(trees);
    trees_free(trees);
}

static void a_file_of_too_many_lines_leaves_no_id(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    g_autofree char *lines = g_strnfill(GIT_PATCH_LINES_MAX, '\n');
    const Side before[] = {{"a", 0100644, "1\n"}, {"long", 0100644, lines}, {NULL}};
    const Side after[] = {{"a", 0100644, "2\n"}, {"long", 0100644, "1\n"}, {NULL}};
    add_pair(trees, before, after);
    trees_finish(trees);
    g_autofree char *id = our_id(trees, 0);
    assert_string_equal(id, "");
    trees_free(trees);
}

static void a_missing_commit_is_an_error(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    trees_finish(trees);
    git_oid missing = {.id = {1}};
    char *id;
    g_autoptr(GError) error = NULL;
    assert_false(git_patch_id(trees->repository, &missing, &missing, &id, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
    assert_null(id);
    trees_free(trees);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patch_ids_are_gits),
        cmocka_unit_test(whitespace_counts),
        cmocka_unit_test(an_equal_pair_has_no_id),
        cmocka_unit_test(files_without_hunks_are_taken_with_the_next),
        cmocka_unit_test(paths_are_quoted_and_ended_as_git_does),
        cmocka_unit_test(a_change_of_type_is_a_deletion_and_an_addition),
        cmocka_unit_test(binary_files_are_known_by_their_ids),
        cmocka_unit_test(a_line_ends_at_nul),
        cmocka_unit_test(a_file_of_too_many_lines_leaves_no_id),
        cmocka_unit_test(a_missing_commit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
