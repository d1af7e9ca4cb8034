/* Branches that the importer makes itself, in both kinds of storage. */
#include "importers/git/branches.h"

#include "spec/support/push_context.h"
#include "spec/support/scripted_server.h"

#include <string.h>

/* The commit of GitHub's pull request 1, which is on no branch. (transfer full) */
static char *fork_sha(GitContext *context)
{
    g_autofree char *output =
        shell(context, "git --git-dir github/acme/rocket.git rev-parse refs/pull/1/head");
    return g_strdup(g_strchomp(output));
}

/* What speaks against each of the branches, "-" for nothing, as lines. (transfer full) */
static char *create(GitContext *context, const char *const *names, const char *sha, GError **error)
{
    g_autoptr(GArray) branches = g_array_new(FALSE, FALSE, sizeof(GitNewBranch));
    g_autoptr(GString) refusals = g_string_new(NULL);
    for (; *names; names++) {
        const GitNewBranch branch = {.name = *names, .sha = sha};
        g_array_append_val(branches, branch);
    }
    gboolean done = git_create_branches(context->session, &context->project, branches, error);
    for (guint i = 0; i < branches->len; i++) {
        g_autofree char *refusal = g_array_index(branches, GitNewBranch, i).refusal;
        g_string_append_printf(refusals, "%s\n", refusal ? refusal : "-");
    }
    return done ? g_strdup(refusals->str) : NULL;
}

static char *create_well(GitContext *context, const char *const *names, const char *sha)
{
    g_autoptr(GError) error = NULL;
    char *refusals = create(context, names, sha, &error);
    assert_no_error(error);
    return refusals;
}

static void assert_created(GitContext *context, const char *const *names, const char *expected)
{
    g_autofree char *sha = fork_sha(context);
    assert_text(create_well(context, names, sha), expected);
}

/* The branches of a repository, and whether each is at pull request 1's commit ("*"). */
static void assert_branches(GitContext *context, const char *path, const char *expected)
{
    g_autofree char *sha = fork_sha(context);
    g_autofree char *script = g_strdup_printf(
        "git --git-dir '%s' for-each-ref --format='%%(objectname)%%(refname:lstrip=2)' refs/heads |"
        "sed 's/^%s/*/; s/^[0-9a-f]\\{40\\}//'",
        path, sha);
    assert_text(shell(context, script), expected);
}

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- mounted storage --- */

static void a_new_branch_points_to_its_commit(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    assert_created(context, NAMES("github/fork/eve/fix", "main-7"), "-\n-\n");
    assert_branches(context, context->mirror, "feature/x\n*github/fork/eve/fix\n*main-7\ntopic\ntrunk\n");
    g_autofree char *script = g_strdup_printf("git --git-dir '%s' fsck --strict 2>&1", context->mirror);
    assert_text(shell(context, script), "");
    assert_false(is_empty(context));
}

static void a_branch_that_exists_is_left_alone(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    assert_created(context, NAMES("topic", "new", "new"), "-\n-\n-\n");
    assert_created(context, NAMES("new"), "-\n");
    assert_branches(context, context->mirror, "feature/x\n*new\ntopic\ntrunk\n");
}

static void a_branch_above_or_below_another_is_refused(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    assert_created(context, NAMES("topic/a", "feature", "b/c", "b", "b/c/d"),
                   "git cannot have it beside another branch\n"
                   "git cannot have it beside another branch\n-\n"
                   "git cannot have it beside another branch\n"
                   "git cannot have it beside another branch\n");
    assert_branches(context, context->mirror, "*b/c\nfeature/x\ntopic\ntrunk\n");
}

static void a_name_that_git_does_not_allow_is_refused(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    assert_created(context, NAMES("", "a..b", "-a", "HEAD", "a b", "github/fork/eve/", "a.lock", "../../x"),
                   "git allows no branch of this name\ngit allows no branch of this name\n"
                   "git allows no branch of this name\ngit allows no branch of this name\n"
                   "git allows no branch of this name\ngit allows no branch of this name\n"
                   "git allows no branch of this name\ngit allows no branch of this name\n");
    assert_branches(context, context->mirror, "feature/x\ntopic\ntrunk\n");
}

