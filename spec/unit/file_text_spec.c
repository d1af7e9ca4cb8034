#include "importers/git/file_text.h"
#include "importers/git/reader.h"
#include "spec/support/git_context.h"

/* A repository with one commit of a text, a text in Latin-1, a folder and a file beyond 10 MiB. (transfer
 * full: its id) */
static char *create_repository(const GitContext *context)
{
    g_autofree char *script = g_strdup_printf(
        "git init -q --bare '%s'; cd '%s'\n"
        "text=$(printf 'h\\303\\251llo\\n' | git hash-object -w --stdin)\n"
        "latin=$(printf 'Le caf\\351 est pr\\352t, dit-elle \\340 voix basse.\\n' | git hash-object -w "
        "--stdin)\n"
        "large=$(head -c 10485761 /dev/zero | tr '\\0' a | git hash-object -w --stdin)\n"
        "folder=$(printf '100644 blob %%s\\tinner.txt\\n' $text | git mktree)\n"
        "tree=$(printf '040000 tree %%s\\tfolder\\n100644 blob %%s\\tlarge\\n100644 blob %%s\\tlatin\\n'"
        " $folder $large $latin | git mktree)\n"
        "git commit-tree -m all $tree",
        context->mirror, context->mirror);
    return g_strchomp(shell(context, script));
}

static void assert_file(GitContext *context, const char *commit_id, const char *path, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    git_repository *repository = git_reader_repository(context->session, &context->project, &error);
    assert_no_error(error);
    assert_true(git_file_text(repository, commit_id, path, &text, &error));
    assert_no_error(error);
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
}

static void reads_a_file_of_a_commit(void **state)
{
    g_autofree char *id = create_repository(*state);
    assert_file(*state, id, "folder/inner.txt", "héllo\n");
    assert_file(*state, id, "latin", "Le café est prêt, dit-elle à voix basse.\n");
}

static void finds_nothing_where_there_is_no_file(void **state)
{
    g_autofree char *id = create_repository(*state);
    assert_file(*state, id, "other", NULL);
    assert_file(*state, id, "folder", NULL);
    assert_file(*state, id, "latin/inner", NULL);
    assert_file(*state, "1111111111111111111111111111111111111111", "latin", NULL);
    assert_file(*state, "not an id", "latin", NULL);
}

static void leaves_a_file_beyond_ten_mebibytes(void **state)
{
    g_autofree char *id = create_repository(*state);
    assert_file(*state, id, "large", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(reads_a_file_of_a_commit),
        WITH_CONTEXT(finds_nothing_where_there_is_no_file),
        WITH_CONTEXT(leaves_a_file_beyond_ten_mebibytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
