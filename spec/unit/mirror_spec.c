#include "importers/git/reader.h"
#include "importers/http/outbound_rules.h"
#include "spec/support/fake_github.h"
#include "spec/support/git_context.h"
#include "spec/support/scripted_server.h"

static gboolean allow_local = TRUE;

OutboundRules *__wrap_outbound_rules_load(Session *session, GError **error);

/* The rules are the spec's own, without a database. */
OutboundRules *__wrap_outbound_rules_load(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED GError **error)
{
    OutboundRules *rules = g_new0(OutboundRules, 1);
    rules->allow_local = allow_local;
    rules->allow_list = g_new0(char *, 1);
    return rules;
}

/* The remote's refs under the names that GitLab gives them. (transfer full) */
static char *expected_refs(GitContext *context)
{
    g_autofree char *refs =
        refs_of(context, "github/acme/rocket.git", "refs/heads refs/pull/*/head refs/tags");
    g_autoptr(GRegex) pull = g_regex_new("^refs/pull/", G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *renamed = g_regex_replace_literal(pull, refs, -1, 0, "refs/merge-requests/", 0, NULL);
    return g_steal_pointer(&renamed);
}

static void assert_same_refs(GitContext *context)
{
    g_autofree char *expected = expected_refs(context);
    assert_text(refs_of(context, context->mirror, ""), expected);
}

static void every_ref_gets_gitlab_s_name(void **state)
{
    GitContext *context = *state;
    assert_true(is_empty(context));
    assert_mirrored(context, context->url);
    assert_same_refs(context);
    assert_false(is_empty(context));
    g_autofree char *script =
        g_strdup_printf("cd '%s'; git fsck --strict 2>&1; git config core.bare; cat HEAD\n"
                        "! git config --get-regexp '^remote'",
                        context->mirror);
    assert_text(shell(context, script), "true\nref: refs/heads/trunk\n");
}

static void a_second_mirror_forces_and_prunes(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    run(context, "cd github/acme/rocket.git; one=$(git rev-parse topic)\n"
                 "git update-ref refs/heads/trunk $one; git update-ref -d refs/heads/feature/x\n"
                 "git update-ref refs/heads/feature $one; git update-ref -d refs/tags/v1\n"
                 "git update-ref refs/pull/2/head $one; git update-ref -d refs/pull/1/head\n");
    assert_mirrored(context, context->url);
    assert_same_refs(context);
}

static void gitlab_s_own_refs_stay(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    g_autofree char *script = g_strdup_printf("cd '%s'; for ref in keep-around/a merge-requests/7/merge; do\n"
                                              "git update-ref refs/$ref trunk; done",
                                              context->mirror);
    run(context, script);
    assert_mirrored(context, context->url);
    g_autofree char *kept = refs_of(context, context->mirror, "refs/keep-around refs/merge-requests/7");
    assert_non_null(strstr(kept, "refs/keep-around/a "));
    assert_non_null(strstr(kept, "refs/merge-requests/7/merge "));
}

static void an_empty_repository_is_mirrored_too(void **state)
{
    GitContext *context = *state;
    run(context, "git init -q --bare github/acme/void.git");
    g_autofree char *url = g_strdup_printf("file://%s/github/acme/void.git", context->folder);
    assert_mirrored(context, url);
    assert_true(is_empty(context));
}

/* As if a process had been killed in the middle. */
static void leave_unfinished(GitContext *context)
{
    g_autofree char *script = g_strdup_printf("cd '%s'; git update-ref -d refs/heads/topic\n"
                                              "echo unfinished > hubferry.lock\n"
                                              "touch refs/heads/trunk.lock packed-refs.lock HEAD.lock\n"
                                              "echo x > objects/pack/pack_git2_aB3dEf",
                                              context->mirror);
    run(context, script);
}

static void a_killed_mirror_is_completed(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    leave_unfinished(context);
    assert_true(is_empty(context));
    run(context, "cd github/acme/rocket.git; git update-ref refs/heads/trunk topic");
    assert_mirrored(context, context->url);
    assert_same_refs(context);
    assert_false(is_empty(context));
    g_autofree char *script =
        g_strdup_printf("find '%s' -name '*.lock' -o -name '*_git2_*'", context->mirror);
    g_autofree char *expected = g_strdup_printf("%s/hubferry.lock\n", context->mirror);
    assert_text(shell(context, script), expected);
}

/* --- once more into a repository that is in use --- */

static const char *kept[4]; /* ended by NULL */

static GPtrArray *kept_branches(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Project *project,
                                G_GNUC_UNUSED GError **error)
{
    GPtrArray *branches = g_ptr_array_new_with_free_func(g_free);
    for (const char **branch = kept; *branch; branch++)
        g_ptr_array_add(branches, g_strdup(*branch));
    return branches;
}

static void assert_refetched(GitContext *context)
{
    g_autoptr(GError) error = NULL;
    git_refetch(context->session, &context->project, context->url, kept_branches, NULL, &error);
    assert_no_error(error);
}

/* A mirror to which the importer has added branches. */
static void mirror_with_branches(GitContext *context, const char *const *branches)
{
    assert_mirrored(context, context->url);
    for (; *branches; branches++) {
        g_autofree char *script = g_strdup_printf("git --git-dir '%s' update-ref 'refs/heads/%s' topic",
                                                  context->mirror, *branches);
        run(context, script);
    }
}

static void assert_branches(GitContext *context, const char *expected)
{
    g_autofree char *script = g_strdup_printf(
        "git --git-dir '%s' for-each-ref --format='%%(refname:lstrip=2)' refs/heads", context->mirror);
    assert_text(shell(context, script), expected);
}

static void a_refetch_gets_what_is_new(void **state)
{
    GitContext *context = *state;
    kept[0] = NULL;
    assert_mirrored(context, context->url);
    run(context, "cd github/acme/rocket.git; git update-ref refs/pull/2/head topic\n"
                 "git update-ref refs/heads/trunk $(git commit-tree -m new 'topic^{tree}')");
    assert_refetched(context);
    assert_same_refs(context);
}

static void a_refetch_keeps_the_branches_that_the_importer_has_made(void **state)
{
    GitContext *context = *state;
    kept[0] = "github/fork/eve/fix";
    kept[1] = "main-7";
    kept[2] = "nowhere";
    kept[3] = NULL;
    mirror_with_branches(context, (const char *[]){kept[0], kept[1], "somebody-s", NULL});
    run(context, "git --git-dir github/acme/rocket.git update-ref -d refs/heads/feature/x");
    assert_refetched(context);
    assert_branches(context, "github/fork/eve/fix\nmain-7\ntopic\ntrunk\n");
}

static void a_kept_branch_gives_way_to_one_of_github_s(void **state)
{
    GitContext *context = *state;
    kept[0] = "fix";
    kept[1] = "topic2/deep";
    kept[2] = NULL;
    mirror_with_branches(context, kept);
    run(context, "cd github/acme/rocket.git; git update-ref refs/heads/fix/more topic\n"
                 "git update-ref refs/heads/topic2 topic");
    assert_refetched(context);
    assert_same_refs(context);
}

static void a_refetch_leaves_head(void **state)
{
    GitContext *context = *state;
    kept[0] = NULL;
    assert_mirrored(context, context->url);
    assert_true(git_set_default_branch(context->session, &context->project, "topic", NULL));
    assert_refetched(context);
    g_autofree char *script = g_strdup_printf("cat '%s/HEAD'", context->mirror);
    assert_text(shell(context, script), "ref: refs/heads/topic\n");
}

static void a_killed_refetch_leaves_a_readable_repository_and_is_completed(void **state)
{
    GitContext *context = *state;
    kept[0] = "topic2";
    kept[1] = NULL;
    mirror_with_branches(context, kept);
    leave_unfinished(context);
    git_repository *repository = git_reader_repository(context->session, &context->project, NULL);
    git_oid id;
    assert_int_equal(git_reference_name_to_id(&id, repository, "refs/heads/trunk"), 0);
    assert_refetched(context);
    assert_branches(context, "feature/x\ntopic\ntopic2\ntrunk\n");
    assert_false(is_empty(context));
}

static void locks_of_others_are_respected(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    g_autofree char *script = g_strdup_printf("touch '%s/refs/heads/trunk.lock'", context->mirror);
    run(context, script);
    run(context, "cd github/acme/rocket.git; git update-ref refs/heads/trunk topic");
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, context->url, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH);
    g_autofree char *lock = g_strconcat(context->mirror, "/refs/heads/trunk.lock", NULL);
    assert_true(g_file_test(lock, G_FILE_TEST_EXISTS));
}

