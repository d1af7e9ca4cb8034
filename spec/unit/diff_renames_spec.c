/*
 * Renames in many generated pairs of trees, against the same pairs in `git diff --raw --find-renames=N%`.
 */
#include "importers/git/diff/renames.h"

#include "importers/git/repository.h"
#include "spec/support/generated_trees.h"

#define PAIRS 260

static void append_path(GString *text, const char *path)
{
    g_string_append(text, path);
    g_string_append_c(text, '\n');
}

/* As git prints it with -z, but with line ends. */
static void append_raw(GString *text, const GitDiffEntry *entry, guint similarity)
{
    char old_id[GIT_OID_HEXSZ + 1], new_id[GIT_OID_HEXSZ + 1];
    git_oid_tostr(old_id, sizeof(old_id), &entry->old_id);
    git_oid_tostr(new_id, sizeof(new_id), &entry->new_id);
    g_string_append_printf(text, ":%06o %06o %s %s %c", entry->old_mode, entry->new_mode, old_id, new_id,
                           entry->status);
    if (entry->status == 'R')
        g_string_append_printf(text, "%03u", similarity);
    g_string_append_c(text, '\n');
    append_path(text, entry->old_path);
    if (entry->status == 'R')
        append_path(text, entry->new_path);
}

/* (transfer full) */
static char *ours(const GeneratedTrees *trees, guint pair, guint minimum)
{
    g_autoptr(GError) error = NULL;
    git_oid old_tree = tree_object(trees, pair, "old", "^{tree}");
    git_oid new_tree = tree_object(trees, pair, "new", "^{tree}");
    g_autoptr(GPtrArray) entries = git_diff_entries(trees->repository, &old_tree, &new_tree, &error);
    assert_no_error(error);
    git_diff_find_renames(trees->repository, entries, minimum, &error);
    assert_no_error(error);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < entries->len; i++) {
        const GitDiffEntry *entry = g_ptr_array_index(entries, i);
        guint similarity = 0;
        if (entry->status == 'R')
            git_diff_similarity_index(trees->repository, entry, &similarity, &error);
        assert_no_error(error);
        append_raw(text, entry, similarity);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static guint minimum_of(guint pair)
{
    return pair % 3 ? GIT_RENAME_GITALY : GIT_RENAME_DEFAULT;
}

/* Of all pairs, each with minimum_of() it. (transfer full) */
static GStrv gits(const GeneratedTrees *trees)
{
    g_autoptr(GString) script = g_string_new("{ ");
    for (guint i = 0; i < trees->count; i++)
        g_string_append_printf(script,
                               "git diff --raw --no-abbrev -z --find-renames=%u%% %uold %unew\n"
                               "printf '=\\0'\n",
                               minimum_of(i), i, i);
    g_string_append(script, "} 2>/dev/null | tr '\\0' '\\n'");
    g_autofree char *output = git_output(trees->folder, script->str);
    return g_strsplit(output, "=\n", -1);
}

static void assert_same(const GeneratedTrees *trees)
{
    g_auto(GStrv) expected = gits(trees);
    assert_int_equal(g_strv_length(expected), trees->count + 1);
    for (guint i = 0; i < trees->count; i++) {
        g_autofree char *found = ours(trees, i, minimum_of(i));
        if (strcmp(found, expected[i]) != 0)
            fail_msg("pair %u at %u%%:\n%s\ngit:\n%s", i, minimum_of(i), found, expected[i]);
    }
}

static void renames_are_gits(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(20);
    for (guint i = 0; i < PAIRS; i++)
        trees_add_by_chance(trees);
    trees_finish(trees);
    assert_same(trees);
    guint renamed = 0, changed = 0;
    for (guint i = 0; i < PAIRS; i++) {
        g_autofree char *found = ours(trees, i, GIT_RENAME_GITALY);
        renamed += strstr(found, " R") != NULL;
        changed += strstr(found, " R0") != NULL;
    }
    assert_true(renamed > PAIRS / 2); /* or this proves little */
    assert_true(changed > PAIRS / 2);
    trees_free(trees);
}

static void put_text(GHashTable *tree, const char *text, const char *format, ...) G_GNUC_PRINTF(3, 4);
static void put_text(GHashTable *tree, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *path = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    tree_put(tree, path, 0100644, text, strlen(text));
}

typedef void (*Fill)(GHashTable *old_tree, GHashTable *new_tree);

static void assert_gits(Fill fill)
{
    GeneratedTrees *trees = trees_new(1);
    g_autoptr(GHashTable) old_tree = tree_new();
    g_autoptr(GHashTable) new_tree = tree_new();
    fill(old_tree, new_tree);
    trees_add(trees, old_tree, new_tree); /* for each of the two minimums */
    trees_add(trees, old_tree, new_tree);
    trees_finish(trees);
    assert_same(trees);
    trees_free(trees);
}

static void fill_alike(GHashTable *old_tree, GHashTable *new_tree, guint sources, guint destinations)
{
    for (guint i = 0; i < sources; i++) {
        g_autofree char *text = g_strdup_printf("one\ntwo\n%u\n", i);
        put_text(old_tree, text, "old%u", i);
    }
    for (guint i = 0; i < destinations; i++) {
        g_autofree char *text = g_strdup_printf("one\ntwo\n-%u\n", i);
        put_text(new_tree, text, "new%u", i);
    }
}

static void fill_over_limit(GHashTable *old_tree, GHashTable *new_tree)
{
    fill_alike(old_tree, new_tree, 1001, 1000);
    put_text(old_tree, "exact\n", "z-old");
    put_text(new_tree, "exact\n", "z-new");
}

static void above_the_limit_only_exact_renames_are_found(G_GNUC_UNUSED void **state)
{
    assert_gits(fill_over_limit);
}

static void fill_many_alike(GHashTable *old_tree, GHashTable *new_tree)
{
    fill_alike(old_tree, new_tree, 300, 40);
}

static void the_best_of_many_candidates_are_taken(G_GNUC_UNUSED void **state)
{
    assert_gits(fill_many_alike);
}

static void fill_identical(GHashTable *old_tree, GHashTable *new_tree)
{
    for (guint i = 0; i < 150; i++)
        put_text(old_tree, "same\n", "old/%03u", i);
    put_text(new_tree, "same\n", "new/120");
    put_text(new_tree, "same\n", "new/090");
    put_text(new_tree, "same\n", "new/none");
}

static void only_a_hundred_identical_sources_are_looked_at(G_GNUC_UNUSED void **state)
{
    assert_gits(fill_identical);
}

static void fill_same_names(GHashTable *old_tree, GHashTable *new_tree)
{
    put_text(old_tree, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "a/Makefile");
    put_text(new_tree, "1\n2\n3\n4\n5\n6\n7\n8\nnine\nten\n", "b/Makefile");
    put_text(new_tree, "1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n", "b/better");
}

static void a_file_that_keeps_its_name_goes_before_a_better_match(G_GNUC_UNUSED void **state)
{
    assert_gits(fill_same_names);
}

static void fill_equally_alike(GHashTable *old_tree, GHashTable *new_tree)
{
    put_text(old_tree, "1\n2\n3\n4\nx\n", "a/x");
    put_text(old_tree, "1\n2\n3\n4\ny\n", "b/y");
    put_text(new_tree, "1\n2\n3\n4\nz\n", "c/y");
    put_text(new_tree, "another\n", "d/y"); /* so that the name alone does not tell */
}

static void of_equally_similar_files_the_one_of_the_same_name_is_taken(G_GNUC_UNUSED void **state)
{
    assert_gits(fill_equally_alike);
}

static void fill_empty(GHashTable *old_tree, GHashTable *new_tree)
{
    for (guint i = 0; i < 3; i++)
        put_text(old_tree, "", "old%u", i);
    put_text(new_tree, "", "new");
    put_text(new_tree, "", "other/old2");
    put_text(new_tree, "a\n", "not-empty");
}

static void empty_files_are_renamed_too(G_GNUC_UNUSED void **state)
{
    assert_gits(fill_empty);
}

static void a_blob_that_is_missing_is_an_error(G_GNUC_UNUSED void **state)
{
    GeneratedTrees *trees = trees_new(1);
    trees_finish(trees);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)git_diff_entry_free);
    git_oid none = {0}, one = {.id = {1}}, two = {.id = {2}};
    g_ptr_array_add(entries, git_diff_entry_new('A', "a", "a", 0, 0100644, &none, &one));
    g_ptr_array_add(entries, git_diff_entry_new('D', "b", "b", 0100644, 0, &two, &none));
    assert_false(git_diff_find_renames(trees->repository, entries, GIT_RENAME_GITALY, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
    assert_int_equal(entries->len, 2);
    trees_free(trees);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renames_are_gits),
        cmocka_unit_test(above_the_limit_only_exact_renames_are_found),
        cmocka_unit_test(the_best_of_many_candidates_are_taken),
        cmocka_unit_test(only_a_hundred_identical_sources_are_looked_at),
        cmocka_unit_test(a_file_that_keeps_its_name_goes_before_a_better_match),
        cmocka_unit_test(of_equally_similar_files_the_one_of_the_same_name_is_taken),
        cmocka_unit_test(empty_files_are_renamed_too),
        cmocka_unit_test(a_blob_that_is_missing_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
