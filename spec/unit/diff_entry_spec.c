#include "importers/git/diff/entry.h"

#include "spec/support/git_objects.h"

/* As `git diff --raw --no-abbrev` prints them. (transfer full) */
static char *raw_lines(const GPtrArray *entries)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < entries->len; i++) {
        const GitDiffEntry *entry = entries->pdata[i];
        char old_id[GIT_OID_HEXSZ + 1], new_id[GIT_OID_HEXSZ + 1];
        git_oid_tostr(old_id, sizeof old_id, &entry->old_id);
        git_oid_tostr(new_id, sizeof new_id, &entry->new_id);
        assert_string_equal(entry->old_path, entry->new_path);
        g_string_append_printf(text, "%s:%06o %06o %s %s %c\t%s", i ? "\n" : "", entry->old_mode,
                               entry->new_mode, old_id, new_id, entry->status, entry->old_path);
    }
    return g_string_free(text, FALSE);
}

static GPtrArray *entries_between(git_repository *repository, const git_oid *old_tree,
                                  const git_oid *new_tree)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *entries = git_diff_entries(repository, old_tree, new_tree, &error);
    assert_no_error(error);
    return entries;
}

static const char two_trees[] =
    "mkdir -p a deep/er/still same 'sp ace'; ln -s target link\n"
    "for f in a/x a-b a.c deep/er/still/one deep/er/two mode same/same 'sp ace/f' was_dir_now_file type\n"
    "do mkdir -p \"$(dirname \"$f\")\"; echo $f > \"$f\"; done\n"
    "rm was_dir_now_file; mkdir was_dir_now_file; echo in > was_dir_now_file/in\n"
    "echo f > was_file_now_dir; printf 'caf\\351' > \"$(printf 'caf\\351')\"\n"
    "git add -A; git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,sub\n"
    "git commit -qm one\n"
    "rm -r was_dir_now_file was_file_now_dir a/x type; echo f > was_dir_now_file; mkdir was_file_now_dir\n"
    "echo in > was_file_now_dir/in; ln -s elsewhere type; rm link; echo target > link; chmod +x mode\n"
    "echo changed > deep/er/still/one; echo a > a/y; rm 'sp ace/f'; echo b > a-b\n"
    "git add -A; git update-index --add --cacheinfo 160000,2222222222222222222222222222222222222222,sub\n"
    "git commit -qm two\n";

static void entries_are_those_of_git_diff_raw_in_its_order(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, two_trees);
    git_oid one = object_id(*state, "HEAD~1^{tree}"), two = object_id(*state, "HEAD^{tree}");
    g_autofree char *expected =
        in_repository(*state, "git -c core.quotePath=false diff --raw --no-abbrev --no-renames HEAD~1 HEAD");
    g_autoptr(GPtrArray) entries = entries_between(repository, &one, &two);
    assert_text(raw_lines(entries), expected);
    assert_non_null(strstr(expected, "T\ttype"));
    assert_non_null(strstr(expected, "D\twas_file_now_dir\n"));
}

static void no_tree_is_an_empty_one(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, two_trees);
    git_oid tree = object_id(*state, "HEAD^{tree}");
    g_autofree char *added = in_repository(*state, "git -c core.quotePath=false diff --raw --no-abbrev "
                                                   "--no-renames $(git mktree </dev/null) HEAD");
    g_autofree char *deleted = in_repository(*state, "git -c core.quotePath=false diff --raw --no-abbrev "
                                                     "--no-renames HEAD $(git mktree </dev/null)");
    g_autoptr(GPtrArray) additions = entries_between(repository, NULL, &tree);
    g_autoptr(GPtrArray) deletions = entries_between(repository, &tree, NULL);
    assert_text(raw_lines(additions), added);
    assert_text(raw_lines(deletions), deleted);
}

static void equal_trees_have_no_entries(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, two_trees);
    git_oid tree = object_id(*state, "HEAD^{tree}");
    g_autoptr(GPtrArray) entries = entries_between(repository, &tree, &tree);
    assert_int_equal(entries->len, 0);
}

static void a_missing_tree_is_an_error(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, two_trees);
    git_oid tree = object_id(*state, "HEAD^{tree}"), missing = tree;
    missing.id[0] ^= 1;
    g_autoptr(GError) error = NULL;
    assert_null(git_diff_entries(repository, &missing, &tree, &error));
    assert_non_null(error);
}