static void directories_have_their_parent_s_permissions(void **state)
{
    GitContext *context = *state;
    run(context, "chmod 2770 gitlab");
    assert_mirrored(context, context->url);
    g_autofree char *script =
        g_strdup_printf("cd gitlab; stat -c %%a @hashed @hashed/73/47 '%s'", context->mirror);
    assert_text(shell(context, script), "2770\n2770\n2770\n");
}

static void a_storage_that_is_not_mounted_is_not_created(void **state)
{
    GitContext *context = *state;
    run(context, "rmdir gitlab");
    g_autoptr(GError) error = NULL, unknown = NULL;
    assert_false(mirror(context, context->url, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
    context->project.repository_storage = (char *)"other";
    assert_false(mirror(context, context->url, &unknown));
    assert_error(unknown, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
}

static void the_default_branch_is_set_if_it_exists(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    g_autoptr(GError) error = NULL;
    g_autofree char *head = g_strconcat(context->mirror, "/HEAD", NULL);
    static const char *const branches[] = {"topic", "missing", "feature/x"};
    static const char *const heads[] = {"topic", "topic", "feature/x"};
    for (gsize i = 0; i < G_N_ELEMENTS(branches); i++) {
        git_set_default_branch(context->session, &context->project, branches[i], &error);
        assert_no_error(error);
        char *content = NULL;
        g_file_get_contents(head, &content, NULL, NULL);
        g_autofree char *expected = g_strdup_printf("ref: refs/heads/%s\n", heads[i]);
        assert_text(content, expected);
    }
}

static void note_progress(guint received, guint total, G_GNUC_UNUSED guint64 bytes, gpointer user_data)
{
    guint *last = user_data;
    assert_true(received <= total);
    *last = received;
}

static FakeGithubProcess *serve(GitContext *context)
{
    g_autofree char *root = g_build_filename(context->folder, "github", NULL);
    return fake_github_start(
        (const char *[]){"--git-root", root, "--require-auth", "--token", "t0ken", NULL});
}

/* URL of a repository with the user `token`. (transfer full) */
static char *url_at(const FakeGithubProcess *fake, const char *token, const char *path)
{
    return g_strdup_printf("http://%s%s/%s", token, fake_github_url(fake) + strlen("http://"), path);
}

static void http_servers_get_the_token_as_user(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) fake = serve(context);
    g_autofree char *url = url_at(fake, "t0ken@", "acme/rocket.git");
    g_autoptr(GError) error = NULL;
    guint received = 0;
    const GitMirrorCallbacks callbacks = {.progress = note_progress, .user_data = &received};
    git_mirror(context->session, &context->project, GIT_PROJECT, url, &callbacks, &error);
    assert_no_error(error);
    assert_same_refs(context);
    assert_int_equal(received, 6); /* blob, tree, three commits, tag */
}

static void wrong_tokens_are_told_apart_and_not_shown(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) fake = serve(context);
    static const char *const tokens[] = {"wr0ng@", ""};
    for (gsize i = 0; i < G_N_ELEMENTS(tokens); i++) {
        g_autofree char *url = url_at(fake, tokens[i], "acme/rocket.git");
        g_autoptr(GError) error = NULL;
        assert_false(mirror(context, url, &error));
        assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_AUTHENTICATION);
        assert_null(strstr(error->message, "wr0ng"));
    }
    assert_true(is_empty(context));
}

