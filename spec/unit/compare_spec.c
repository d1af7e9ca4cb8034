#include "importers/git/compare.h"

#include "importers/git/encoding.h"
#include "spec/support/git_objects.h"

/* A history as `git fast-import` reads it: each commit with up to three parents among those just before it,
 * and dates that go on, stand still or jump back by up to `skew` seconds. Its tags are c0, c1, … */
static void write_history(const GitContext *context, guint32 seed, guint commits, gint skew)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_autoptr(GString) stream = g_string_new(NULL);
    for (guint i = 0; i < commits; i++) {
        gint date = 1600000000 + (gint)i / 2 - (skew ? g_rand_int_range(random, 0, skew) : 0);
        g_string_append_printf(stream,
                               "commit refs/heads/c\nmark :%u\ncommitter A <a@b> %d +0000\n"
                               "data 1\nm\n",
                               i + 1, date);
        guint parents = i ? (guint)g_rand_int_range(random, i > 3 ? 1 : 0, 4) : 0;
        guint parent = i;
        for (guint j = 0; j < parents && parent > 0; j++) {
            guint distance = (guint)g_rand_int_range(random, 1, 6);
            g_string_append_printf(stream, "%s :%u\n", j ? "merge" : "from", parent);
            parent -= MIN(parent, distance);
        }
        g_string_append_printf(stream, "\nreset refs/heads/c\n\nreset refs/tags/c%u\nfrom :%u\n\n", i, i + 1);
    }
    g_autofree char *path = g_build_filename(context->folder, "history", NULL);
    assert_true(g_file_set_contents(path, stream->str, (gssize)stream->len, NULL));
}

static char *shas_of(const GPtrArray *commits)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < commits->len; i++) {
        const GitCommit *commit = commits->pdata[i];
        g_string_append_printf(text, "%s\n", git_oid_tostr_s(&commit->id));
    }
    return g_string_free(text, FALSE);
}

static GPtrArray *commits_between(git_repository *repository, const git_oid *start, const git_oid *head)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *commits = git_commits_between(repository, start, head, &error);
    assert_no_error(error);
    return commits;
}

/* "SHA\n", or "" for none. (transfer full) */
static char *merge_base(git_repository *repository, const git_oid *one, const git_oid *two)
{
    git_oid base;
    gboolean found;
    g_autoptr(GError) error = NULL;
    assert_true(git_merge_base_of(repository, one, two, &base, &found, &error));
    assert_no_error(error);
    return found ? g_strdup_printf("%s\n", git_oid_tostr_s(&base)) : g_strdup("");
}

static void assert_pair_is_git_s(git_repository *repository, const char *answer)
{
    git_oid start, head;
    const char *head_sha = answer + GIT_OID_HEXSZ + 1, *listed = strchr(answer, '\n') + 1;
    const char *bases = strstr(listed, "base\n");
    assert_int_equal(git_oid_fromstr(&start, answer), 0);
    assert_int_equal(git_oid_fromstr(&head, head_sha), 0);
    g_autofree char *expected_commits = g_strndup(listed, (gsize)(bases - listed));
    g_autofree char *expected_base = g_strdup(bases + strlen("base\n"));
    g_autoptr(GPtrArray) commits = commits_between(repository, &start, &head);
    assert_text(shas_of(commits), expected_commits);
    assert_text(merge_base(repository, &start, &head), expected_base);
}

/* git answers for all pairs at once, as each of its processes costs time. */
static void assert_history_is_git_s(const GitContext *context, guint32 seed, gint skew)
{
    static const guint commit_count = 120;
    write_history(context, seed, commit_count, skew);
    g_autoptr(git_repository) repository = make_repository(context, "git fast-import --quiet < ../history");
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_autoptr(GString) script = g_string_new("ask() {\n echo $(git rev-parse $1 $2); git rev-list $1..$2\n"
                                             " echo base; git merge-base $1 $2 || true; echo =\n}\n");
    for (guint i = 0; i < 25; i++)
        g_string_append_printf(script, "ask c%d c%d\n", g_rand_int_range(random, 0, (gint)commit_count),
                               g_rand_int_range(random, 0, (gint)commit_count));
    g_autofree char *output = in_repository(context, script->str);
    g_auto(GStrv) answers = g_strsplit(output, "=\n", -1);
    for (guint i = 0; answers[i]; i++) {
        g_autofree char *answer = g_strdup(answers[i]);
        if (g_str_has_suffix(answer, "="))
            answer[strlen(answer) - 1] = 0;
        assert_pair_is_git_s(repository, answer);
    }
}