static void permissions_are_those_that_git_knows(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "blob=$(echo text | git hash-object -w --stdin); other=$(echo other | git "
                                "hash-object -w --stdin)\n"
                                "git tag old $(printf '100644 blob %s\\ta\\n100600 blob %s\\tb\\n100664 blob "
                                "%s\\tc\\n100775 blob %s\\td\\n' $blob $blob $blob $blob | git mktree)\n"
                                "git tag new $(printf '100664 blob %s\\ta\\n100755 blob %s\\tb\\n100600 blob "
                                "%s\\tc\\n100711 blob %s\\td\\n' $blob $blob $other $other | git mktree)");
    git_oid one = object_id(*state, "old"), two = object_id(*state, "new");
    g_autofree char *expected = in_repository(*state, "git diff --raw --no-abbrev --no-renames old new");
    g_autoptr(GPtrArray) entries = entries_between(repository, &one, &two);
    assert_int_equal(entries->len, 3);
    assert_text(raw_lines(entries), expected);
}

static void what_is_no_tree_is_an_error(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "echo f > f; git add .; git commit -qm one\n"
                "git tag cut $(printf '100644 f' | git hash-object -t tree -w --literally --stdin)\n"
                "git tag short $(printf '100644 f\\0123' | git hash-object -t tree -w --literally "
                "--stdin)\n"
                "git tag spaceless $(printf '100644f' | git hash-object -t tree -w --literally "
                "--stdin)");
    static const char *const NAMES[] = {"cut", "short", "spaceless", "HEAD:f"};
    git_oid tree = object_id(*state, "HEAD^{tree}");
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        git_oid other = object_id(*state, NAMES[i]);
        g_autoptr(GError) error = NULL;
        assert_null(git_diff_entries(repository, &tree, &other, &error));
        assert_non_null(strstr(error->message, "reading a tree"));
    }
}

/* A folder within a folder, and so on, with a file in the last one. */
static git_oid nested_tree(git_repository *repository, guint n_folders)
{
    git_oid id;
    g_autoptr(git_odb) odb = NULL;
    assert_int_equal(git_repository_odb(&odb, repository), 0);
    assert_int_equal(git_odb_write(&id, odb, "f\n", 2, GIT_OBJECT_BLOB), 0);
    for (guint i = 0; i <= n_folders; i++) {
        g_autoptr(GString) tree = g_string_new(i ? "40000 d" : "100644 f");
        g_string_append_len(tree, "", 1);
        g_string_append_len(tree, (const char *)id.id, GIT_OID_RAWSZ);
        assert_int_equal(git_odb_write(&id, odb, tree->str, tree->len, GIT_OBJECT_TREE), 0);
    }
    return id;
}

static void folders_are_followed_as_deep_as_git_follows_them(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, "");
    git_oid deepest = nested_tree(repository, 2048), too_deep = nested_tree(repository, 2049);
    g_autoptr(GPtrArray) entries = entries_between(repository, NULL, &deepest);
    assert_int_equal(entries->len, 1);
    g_autoptr(GError) error = NULL;
    assert_null(git_diff_entries(repository, NULL, &too_deep, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
}

static void a_change_of_type_becomes_a_deletion_and_an_addition(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "echo target > f; echo g > g; git add .; git commit -qm one\n"
                                "rm f; ln -s target f; echo h > g; git add .; git commit -qm two");
    git_oid one = object_id(*state, "HEAD~1^{tree}"), two = object_id(*state, "HEAD^{tree}");
    g_autoptr(GPtrArray) entries = entries_between(repository, &one, &two);
    assert_int_equal(entries->len, 2);
    git_diff_split_type_changes(entries);
    assert_int_equal(entries->len, 3);
    const GitDiffEntry *deleted = entries->pdata[0], *added = entries->pdata[1], *other = entries->pdata[2];
    assert_int_equal(deleted->status, 'D');
    assert_int_equal(deleted->old_mode, 0100644);
    assert_int_equal(deleted->new_mode, 0);
    assert_false(git_oid_is_zero(&deleted->old_id));
    assert_true(git_oid_is_zero(&deleted->new_id));
    assert_int_equal(added->status, 'A');
    assert_int_equal(added->old_mode, 0);
    assert_int_equal(added->new_mode, 0120000);
    assert_true(git_oid_is_zero(&added->old_id));
    assert_false(git_oid_is_zero(&added->new_id));
    assert_string_equal(added->old_path, "f");
    assert_string_equal(added->new_path, "f");
    assert_int_equal(other->status, 'M');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(entries_are_those_of_git_diff_raw_in_its_order),
        WITH_CONTEXT(no_tree_is_an_empty_one),
        WITH_CONTEXT(equal_trees_have_no_entries),
        WITH_CONTEXT(a_missing_tree_is_an_error),
        WITH_CONTEXT(permissions_are_those_that_git_knows),
        WITH_CONTEXT(what_is_no_tree_is_an_error),
        WITH_CONTEXT(folders_are_followed_as_deep_as_git_follows_them),
        WITH_CONTEXT(a_change_of_type_becomes_a_deletion_and_an_addition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