static gboolean remote_exists(GitContext *context, const char *url)
{
    gboolean exists;
    g_autoptr(GError) error = NULL;
    git_remote_exists(context->session, url, &exists, &error);
    assert_no_error(error);
    return exists;
}

static void missing_repositories_are_no_failures_to_whom_only_asks(void **state)
{
    GitContext *context = *state;
    g_autoptr(FakeGithubProcess) fake = serve(context);
    g_autofree char *url = url_at(fake, "t0ken@", "acme/rocket.git");
    g_autofree char *wiki = url_at(fake, "t0ken@", "acme/rocket.wiki.git");
    assert_true(remote_exists(context, url));
    assert_false(remote_exists(context, wiki));
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, wiki, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND);
}

static void a_wiki_that_is_not_exported_does_not_exist(void **state)
{
    GitContext *context = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    static const char refused[] = "ERR access denied or repository not exported: /a.wiki.git";
    g_autofree char *reply =
        g_strdup_printf("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                        "Content-Type: application/x-git-upload-pack-advertisement\r\n\r\n"
                        "001e# service=git-upload-pack\n0000%04zx%s",
                        strlen(refused) + 4, refused);
    scripted_server_reply_raw(server, reply);
    assert_false(remote_exists(context, scripted_server_url(server)));
}

static void redirects_to_other_hosts_are_not_followed(void **state)
{
    GitContext *context = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    g_autoptr(ScriptedServer) other = scripted_server_new();
    g_autofree char *location =
        g_strdup_printf("Location: http://localhost:%s/info/refs?service=git-upload-pack\r\n",
                        strrchr(scripted_server_url(other), ':') + 1);
    scripted_server_reply(server, 301, location, "");
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, scripted_server_url(server), &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH);
    assert_int_equal(scripted_server_requests(other), 0);
}