static void histories_with_equal_dates_are_walked_as_git_does(void **state)
{
    assert_history_is_git_s(*state, 1, 0);
}

static void histories_with_skewed_dates_are_walked_as_git_does(void **state)
{
    assert_history_is_git_s(*state, 2, 10);
}

static void histories_with_random_dates_are_walked_as_git_does(void **state)
{
    assert_history_is_git_s(*state, 3, 100000);
}

/* at DATE [-p PARENT]…: makes a commit. */
#define AT                                                                                                   \
    "tree=$(git mktree </dev/null); at() { export GIT_COMMITTER_DATE=\"@$1 +0000\"; shift\n"                 \
    "git commit-tree -m m \"$@\" $tree; }\n"

static const char criss_cross[] =
    AT "root=$(at 1000); a=$(at 1001 -p $root); b=$(at 1002 -p $root)\n"
       "git update-ref refs/heads/one $(at 1003 -p $a -p $b)\n"
       "git update-ref refs/heads/two $(at 1004 -p $b -p $a)\n"
       "git update-ref refs/heads/b $b; git update-ref refs/heads/alone $(at 1005)\n";

static void the_newest_of_several_merge_bases_comes_first(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, criss_cross);
    git_oid one = object_id(*state, "one"), two = object_id(*state, "two");
    g_autofree char *expected = in_repository(*state, "git rev-parse b");
    g_autofree char *base = merge_base(repository, &one, &two);
    assert_true(g_str_has_prefix(base, expected));
}

static void of_merge_bases_of_the_same_date_git_s_comes_first(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, AT "root=$(at 1000); a=$(at 1001 -p $root); b=$(at 1001 -p $root -m b)\n"
                                   "git update-ref refs/heads/one $(at 1003 -p $a -p $b)\n"
                                   "git update-ref refs/heads/two $(at 1003 -p $b -p $a)\n");
    git_oid one = object_id(*state, "one"), two = object_id(*state, "two");
    g_autofree char *forwards = in_repository(*state, "git merge-base one two");
    g_autofree char *backwards = in_repository(*state, "git merge-base two one");
    g_autofree char *base = merge_base(repository, &one, &two);
    g_autofree char *other_base = merge_base(repository, &two, &one);
    assert_string_equal(g_strchomp(base), forwards);
    assert_string_equal(g_strchomp(other_base), backwards);
    assert_string_not_equal(base, other_base);
}

/* The history of git's own t6010: E is newer than B, which grew from it. */
static void an_ancestor_of_another_merge_base_is_none(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, AT "e=$(at 1005); d=$(at 1004 -p $e); f=$(at 1006 -p $e); c=$(at 1003 -p $d)\n"
                   "b=$(at 1002 -p $c); a=$(at 1001 -p $b); git update-ref refs/heads/b $b\n"
                   "git update-ref refs/heads/g $(at 1007 -p $b -p $e)\n"
                   "git update-ref refs/heads/h $(at 1008 -p $a -p $f)\n");
    git_oid g = object_id(*state, "g"), h = object_id(*state, "h");
    g_autofree char *b = in_repository(*state, "git rev-parse b");
    g_autofree char *base = merge_base(repository, &g, &h);
    assert_string_equal(g_strchomp(base), b);
}

static void a_start_older_than_its_ancestors_excludes_all_of_them(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, AT "head=$(at 1010); git update-ref refs/heads/head $head; tip=$head\n"
                                   "for date in 2001 2002 2003 2004 2005 2006 2007 2008\n"
                                   "do tip=$(at $date -p $tip); done\n"
                                   "git update-ref refs/heads/start $(at 1005 -p $tip)\n");
    git_oid start = object_id(*state, "start"), head = object_id(*state, "head");
    g_autoptr(GPtrArray) commits = commits_between(repository, &start, &head);
    assert_int_equal(commits->len, 0);
}

static void without_common_history_there_is_no_merge_base(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, criss_cross);
    git_oid one = object_id(*state, "one"), alone = object_id(*state, "alone");
    assert_text(merge_base(repository, &one, &alone), "");
    assert_text(merge_base(repository, &alone, &one), "");
}

