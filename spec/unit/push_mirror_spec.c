#include "spec/support/push_context.h"

static void assert_pushed(GitContext *context)
{
    g_autofree char *expected = refs_of(context, "github/acme/rocket.git", "refs/heads refs/tags");
    assert_text(refs_of(context, PUSHED, ""), expected);
}

static void branches_and_tags_arrive_and_merge_requests_stay(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:gl/t@ken");
    assert_mirrored(context, context->url);
    assert_pushed(context);
    assert_false(is_empty(context));
    g_autofree char *kept = refs_of(context, PUSH_MIRROR, "refs/merge-requests");
    assert_non_null(strstr(kept, "refs/merge-requests/1/head "));
    run(context, "git --git-dir " PUSHED " fsck --strict");
    assert_text(shell(context, "stat -c %a work"), "700\n");
}

static void later_pushes_force_and_prune(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:gl/t@ken");
    assert_mirrored(context, context->url);
    run(context, "cd github/acme/rocket.git; git update-ref refs/heads/trunk $(git commit-tree -m new "
                 "'topic^{tree}')\n"
                 "git update-ref -d refs/heads/feature/x; git update-ref refs/heads/feature topic\n"
                 "git update-ref -d refs/tags/v1; git tag -f -a -m again v2 topic\n");
    assert_mirrored(context, context->url);
    assert_pushed(context);
    assert_mirrored(context, context->url);
    assert_pushed(context);
}

static GPtrArray *no_branches(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Project *project,
                              G_GNUC_UNUSED GError **error)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static GPtrArray *fork_branch(Session *session, const Project *project, GError **error)
{
    GPtrArray *branches = no_branches(session, project, error);
    g_ptr_array_add(branches, g_strdup("github/fork/eve/fix"));
    return branches;
}

/* Ruby may have made it, so that only GitLab has it. */
static void a_refetch_keeps_branches_that_only_gitlab_has(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:gl/t@ken");
    g_autoptr(GError) error = NULL;
    assert_mirrored(context, context->url);
    run(context, "git --git-dir " PUSHED " update-ref refs/heads/github/fork/eve/fix topic");
    git_refetch(context->session, &context->project, context->url, fork_branch, NULL, &error);
    assert_no_error(error);
    g_autofree char *kept = refs_of(context, PUSHED, "refs/heads/github");
    assert_true(g_str_has_prefix(kept, "refs/heads/github/fork/eve/fix "));
    git_refetch(context->session, &context->project, context->url, no_branches, NULL, &error);
    assert_no_error(error);
    assert_pushed(context);
}

/* The hook plays GitLab's rule and notes what arrives in which push. */
static void the_default_branch_arrives_first_and_alone(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:gl/t@ken");
    run(context, "git init -q --bare " PUSHED "; cd " PUSHED "; mkdir -p hooks\n"
                 "printf '#!/bin/sh\\n(cut -d\" \" -f3; echo end) >> arrived\\n' > hooks/pre-receive\n"
                 "chmod +x hooks/pre-receive\n");
    assert_mirrored(context, context->url);
    g_autofree char *arrived = shell(context, "cat " PUSHED "/arrived");
    assert_true(g_str_has_prefix(arrived, "refs/heads/trunk\nend\n"));
    assert_pushed(context);
}

static void refused_refs_fail_with_gitlab_s_reason(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:gl/t@ken");
    run(context, "git init -q --bare " PUSHED "; cd " PUSHED "; mkdir -p hooks\n"
                 "cat > hooks/update <<'END'\n"
                 "#!/bin/sh\n"
                 "for i in $(seq 100); do printf 'Resolving deltas: %3d%% (%d/100)\\r' $i $i >&2; done\n"
                 "printf 'Resolving deltas: 100%% (100/100), done.\\n' >&2\n"
                 "case $1 in *topic) echo GitLab: LFS objects are missing. >&2; exit 1;; esac\n"
                 "END\n"
                 "chmod +x hooks/update\n");
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, context->url, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_PUSH);
    assert_string_equal(error->message,
                        "GitLab refused refs/heads/topic: hook declined (GitLab: LFS objects are "
                        "missing. error: hook declined to update refs/heads/topic)");
    assert_true(is_empty(context));
    run(context, "rm " PUSHED "/hooks/update");
    assert_mirrored(context, context->url);
    assert_pushed(context);
}

static void refused_deletions_do_not_fail(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:gl/t@ken");
    assert_mirrored(context, context->url);
    run(context, "git --git-dir " PUSHED " config receive.denyDeletes true\n"
                 "git --git-dir github/acme/rocket.git update-ref -d refs/heads/topic");
    assert_mirrored(context, context->url);
    g_autofree char *kept = refs_of(context, PUSHED, "refs/heads/topic");
    assert_true(g_str_has_prefix(kept, "refs/heads/topic "));
}

static void wrong_credentials_are_told_and_not_shown(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) gitlab = start_gitlab(context, "importer:another");
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, context->url, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_AUTHENTICATION);
    assert_null(strstr(error->message, "t@ken"));
    assert_null(strstr(error->message, "t%40ken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GITLAB(branches_and_tags_arrive_and_merge_requests_stay),
        WITH_GITLAB(later_pushes_force_and_prune),
        WITH_GITLAB(a_refetch_keeps_branches_that_only_gitlab_has),
        WITH_GITLAB(the_default_branch_arrives_first_and_alone),
        WITH_GITLAB(refused_refs_fail_with_gitlab_s_reason),
        WITH_GITLAB(refused_deletions_do_not_fail),
        WITH_GITLAB(wrong_credentials_are_told_and_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
