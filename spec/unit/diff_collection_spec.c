#include "importers/git/diff/collection.h"

#include "spec/support/git_objects.h"

/* GitLab's defaults. */
static const GitDiffLimits defaults = {1000, 50000, 1000 * 5120, 204800};

static GitDiffCollection *collect(git_repository *repository, const git_oid *base, const git_oid *head,
                                  const GitDiffLimits *limits)
{
    g_autoptr(GError) error = NULL;
    GitDiffCollection *collection = git_diff_collection(repository, base, head, limits, &error);
    assert_no_error(error);
    return collection;
}

/* What `script` changes after the commit that `before` made. */
static GitDiffCollection *collect_changes(const GitContext *context, const char *before, const char *script,
                                          const GitDiffLimits *limits)
{
    g_autofree char *whole = g_strconcat(before, "\ngit add -A; git commit -q --allow-empty -m one\n", script,
                                         "\ngit add -A; git commit -q --allow-empty -m two", NULL);
    g_autoptr(git_repository) repository = make_repository(context, whole);
    git_oid base = object_id(context, "HEAD~1"), head = object_id(context, "HEAD");
    return collect(repository, &base, &head, limits);
}

static const GitDiffFile *file_at(const GitDiffCollection *collection, guint index)
{
    assert_in_range(index, 0, collection->files->len - 1);
    return collection->files->pdata[index];
}

/* The new paths, each with a space behind it. */
static void assert_paths(const GitDiffCollection *collection, const char *expected)
{
    g_autoptr(GString) paths = g_string_new(NULL);
    for (guint i = 0; i < collection->files->len; i++)
        g_string_append_printf(paths, "%s ", file_at(collection, i)->new_path);
    assert_string_equal(paths->str, expected);
}

static void a_changed_file_has_its_text_from_the_first_hunk_on(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "echo one > f; chmod +x f", "echo two > f", &defaults);
    const GitDiffFile *file = file_at(collection, 0);
    assert_false(collection->overflow);
    assert_string_equal(file->old_path, "f");
    assert_string_equal(file->new_path, "f");
    assert_int_equal(file->a_mode, 0100755);
    assert_int_equal(file->b_mode, 0100755);
    assert_false(file->new_file || file->renamed_file || file->deleted_file || file->too_large ||
                 file->binary || file->encoded_file_path);
    assert_string_equal(file->diff, "@@ -1 +1 @@\n-one\n+two\n");
}

static void added_and_deleted_files_are_marked(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "echo one > gone", "rm gone; echo completely different > new", &defaults);
    const GitDiffFile *deleted = file_at(collection, 0), *added = file_at(collection, 1);
    assert_true(deleted->deleted_file && !deleted->new_file && !deleted->renamed_file);
    assert_int_equal(deleted->a_mode, 0100644);
    assert_int_equal(deleted->b_mode, 0);
    assert_string_equal(deleted->diff, "@@ -1 +0,0 @@\n-one\n");
    assert_true(added->new_file && !added->deleted_file && !added->renamed_file);
    assert_int_equal(added->a_mode, 0);
    assert_int_equal(added->b_mode, 0100644);
    assert_string_equal(added->diff, "@@ -0,0 +1 @@\n+completely different\n");
    assert_string_equal(added->old_path, "new");
}

static void files_that_are_a_third_alike_are_renamed(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(
        *state, "seq 1001 1100 > old; seq 1 50 > moved",
        "seq 1001 1040 > new; seq 2001 2060 >> new; git rm -q old; git mv moved away", &defaults);
    assert_paths(collection, "away new ");
    const GitDiffFile *moved = file_at(collection, 0), *changed = file_at(collection, 1);
    assert_true(moved->renamed_file && !moved->new_file && !moved->deleted_file);
    assert_string_equal(moved->old_path, "moved");
    assert_string_equal(moved->diff, "");
    assert_false(moved->too_large);
    assert_true(changed->renamed_file);
    assert_string_equal(changed->old_path, "old");
    assert_true(g_str_has_prefix(changed->diff, "@@ -38,63 +38,63 @@"));
}

static void a_mere_change_of_mode_has_no_text(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(*state, "echo f > f", "chmod +x f", &defaults);
    const GitDiffFile *file = file_at(collection, 0);
    assert_int_equal(file->a_mode, 0100644);
    assert_int_equal(file->b_mode, 0100755);
    assert_string_equal(file->diff, "");
}

static void a_change_of_type_is_a_deletion_and_then_an_addition(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(
        *state, "echo one > f; echo z > z", "rm f; ln -s target f; mkdir d; echo d > d/d", &defaults);
    assert_paths(collection, "d/d f f ");
    const GitDiffFile *deleted = file_at(collection, 1), *added = file_at(collection, 2);
    assert_true(deleted->deleted_file && !deleted->new_file);
    assert_int_equal(deleted->a_mode, 0100644);
    assert_int_equal(deleted->b_mode, 0);
    assert_string_equal(deleted->diff, "@@ -1 +0,0 @@\n-one\n");
    assert_true(added->new_file && !added->deleted_file);
    assert_int_equal(added->b_mode, 0120000);
    assert_string_equal(added->diff, "@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n");
}

