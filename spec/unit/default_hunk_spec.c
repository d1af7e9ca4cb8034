/* The hunk that is made up for a comment without one, from a repository made by git itself. */
#include "importers/objects/diff_notes/default_hunk.h"

#include "protocol/autoptr_jansson.h"
#include "spec/support/git_context.h"

#define NO_CONTEXT "context not found"

/* The commit of the mirror that has the files. (transfer full) */
static char *commit_files(GitContext *context)
{
    assert_mirrored(context, context->url);
    g_autofree char *script =
        g_strdup_printf("cd '%s'\n"
                        "blob=$(printf 'one\\r\\ntwo\\n\\nfour' | git hash-object -w --stdin)\n"
                        "latin=$(printf 'Le caf\\351 est servi dans la cuisine avec une tarte, et les "
                        "enfants sont d\\351j\\340 \\340 table pour manger.\\n' | git "
                        "hash-object -w --stdin)\n"
                        "large=$(head -c 11000000 /dev/zero | tr '\\0' x | git hash-object -w --stdin)\n"
                        "dir=$(printf '100644 blob %%s\\ta.rb\\n' $blob | git mktree)\n"
                        "tree=$(printf '040000 tree %%s\\tlib\\n100644 blob %%s\\tlatin\\n100644 blob "
                        "%%s\\tlarge\\n' $dir $latin"
                        " $large | git mktree)\n"
                        "printf %%s $(git commit-tree -m files $tree)\n",
                        context->mirror);
    return shell(context, script);
}

/* `lines` are fields of the representation. */
static void assert_hunk(const GitContext *context, const char *commit_id, const char *path, const char *lines,
                        const char *expected)
{
    g_autofree char *text =
        g_strdup_printf("{\"original_commit_id\":\"%s\",\"file_path\":\"%s\",%s}", commit_id, path, lines);
    g_autoptr(json_t) note = json_loads(text, 0, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *hunk = default_hunk(context->session, &context->project, note, &error);
    assert_no_error(error);
    assert_string_equal(hunk, expected);
}

static void it_is_the_commented_line(void **state)
{
    g_autofree char *commit = commit_files(*state);
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":2", "@@ -2,1 +2,1 @@\ntwo");
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":1", "@@ -1,1 +1,1 @@\none");
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":3", "@@ -3,1 +3,1 @@\n");
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":4", "@@ -4,1 +4,1 @@\nfour");
}

static void an_outdated_comment_has_its_original_line(void **state)
{
    g_autofree char *commit = commit_files(*state);
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":null,\"original_end_line\":4",
                "@@ -4,1 +4,1 @@\nfour");
}

static void a_comment_on_the_file_has_its_first_line(void **state)
{
    g_autofree char *commit = commit_files(*state);
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":null,\"original_end_line\":null",
                "@@ -1,1 +1,1 @@\none");
}

static void another_encoding_becomes_utf_8(void **state)
{
    g_autofree char *commit = commit_files(*state);
    assert_hunk(*state, commit, "latin", "\"end_line\":1",
                "@@ -1,1 +1,1 @@\nLe caf\u00e9 est servi dans la cuisine avec une tarte, et les enfants sont "
                "d\u00e9j\u00e0 \u00e0 table pour manger.");
}

static void where_there_is_no_such_line_it_says_so(void **state)
{
    g_autofree char *commit = commit_files(*state);
    assert_hunk(*state, commit, "lib/a.rb", "\"end_line\":5", "@@ -5,1 +5,1 @@\n" NO_CONTEXT);
    assert_hunk(*state, commit, "lib/b.rb", "\"end_line\":1", "@@ -1,1 +1,1 @@\n" NO_CONTEXT);
    assert_hunk(*state, commit, "lib", "\"end_line\":1", "@@ -1,1 +1,1 @@\n" NO_CONTEXT);
    assert_hunk(*state, "0000000000000000000000000000000000000001", "lib/a.rb", "\"end_line\":1",
                "@@ -1,1 +1,1 @@\n" NO_CONTEXT);
    assert_hunk(*state, "main", "lib/a.rb", "\"end_line\":1", "@@ -1,1 +1,1 @@\n" NO_CONTEXT);
}

static void a_large_file_is_not_read(void **state)
{
    g_autofree char *commit = commit_files(*state);
    assert_hunk(*state, commit, "large", "\"end_line\":1", "@@ -1,1 +1,1 @@\n" NO_CONTEXT);
}

static void a_comment_without_commit_or_file_has_no_context(void **state)
{
    g_autofree char *commit = commit_files(*state);
    const GitContext *context = *state;
    g_autoptr(json_t) note = json_pack("{s:n, s:n}", "original_commit_id", "file_path");
    g_autofree char *hunk = default_hunk(context->session, &context->project, note, NULL);
    assert_string_equal(hunk, "@@ -1,1 +1,1 @@\n" NO_CONTEXT);
}

static void without_a_repository_there_is_no_context(void **state)
{
    assert_hunk(*state, "0000000000000000000000000000000000000001", "a", "\"end_line\":2",
                "@@ -2,1 +2,1 @@\n" NO_CONTEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(it_is_the_commented_line),
        WITH_CONTEXT(an_outdated_comment_has_its_original_line),
        WITH_CONTEXT(a_comment_on_the_file_has_its_first_line),
        WITH_CONTEXT(another_encoding_becomes_utf_8),
        WITH_CONTEXT(where_there_is_no_such_line_it_says_so),
        WITH_CONTEXT(a_large_file_is_not_read),
        WITH_CONTEXT(a_comment_without_commit_or_file_has_no_context),
        WITH_CONTEXT(without_a_repository_there_is_no_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