static void the_merge_base_of_a_commit_with_itself_is_itself(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, criss_cross);
    git_oid one = object_id(*state, "one");
    g_autofree char *expected = in_repository(*state, "git rev-parse one; echo =");
    g_autofree char *base = merge_base(repository, &one, &one);
    assert_true(g_str_has_prefix(expected, base));
    g_autoptr(GPtrArray) commits = commits_between(repository, &one, &one);
    assert_int_equal(commits->len, 0);
}

static void a_short_range_does_not_read_the_whole_history(void **state)
{
    write_history(*state, 4, 200, 0);
    g_autoptr(git_repository) repository =
        make_repository(*state, "git -c fastimport.unpackLimit=100000 fast-import --quiet < ../history\n"
                                "rm .git/objects/$(git rev-parse c0 | sed 's|..|&/|')");
    git_oid start = object_id(*state, "c190"), head = object_id(*state, "c199");
    g_autoptr(GPtrArray) commits = commits_between(repository, &start, &head);
    assert_true(commits->len > 0);
}

static void a_missing_commit_is_an_error(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "tree=$(git mktree </dev/null); one=$(git commit-tree -m one $tree)\n"
                                "git update-ref refs/heads/two $(git commit-tree -m two -p $one $tree)\n"
                                "git update-ref refs/heads/other $(git commit-tree -m other $tree)\n"
                                "rm -f .git/objects/$(echo $one | sed 's|..|&/|')");
    git_oid two = object_id(*state, "two"), other = object_id(*state, "other"), base;
    gboolean found;
    g_autoptr(GError) error = NULL;
    assert_null(git_commits_between(repository, &other, &two, &error));
    assert_non_null(error);
    g_clear_error(&error);
    assert_false(git_merge_base_of(repository, &other, &two, &base, &found, &error));
    assert_non_null(error);
}

static void only_full_ids_of_commits_are_found(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "echo f > f; git add f; git commit -qm one; git tag -am tag v1");
    g_autofree char *commit = in_repository(*state, "git rev-parse HEAD");
    g_autofree char *blob = in_repository(*state, "git rev-parse HEAD:f");
    g_autofree char *tag = in_repository(*state, "git rev-parse v1");
    git_oid id;
    assert_true(git_find_commit(repository, commit, &id));
    assert_int_equal(git_oid_streq(&id, commit), 0);
    assert_false(git_find_commit(repository, blob, &id));
    assert_false(git_find_commit(repository, tag, &id));
    assert_false(git_find_commit(repository, "1234567890123456789012345678901234567890", &id));
    assert_false(git_find_commit(repository, "HEAD", &id));
    assert_false(git_find_commit(repository, "", &id));
    commit[39] = 0;
    assert_false(git_find_commit(repository, commit, &id));
    commit[0] = 'x';
    assert_false(git_find_commit(repository, commit, &id));
}

static void a_commit_tells_who_when_and_what(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "git commit -q --allow-empty -m one\n"
                "GIT_AUTHOR_NAME='Jos\303\251 d. \303\204' GIT_AUTHOR_DATE='1500000000 +0200' "
                "GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.com "
                "GIT_COMMITTER_DATE='1500000001 -0700' git commit -q --allow-empty "
                "-m \"$(printf 'Subject\\n\\nBody\\n')\"");
    git_oid one = object_id(*state, "HEAD~1"), two = object_id(*state, "HEAD");
    g_autoptr(GPtrArray) commits = commits_between(repository, &one, &two);
    assert_int_equal(commits->len, 1);
    const GitCommit *commit = commits->pdata[0];
    assert_true(git_oid_equal(&commit->id, &two));
    assert_string_equal(commit->author_name, "Jos\303\251 d. \303\204");
    assert_string_equal(commit->author_email, "ann@example.com");
    assert_string_equal(commit->committer_name, "Bob");
    assert_string_equal(commit->committer_email, "bob@example.com");
    assert_string_equal(commit->message, "Subject\n\nBody\n");
    assert_int_equal(commit->authored_at, 1500000000);
    assert_int_equal(commit->committed_at, 1500000001);
}

/* Commits that git would not make today, on top of a usual one; `lines` are printf(1)'s. (transfer full) */
static GPtrArray *read_strange_commit(GitContext *context, const char *lines)
{
    g_autofree char *script =
        g_strdup_printf("tree=$(git mktree </dev/null); one=$(git commit-tree -m one $tree)\n"
                        "two=$({ printf 'tree %%s\\nparent %%s\\n' $tree $one; printf '%s'; } | "
                        "git hash-object -t commit -w --stdin --literally)\n"
                        "git update-ref refs/heads/one $one; echo $two > .git/refs/heads/two",
                        lines);
    g_autoptr(git_repository) repository = make_repository(context, script);
    git_oid one = object_id(context, "one"), two = object_id(context, "two");
    GPtrArray *commits = commits_between(repository, &one, &two);
    assert_int_equal(commits->len, 1);
    return commits;
}