static void binary_files_have_git_s_notice(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", "printf 'a\\0b' > image", &defaults);
    const GitDiffFile *file = file_at(collection, 0);
    assert_string_equal(file->diff, "Binary files /dev/null and b/image differ\n");
    assert_false(file->binary || file->too_large);
}

static void a_text_with_a_nul_is_base64(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(
        *state, "true", "head -c 8000 /dev/zero | tr '\\0' x > f; printf '\\0\\n' >> f", &defaults);
    const GitDiffFile *file = file_at(collection, 0);
    assert_true(file->binary);
    assert_null(strpbrk(file->diff, " @\n"));
}

static void a_path_that_is_no_utf_8_is_marked(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", "echo f > \"$(printf 'caf\\351')\"", &defaults);
    const GitDiffFile *file = file_at(collection, 0);
    assert_true(file->encoded_file_path);
    assert_true(g_utf8_validate(file->new_path, -1, NULL));
}

static void directories_come_before_files_in_every_directory(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(
        *state, "true", "mkdir -p b/z b/a c; for f in a z b/0 b/z/9 b/a/1 c/c B b.c; do echo $f > $f; done",
        &defaults);
    assert_paths(collection, "b/a/1 b/z/9 b/0 c/c B a b.c z ");
}

/* Three files whose texts have 3, 2 and 1 lines of 3 bytes each, behind hunk headers of 16, 16 and 14. */
static const char three_files[] = "printf 'x\\nx\\nx\\n' > a; printf 'y\\ny\\n' > b; printf 'z\\n' > c";

static void assert_limited(const GitContext *context, const GitDiffLimits *limits, const char *paths,
                           gboolean overflow)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(context, "true", three_files, limits);
    assert_paths(collection, paths);
    assert_int_equal(collection->overflow, overflow);
}

static void max_files_files_are_no_overflow(void **state)
{
    assert_limited(*state, &(GitDiffLimits){3, 100, 1000, 1000}, "a b c ", FALSE);
}

static void the_file_after_max_files_overflows(void **state)
{
    assert_limited(*state, &(GitDiffLimits){2, 100, 1000, 1000}, "a b ", TRUE);
}

static void fewer_than_max_lines_are_no_overflow(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 7, 1000, 1000}, "a b c ", FALSE);
}

static void the_file_that_reaches_max_lines_overflows(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 5, 1000, 1000}, "a ", TRUE);
}

static void the_first_file_may_overflow(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 3, 1000, 1000}, "", TRUE);
}

static void fewer_than_max_bytes_are_no_overflow(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 100, 19, 1000}, "a b c ", FALSE);
}

static void the_file_that_reaches_max_bytes_overflows(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 100, 15, 1000}, "a ", TRUE);
}

static void a_text_that_reaches_max_patch_bytes_is_dropped(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", three_files, &(GitDiffLimits){10, 100, 1000, 16 + 9});
    assert_paths(collection, "a b c ");
    assert_true(file_at(collection, 0)->too_large);
    assert_string_equal(file_at(collection, 0)->diff, "");
    assert_false(file_at(collection, 1)->too_large);
    assert_string_equal(file_at(collection, 1)->diff, "@@ -0,0 +1,2 @@\n+y\n+y\n");
    assert_false(collection->overflow);
}

static void a_text_below_max_patch_bytes_is_kept(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", three_files, &(GitDiffLimits){10, 100, 1000, 16 + 9 + 1});
    assert_false(file_at(collection, 0)->too_large);
    assert_string_equal(file_at(collection, 0)->diff, "@@ -0,0 +1,3 @@\n+x\n+x\n+x\n");
}

static void the_lines_of_a_dropped_text_do_not_count(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 4, 1000, 16 + 9}, "a b c ", FALSE);
}

/* b and c have 9 bytes. What a's hunk header takes back, 16, is more than they reach the limit by. */
static void a_dropped_text_takes_back_its_hunk_headers_too(void **state)
{
    assert_limited(*state, &(GitDiffLimits){10, 100, 1, 16 + 9}, "a b c ", FALSE);
}

static void the_marker_of_a_missing_line_end_is_a_line(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", "printf x > f", &(GitDiffLimits){10, 2, 1000, 1000});
    assert_true(collection->overflow);
}

static void both_halves_of_a_change_of_type_count_as_files(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "echo one > f", "rm f; ln -s target f", &(GitDiffLimits){1, 100, 1000, 1000});
    assert_int_equal(collection->files->len, 1);
    assert_true(file_at(collection, 0)->deleted_file);
    assert_true(collection->overflow);
}

static const GitDiffLimits generous = {G_MAXUINT, G_MAXUINT, G_MAXSIZE, G_MAXSIZE};

