/* Branches and tags that are named like a commit. */
#include "importers/git/prohibited_references.h"

#include "importers/git/push.h"
#include "spec/support/git_context.h"

#define SHA1   "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void forty_or_sixty_four_digits_are_prohibited(G_GNUC_UNUSED void **state)
{
    assert_true(git_reference_prohibited("refs/heads/" SHA1));
    assert_true(git_reference_prohibited("refs/tags/" SHA256));
    assert_true(git_reference_prohibited("refs/heads/DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"));
}

static void all_other_names_are_allowed(G_GNUC_UNUSED void **state)
{
    assert_false(git_reference_prohibited("refs/heads/da39a3e"));
    assert_false(git_reference_prohibited("refs/heads/" SHA1 "0"));
    assert_false(git_reference_prohibited("refs/heads/x/" SHA1));
    assert_false(git_reference_prohibited("refs/heads/" SHA1 "-fix"));
    assert_false(git_reference_prohibited("refs/keep-around/" SHA1));
}

static void they_are_not_pushed(G_GNUC_UNUSED void **state)
{
    assert_true(git_push_takes("refs/heads/main"));
    assert_false(git_push_takes("refs/heads/" SHA1));
}

static void remove_prohibited(const GitContext *context)
{
    g_autoptr(GError) error = NULL;
    git_remove_prohibited_references(context->session, &context->project, &error);
    assert_no_error(error);
}

static void they_are_removed_and_nothing_else(void **state)
{
    const GitContext *context = *state;
    run(context, "git -C github/acme/rocket.git update-ref refs/heads/" SHA1 " refs/heads/topic\n"
                 "git -C github/acme/rocket.git update-ref refs/tags/" SHA256 " refs/heads/topic\n");
    assert_true(git_mirror(context->session, &context->project, GIT_PROJECT, context->url, NULL, NULL));
    remove_prohibited(context);
    remove_prohibited(context);
    g_autofree char *names = shell(context, "git --git-dir gitlab/" DISK_PATH
                                            ".git for-each-ref --format='%(refname)' refs/heads refs/tags");
    assert_string_equal(names, "refs/heads/feature/x\nrefs/heads/topic\nrefs/heads/trunk\n"
                               "refs/tags/v1\nrefs/tags/v2\n");
}

static void no_repository_has_none(void **state)
{
    remove_prohibited(*state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, git_context_setup, git_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forty_or_sixty_four_digits_are_prohibited),
        cmocka_unit_test(all_other_names_are_allowed),
        cmocka_unit_test(they_are_not_pushed),
        TEST(they_are_removed_and_nothing_else),
        TEST(no_repository_has_none),
    };
    return cmocka_run_group_tests_name("prohibited_references", tests, NULL, NULL);
}