static void the_outbound_rules_hold_for_fetches(void **state)
{
    GitContext *context = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    static const char *const hosts[] = {"127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"};
    allow_local = FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *url =
            g_strdup_printf("http://secret@%s:%u/acme/rocket.git", hosts[i], scripted_server_port(server));
        g_autoptr(GError) error = NULL;
        gboolean exists;
        assert_false(mirror(context, url, &error));
        assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH);
        assert_non_null(strstr(error->message, "Requests to localhost are not allowed"));
        assert_false(git_remote_exists(context->session, url, &exists, NULL));
    }
    allow_local = TRUE;
    assert_int_equal(scripted_server_requests(server), 0);
}

static void untrusted_certificates_are_refused_unless_verification_is_off(void **state)
{
    GitContext *context = *state;
    run(context,
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost 2>&1");
    g_autofree char *root = g_build_filename(context->folder, "github", NULL);
    g_autofree char *certificate = g_build_filename(context->folder, "cert.pem", NULL);
    g_autofree char *key = g_build_filename(context->folder, "key.pem", NULL);
    g_autoptr(FakeGithubProcess) fake =
        fake_github_start((const char *[]){"--git-root", root, "--cert", certificate, "--key", key, NULL});
    g_autofree char *url = g_strconcat(fake_github_url(fake), "/acme/rocket.git", NULL);
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, url, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH);
    assert_non_null(strstr(error->message, "the server's certificate is not trusted"));
    context->configuration.github_verify_ssl = FALSE;
    assert_mirrored(context, url);
    assert_same_refs(context);
}

static gpointer stop_soon(gpointer data)
{
    g_usleep(100 * 1000);
    g_atomic_int_set((gint *)data, 1);
    return NULL;
}

static void a_silent_server_does_not_keep_the_process(void **state)
{
    GitContext *context = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    scripted_server_reply_never(server);
    GThread *thread = g_thread_new("stop", stop_soon, &context->stopping);
    g_autoptr(GError) error = NULL;
    assert_false(mirror(context, scripted_server_url(server), &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    g_thread_join(thread);
}

static gpointer mirror_in_thread(gpointer data)
{
    GitContext *context = data;
    Session *session = session_new(&context->configuration, NULL, NULL, &context->stopping);
    g_autoptr(GError) error = NULL;
    gboolean done = git_mirror(session, &context->project, GIT_PROJECT, context->url, NULL, &error);
    session_free(session);
    return GINT_TO_POINTER(done);
}

static void two_workers_mirror_one_after_the_other(void **state)
{
    GitContext *context = *state;
    GThread *threads[4];
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("mirror", mirror_in_thread, context);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_true(GPOINTER_TO_INT(g_thread_join(threads[i])));
    assert_same_refs(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(every_ref_gets_gitlab_s_name),
        WITH_CONTEXT(a_second_mirror_forces_and_prunes),
        WITH_CONTEXT(gitlab_s_own_refs_stay),
        WITH_CONTEXT(an_empty_repository_is_mirrored_too),
        WITH_CONTEXT(a_killed_mirror_is_completed),
        WITH_CONTEXT(a_refetch_gets_what_is_new),
        WITH_CONTEXT(a_refetch_keeps_the_branches_that_the_importer_has_made),
        WITH_CONTEXT(a_kept_branch_gives_way_to_one_of_github_s),
        WITH_CONTEXT(a_refetch_leaves_head),
        WITH_CONTEXT(a_killed_refetch_leaves_a_readable_repository_and_is_completed),
        WITH_CONTEXT(locks_of_others_are_respected),
        WITH_CONTEXT(directories_have_their_parent_s_permissions),
        WITH_CONTEXT(a_storage_that_is_not_mounted_is_not_created),
        WITH_CONTEXT(the_default_branch_is_set_if_it_exists),
        WITH_CONTEXT(http_servers_get_the_token_as_user),
        WITH_CONTEXT(wrong_tokens_are_told_apart_and_not_shown),
        WITH_CONTEXT(missing_repositories_are_no_failures_to_whom_only_asks),
        WITH_CONTEXT(a_wiki_that_is_not_exported_does_not_exist),
        WITH_CONTEXT(redirects_to_other_hosts_are_not_followed),
        WITH_CONTEXT(the_outbound_rules_hold_for_fetches),
        WITH_CONTEXT(untrusted_certificates_are_refused_unless_verification_is_off),
        WITH_CONTEXT(a_silent_server_does_not_keep_the_process),
        WITH_CONTEXT(two_workers_mirror_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