static void a_branch_without_a_commit_is_refused(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    g_autofree char *blob = shell(context, "git --git-dir github/acme/rocket.git rev-parse 'topic:README'");
    g_autofree char *sha = fork_sha(context);
    g_autofree char *short_sha = g_strndup(sha, 10);
    const char *const shas[] = {
        "1111111111111111111111111111111111111111", g_strchomp(blob), short_sha, "topic", "", NULL};
    for (const char *const *each = shas;; each++) {
        assert_text(create_well(context, NAMES("new"), *each), "its commit does not exist\n");
        if (!*each)
            break;
    }
    assert_branches(context, context->mirror, "feature/x\ntopic\ntrunk\n");
}

static void no_branches_need_no_repository(void **state)
{
    GitContext *context = *state;
    assert_text(create_well(context, (const char *const[]){NULL}, NULL), "");
}

static void without_a_repository_it_is_an_error(void **state)
{
    GitContext *context = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *sha = fork_sha(context);
    assert_null(create(context, NAMES("new"), sha, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
}

typedef struct Writer {
    GitContext *context;
    char *sha;
    guint number;
} Writer;

static gpointer write_in_thread(gpointer data)
{
    const Writer *writer = data;
    const Configuration *configuration = &writer->context->configuration;
    Session *session = session_new(configuration, NULL, NULL, &writer->context->stopping);
    g_autoptr(GArray) branches = g_array_new(FALSE, FALSE, sizeof(GitNewBranch));
    g_autofree char *name = g_strdup_printf("github/fork/eve/%u", writer->number);
    const GitNewBranch branch = {.name = name, .sha = writer->sha};
    g_array_append_val(branches, branch);
    g_autoptr(GError) error = NULL;
    gboolean done = git_create_branches(session, &writer->context->project, branches, &error);
    session_free(session);
    return GINT_TO_POINTER(done);
}

static void many_workers_write_beside_a_mirror(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    Writer writers[4];
    GThread *threads[G_N_ELEMENTS(writers)];
    for (guint i = 0; i < G_N_ELEMENTS(writers); i++) {
        writers[i] = (Writer){context, fork_sha(context), i};
        threads[i] = g_thread_new("branches", write_in_thread, &writers[i]);
    }
    assert_mirrored(context, context->url);
    for (guint i = 0; i < G_N_ELEMENTS(writers); i++) {
        assert_true(GPOINTER_TO_INT(g_thread_join(threads[i])));
        g_free(writers[i].sha);
    }
    assert_created(context,
                   NAMES("github/fork/eve/0", "github/fork/eve/1", "github/fork/eve/2", "github/fork/eve/3"),
                   "-\n-\n-\n-\n");
    assert_branches(context, context->mirror,
                    "feature/x\n*github/fork/eve/0\n*github/fork/eve/1\n*github/fork/eve/2\n"
                    "*github/fork/eve/3\ntopic\ntrunk\n");
}

/* --- over HTTP --- */

static FakeGithubProcess *start_and_mirror(GitContext *context)
{
    FakeGithubProcess *gitlab = start_gitlab(context, "importer:gl/t@ken");
    assert_mirrored(context, context->url);
    return gitlab;
}

/* GitLab's rule for a push: `script` sees "OLD NEW NAME" lines; what it writes goes nowhere. */
static void set_hook(const GitContext *context, const char *name, const char *script)
{
    g_autofree char *path = g_build_filename(context->folder, PUSHED, "hooks", name, NULL);
    g_autofree char *text = g_strconcat("#!/bin/sh\n", script, NULL);
    run(context, "mkdir -p " PUSHED "/hooks");
    assert_true(g_file_set_contents(path, text, -1, NULL));
    assert_int_equal(g_chmod(path, 0755), 0);
}

static void all_branches_of_a_call_are_pushed_at_once(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    set_hook(context, "pre-receive", "(cut -d' ' -f3; echo end) >> arrived");
    assert_created(context, NAMES("github/fork/eve/fix", "main-7"), "-\n-\n");
    assert_text(shell(context, "cat " PUSHED "/arrived"),
                "refs/heads/github/fork/eve/fix\nrefs/heads/main-7\nend\n");
    assert_branches(context, PUSHED, "feature/x\n*github/fork/eve/fix\n*main-7\ntopic\ntrunk\n");
    assert_branches(context, PUSH_MIRROR, "feature/x\n*github/fork/eve/fix\n*main-7\ntopic\ntrunk\n");
    assert_text(refs_of(context, PUSH_MIRROR, "refs/hubferry"), "");
}

static void what_the_mirror_has_is_not_pushed_again(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    assert_created(context, NAMES("new"), "-\n");
    g_clear_pointer(&gitlab, fake_github_stop);
    assert_created(context, NAMES("new", "topic"), "-\n-\n");
}

static void a_branch_of_gitlab_s_is_left_alone(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    run(context, "git --git-dir " PUSHED " update-ref refs/heads/new topic");
    assert_created(context, NAMES("new"), "-\n");
    assert_branches(context, PUSHED, "feature/x\nnew\ntopic\ntrunk\n");
    assert_branches(context, PUSH_MIRROR, "feature/x\ntopic\ntrunk\n");
}

/* As if killed between the push and the ref. */
static void a_branch_that_gitlab_has_got_already_gets_its_ref(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    assert_created(context, NAMES("new"), "-\n");
    run(context, "git --git-dir " PUSH_MIRROR " update-ref -d refs/heads/new");
    assert_created(context, NAMES("new"), "-\n");
    assert_branches(context, PUSH_MIRROR, "feature/x\n*new\ntopic\ntrunk\n");
}

static void a_refusal_by_gitlab_is_no_error(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    set_hook(context, "update", "case $1 in *bad) exit 1;; esac");
    assert_created(context, NAMES("bad"), "hook declined\n");
    assert_branches(context, PUSHED, "feature/x\ntopic\ntrunk\n");
    assert_branches(context, PUSH_MIRROR, "feature/x\ntopic\ntrunk\n");
}

static void a_push_refused_for_one_branch_does_not_cost_the_others(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    set_hook(context, "pre-receive", "! grep -q bad");
    assert_created(context, NAMES("one", "bad", "two"), "-\npre-receive hook declined\n-\n");
    assert_branches(context, PUSHED, "feature/x\n*one\ntopic\ntrunk\n*two\n");
    assert_branches(context, PUSH_MIRROR, "feature/x\n*one\ntopic\ntrunk\n*two\n");
}

static void a_broken_connection_is_an_error(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_and_mirror(context);
    g_autoptr(ScriptedServer) server = scripted_server_new();
    scripted_server_reply_raw(server, "");
    g_free(context->configuration.git_push_url);
    context->configuration.git_push_url = g_strconcat(scripted_server_url(server), "/gitlab", NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *sha = fork_sha(context);
    assert_null(create(context, NAMES("new"), sha, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_PUSH);
    assert_branches(context, PUSH_MIRROR, "feature/x\ntopic\ntrunk\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(a_new_branch_points_to_its_commit),
        WITH_CONTEXT(a_branch_that_exists_is_left_alone),
        WITH_CONTEXT(a_branch_above_or_below_another_is_refused),
        WITH_CONTEXT(a_name_that_git_does_not_allow_is_refused),
        WITH_CONTEXT(a_branch_without_a_commit_is_refused),
        WITH_CONTEXT(no_branches_need_no_repository),
        WITH_CONTEXT(without_a_repository_it_is_an_error),
        WITH_CONTEXT(many_workers_write_beside_a_mirror),
        WITH_GITLAB(all_branches_of_a_call_are_pushed_at_once),
        WITH_GITLAB(what_the_mirror_has_is_not_pushed_again),
        WITH_GITLAB(a_branch_of_gitlab_s_is_left_alone),
        WITH_GITLAB(a_branch_that_gitlab_has_got_already_gets_its_ref),
        WITH_GITLAB(a_refusal_by_gitlab_is_no_error),
        WITH_GITLAB(a_push_refused_for_one_branch_does_not_cost_the_others),
        WITH_GITLAB(a_broken_connection_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
