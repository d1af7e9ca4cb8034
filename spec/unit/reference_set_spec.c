#include "importers/git/reference_set.h"

#include "spec/support/cmocka_glib.h"

static GitReferenceSet *set_of(const char *const *names)
{
    GitReferenceSet *set = git_reference_set_new();
    for (; *names; names++)
        git_reference_set_add(set, *names);
    return set;
}

static void a_set_contains_what_was_added(G_GNUC_UNUSED void **state)
{
    g_autoptr(GitReferenceSet) set = set_of((const char *[]){"refs/heads/a", "refs/heads/b/c", NULL});
    assert_true(git_reference_set_contains(set, "refs/heads/a"));
    assert_true(git_reference_set_contains(set, "refs/heads/b/c"));
    assert_false(git_reference_set_contains(set, "refs/heads/b"));
    assert_false(git_reference_set_contains(set, "refs/tags/a"));
}

static void no_name_fits_above_or_below_another(G_GNUC_UNUSED void **state)
{
    g_autoptr(GitReferenceSet) set =
        set_of((const char *[]){"refs/heads/a", "refs/heads/b/c/d", "refs/heads/b/c/e", NULL});
    assert_false(git_reference_set_fits(set, "refs/heads/a/x"));
    assert_false(git_reference_set_fits(set, "refs/heads/a/x/y"));
    assert_false(git_reference_set_fits(set, "refs/heads/b"));
    assert_false(git_reference_set_fits(set, "refs/heads/b/c"));
    assert_false(git_reference_set_fits(set, "refs/heads/b/c/e/f"));
}

static void neighbours_fit(G_GNUC_UNUSED void **state)
{
    g_autoptr(GitReferenceSet) set = set_of((const char *[]){"refs/heads/a", "refs/heads/b/c", NULL});
    assert_true(git_reference_set_fits(set, "refs/heads/ab"));
    assert_true(git_reference_set_fits(set, "refs/heads/b/cd"));
    assert_true(git_reference_set_fits(set, "refs/heads/b/d/e"));
    assert_true(git_reference_set_fits(set, "refs/heads/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_contains_what_was_added),
        cmocka_unit_test(no_name_fits_above_or_below_another),
        cmocka_unit_test(neighbours_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