static void a_commit_without_names_and_dates_is_read_as_gitaly_does(void **state)
{
    g_autoptr(GPtrArray) commits = read_strange_commit(*state, "author Ann\\ncommitter <>\\n\\nmessage");
    const GitCommit *commit = commits->pdata[0];
    assert_string_equal(commit->author_name, "Ann");
    assert_string_equal(commit->author_email, "");
    assert_true(commit->authored_at == GIT_COMMIT_TIME_FALLBACK);
    assert_string_equal(commit->committer_name, "");
    assert_string_equal(commit->committer_email, "");
    assert_true(commit->committed_at == GIT_COMMIT_TIME_FALLBACK);
    assert_string_equal(commit->message, "message");
}

static void an_impossible_date_is_read_as_gitaly_does(void **state)
{
    g_autoptr(GPtrArray) commits = read_strange_commit(
        *state, "author Ann <a@b> -1 +0000\\ncommitter Bob <b> c> 9007199254740993 +0000\\n\\n");
    const GitCommit *commit = commits->pdata[0];
    assert_true(commit->authored_at == GIT_COMMIT_TIME_FALLBACK);
    assert_string_equal(commit->committer_email, "b");
    assert_true(commit->committed_at == GIT_COMMIT_TIME_FALLBACK);
    assert_string_equal(commit->message, "");
}

static void other_headers_and_leading_lines_are_kept_apart(void **state)
{
    g_autoptr(GPtrArray) commits =
        read_strange_commit(*state, "author A <a@b> 1 +0000\\ncommitter A <a@b> 2 +0000\\n"
                                    "gpgsig begin\\n author Eve <e@e> 9 +0000\\n end\\n\\n\\n\\nlate\\n");
    const GitCommit *commit = commits->pdata[0];
    assert_string_equal(commit->author_name, "A");
    assert_int_equal(commit->authored_at, 1);
    assert_int_equal(commit->committed_at, 2);
    assert_string_equal(commit->message, "\n\nlate\n");
}

static void texts_become_utf_8_whatever_the_encoding_header_says(void **state)
{
    g_autoptr(GPtrArray) commits =
        read_strange_commit(*state, "author Ren\\351 <r@b> 1 +0000\\ncommitter A <a@b> 2 +0000\\n"
                                    "encoding UTF-16\\n\\nd\\351j\\340 vu, cr\\350me br\\373l\\351e\\n");
    const GitCommit *commit = commits->pdata[0];
    static const char name[] = "Ren\351", message[] = "d\351j\340 vu, cr\350me br\373l\351e\n";
    assert_text(encoding_text(name, strlen(name)), commit->author_name);
    assert_text(encoding_text(message, strlen(message)), commit->message);
    assert_true(g_utf8_validate(commit->message, -1, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(histories_with_equal_dates_are_walked_as_git_does),
        WITH_CONTEXT(histories_with_skewed_dates_are_walked_as_git_does),
        WITH_CONTEXT(histories_with_random_dates_are_walked_as_git_does),
        WITH_CONTEXT(the_newest_of_several_merge_bases_comes_first),
        WITH_CONTEXT(of_merge_bases_of_the_same_date_git_s_comes_first),
        WITH_CONTEXT(an_ancestor_of_another_merge_base_is_none),
        WITH_CONTEXT(a_start_older_than_its_ancestors_excludes_all_of_them),
        WITH_CONTEXT(without_common_history_there_is_no_merge_base),
        WITH_CONTEXT(the_merge_base_of_a_commit_with_itself_is_itself),
        WITH_CONTEXT(a_short_range_does_not_read_the_whole_history),
        WITH_CONTEXT(a_missing_commit_is_an_error),
        WITH_CONTEXT(only_full_ids_of_commits_are_found),
        WITH_CONTEXT(a_commit_tells_who_when_and_what),
        WITH_CONTEXT(a_commit_without_names_and_dates_is_read_as_gitaly_does),
        WITH_CONTEXT(an_impossible_date_is_read_as_gitaly_does),
        WITH_CONTEXT(other_headers_and_leading_lines_are_kept_apart),
        WITH_CONTEXT(texts_become_utf_8_whatever_the_encoding_header_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