static void max_files_are_cut_to_gitaly_s(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", "seq 5001 | xargs touch", &generous);
    assert_int_equal(collection->files->len, 5000);
    assert_true(collection->overflow);
}

static void max_patch_bytes_are_cut_to_gitaly_s(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(
        *state, "true", "yes 1234567890 | head -n 42000 > kept; yes 1234567890 | head -n 43000 > large",
        &generous);
    assert_false(file_at(collection, 0)->too_large);
    assert_true(file_at(collection, 1)->too_large);
}

static void max_bytes_are_cut_to_gitaly_s(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(
        *state, "true",
        "line=$(head -c 510000 /dev/zero | tr '\\0' x); for i in $(seq 10 60); do echo $line > $i; done",
        &generous);
    assert_int_equal(collection->files->len, 50);
    assert_true(collection->overflow);
}

static void max_lines_are_cut_to_gitaly_s(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "true", "for f in a b c d; do yes $f | head -n 62500 > $f; done", &generous);
    assert_paths(collection, "a b c ");
    assert_true(collection->overflow);
}

static void texts_that_are_not_compared_are_too_large(void **state)
{
    g_autoptr(GitDiffCollection) collection =
        collect_changes(*state, "yes | head -c 999998 > huge; echo f > f",
                        "yes | head -c 1000004 > huge; echo g > f", &defaults);
    assert_paths(collection, "f huge ");
    assert_false(file_at(collection, 0)->too_large);
    assert_true(file_at(collection, 1)->too_large);
    assert_string_equal(file_at(collection, 1)->diff, "");
    assert_false(collection->overflow);
}

static void without_a_base_everything_is_new(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "echo a > a; echo b > b; git add .; git commit -qm one");
    git_oid head = object_id(*state, "HEAD");
    g_autoptr(GitDiffCollection) collection = collect(repository, NULL, &head, &defaults);
    assert_paths(collection, "a b ");
    assert_true(file_at(collection, 0)->new_file && file_at(collection, 1)->new_file);
}

static void equal_commits_have_no_files(void **state)
{
    g_autoptr(GitDiffCollection) collection = collect_changes(*state, "echo a > a", "true", &defaults);
    assert_int_equal(collection->files->len, 0);
    assert_false(collection->overflow);
}

static void a_missing_commit_is_an_error(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, "git commit -q --allow-empty -m one");
    git_oid head = object_id(*state, "HEAD"), missing = head;
    missing.id[0] ^= 1;
    g_autoptr(GError) error = NULL;
    assert_null(git_diff_collection(repository, &missing, &head, &defaults, &error));
    assert_non_null(error);
    g_clear_error(&error);
    assert_null(git_diff_collection(repository, &head, &missing, &defaults, &error));
    assert_non_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(a_changed_file_has_its_text_from_the_first_hunk_on),
        WITH_CONTEXT(added_and_deleted_files_are_marked),
        WITH_CONTEXT(files_that_are_a_third_alike_are_renamed),
        WITH_CONTEXT(a_mere_change_of_mode_has_no_text),
        WITH_CONTEXT(a_change_of_type_is_a_deletion_and_then_an_addition),
        WITH_CONTEXT(binary_files_have_git_s_notice),
        WITH_CONTEXT(a_text_with_a_nul_is_base64),
        WITH_CONTEXT(a_path_that_is_no_utf_8_is_marked),
        WITH_CONTEXT(directories_come_before_files_in_every_directory),
        WITH_CONTEXT(max_files_files_are_no_overflow),
        WITH_CONTEXT(the_file_after_max_files_overflows),
        WITH_CONTEXT(fewer_than_max_lines_are_no_overflow),
        WITH_CONTEXT(the_file_that_reaches_max_lines_overflows),
        WITH_CONTEXT(the_first_file_may_overflow),
        WITH_CONTEXT(fewer_than_max_bytes_are_no_overflow),
        WITH_CONTEXT(the_file_that_reaches_max_bytes_overflows),
        WITH_CONTEXT(a_text_that_reaches_max_patch_bytes_is_dropped),
        WITH_CONTEXT(a_text_below_max_patch_bytes_is_kept),
        WITH_CONTEXT(the_lines_of_a_dropped_text_do_not_count),
        WITH_CONTEXT(a_dropped_text_takes_back_its_hunk_headers_too),
        WITH_CONTEXT(the_marker_of_a_missing_line_end_is_a_line),
        WITH_CONTEXT(both_halves_of_a_change_of_type_count_as_files),
        WITH_CONTEXT(max_files_are_cut_to_gitaly_s),
        WITH_CONTEXT(max_patch_bytes_are_cut_to_gitaly_s),
        WITH_CONTEXT(max_bytes_are_cut_to_gitaly_s),
        WITH_CONTEXT(max_lines_are_cut_to_gitaly_s),
        WITH_CONTEXT(texts_that_are_not_compared_are_too_large),
        WITH_CONTEXT(without_a_base_everything_is_new),
        WITH_CONTEXT(equal_commits_have_no_files),
        WITH_CONTEXT(a_missing_commit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
