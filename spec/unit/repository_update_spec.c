/* What is fetched while pull requests are listed: real git repositories and PostgreSQL. */
#include "importers/objects/repository_update.h"

#include "importers/import_metrics.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/git_context.h"
#include "spec/support/gitlab_context.h"

#include <unistd.h>

#define LAST      "2024-05-01 10:00:00.5"
#define BEFORE    "2024-05-01T10:00:00Z"
#define AFTER     "2024-05-01T10:00:01Z"
#define UNKNOWN   "1111111111111111111111111111111111111111"
#define UPDATE(s) "UPDATE projects SET last_repository_updated_at = " s

typedef struct Fixture {
    GitContext *git;
    GitlabContext gitlab;
    Stage stage;
    char *known;    /* a commit that the mirror has */
    guint n_pushes; /* to GitHub */
} Fixture;

static const char *clone_url; /* of GitHub's repository */

char *__wrap_github_client_clone_url(const GithubClient *client);
char *__wrap_github_client_clone_url(G_GNUC_UNUSED const GithubClient *client)
{
    return g_strdup(clone_url);
}

/* (transfer full) */
static char *path_of_mirror(const Fixture *fixture)
{
    g_autofree char *disk_path = git_disk_path(fixture->gitlab.project, GIT_PROJECT);
    return g_strdup_printf("%s/gitlab/%s.git", fixture->git->folder, disk_path);
}

static void mirror_repository(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    git_mirror(fixture->gitlab.session, fixture->gitlab.project, GIT_PROJECT, clone_url, NULL, &error);
    assert_no_error(error);
}

static int set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    git_context_setup((void **)&fixture->git);
    gitlab_context_begin(&fixture->gitlab, NULL);
    log_configure(-1, LOG_FATAL);
    fixture->gitlab.configuration->storages = fixture->git->configuration.storages;
    fixture->gitlab.configuration->repository_backend = REPOSITORY_STORAGE;
    fixture->stage = (Stage){.session = fixture->gitlab.session, .project = fixture->gitlab.project};
    clone_url = fixture->git->url;
    mirror_repository(fixture);
    fixture->known = shell(fixture->git, "git --git-dir github/acme/rocket.git rev-parse topic");
    g_strchomp(fixture->known);
    g_free(private_gitlab_sql(UPDATE("'" LAST "'")));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    gitlab_context_end(&fixture->gitlab);
    git_context_teardown((void **)&fixture->git);
    g_free(fixture->known);
    g_free(fixture);
    return 0;
}

/* A new commit on GitHub's trunk. (transfer full) */
static char *push_to_github(Fixture *fixture)
{
    g_autofree char *script =
        g_strdup_printf("cd github/acme/rocket.git; new=$(git commit-tree -m %u 'topic^{tree}')\n"
                        "git update-ref refs/heads/trunk $new; echo $new",
                        ++fixture->n_pushes);
    return g_strchomp(shell(fixture->git, script));
}

/* For a pull request of which `updated_at` (may be NULL) and the commits are known. */
static gboolean update_for(Fixture *fixture, const char *updated_at, const char *head, const char *base,
                           GError **error)
{
    g_autoptr(json_t) pull_request = json_pack("{s:s?, s:{s:s?}, s:{s:s?}}", "updated_at", updated_at, "head",
                                               "sha", head, "base", "sha", base);
    return repository_update_for(&fixture->stage, pull_request, error);
}

static gboolean mirror_has(const Fixture *fixture, const char *sha)
{
    g_autofree char *mirror = path_of_mirror(fixture);
    g_autofree char *script =
        g_strdup_printf("git --git-dir '%s' branch --contains %s 2>/dev/null || true", mirror, sha);
    g_autofree char *branches = shell(fixture->git, script);
    return *branches != '\0';
}

static void assert_fetches(Fixture *fixture, const char *updated_at, const char *head, const char *base,
                           gboolean expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pushed = push_to_github(fixture);
    update_for(fixture, updated_at, head, base, &error);
    assert_no_error(error);
    assert_int_equal(mirror_has(fixture, pushed), expected);
}

static void a_pull_request_older_than_the_last_fetch_needs_none(void **state)
{
    assert_fetches(*state, BEFORE, UNKNOWN, UNKNOWN, FALSE);
    assert_sql("SELECT last_repository_updated_at FROM projects", LAST);
}

static void without_a_last_fetch_the_project_s_creation_counts(void **state)
{
    g_free(private_gitlab_sql(UPDATE("NULL, created_at = '" LAST "'")));
    assert_fetches(*state, BEFORE, UNKNOWN, UNKNOWN, FALSE);
    assert_fetches(*state, AFTER, UNKNOWN, UNKNOWN, TRUE);
}

static void commits_that_are_there_need_no_fetch(void **state)
{
    Fixture *fixture = *state;
    assert_fetches(fixture, AFTER, fixture->known, fixture->known, FALSE);
}

static void an_unknown_head_is_fetched(void **state)
{
    Fixture *fixture = *state;
    assert_fetches(fixture, AFTER, UNKNOWN, fixture->known, TRUE);
}

static void an_unknown_base_is_fetched(void **state)
{
    Fixture *fixture = *state;
    assert_fetches(fixture, AFTER, fixture->known, UNKNOWN, TRUE);
}

static void of_equal_times_the_commits_decide(void **state)
{
    g_free(private_gitlab_sql(UPDATE("'2024-05-01 10:00:01'")));
    assert_fetches(*state, AFTER, UNKNOWN, UNKNOWN, TRUE);
}

static void without_a_time_the_commits_decide(void **state)
{
    assert_fetches(*state, NULL, UNKNOWN, UNKNOWN, TRUE);
}

static void a_missing_repository_is_fetched(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *mirror = path_of_mirror(fixture);
    g_autofree char *script = g_strdup_printf("rm -r '%s'", mirror);
    run(fixture->git, script);
    assert_fetches(fixture, AFTER, fixture->known, fixture->known, TRUE);
}

static void a_mirror_that_was_not_finished_is_fetched_whatever_it_has(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *mirror = path_of_mirror(fixture);
    g_autofree char *script = g_strdup_printf("echo unfinished > '%s/hubferry.lock'", mirror);
    run(fixture->git, script);
    assert_fetches(fixture, AFTER, fixture->known, fixture->known, TRUE);
}

static void the_time_is_the_one_before_the_fetch(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *before = database_now();
    assert_fetches(fixture, AFTER, UNKNOWN, UNKNOWN, TRUE);
    g_autofree char *after = database_now();
    g_autofree char *sql = g_strdup_printf("SELECT last_repository_updated_at BETWEEN '%s' AND '%s',"
                                           " updated_at = last_repository_updated_at FROM projects",
                                           before, after);
    assert_sql(sql, "t|t");
}

static void one_fetch_serves_all_pull_requests_before_it(void **state)
{
    Fixture *fixture = *state;
    assert_fetches(fixture, AFTER, UNKNOWN, UNKNOWN, TRUE);
    assert_fetches(fixture, AFTER, UNKNOWN, UNKNOWN, FALSE);
}

static void the_last_fetch_is_read_once(void **state)
{
    Fixture *fixture = *state;
    assert_fetches(fixture, BEFORE, UNKNOWN, UNKNOWN, FALSE);
    g_free(private_gitlab_sql(UPDATE("'2000-01-01'")));
    assert_fetches(fixture, BEFORE, UNKNOWN, UNKNOWN, FALSE);
}

static void a_fetch_that_failed_is_repeated(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    clone_url = "file:///nowhere/at/all.git";
    assert_false(update_for(fixture, AFTER, UNKNOWN, UNKNOWN, &error));
    assert_non_null(error);
    assert_sql("SELECT last_repository_updated_at FROM projects", LAST);
    clone_url = fixture->git->url;
    assert_fetches(fixture, AFTER, fixture->known, fixture->known, TRUE);
}

static void source_branches_of_open_merge_requests_stay(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *mirror = path_of_mirror(fixture);
    g_autofree char *script = g_strdup_printf("cd '%s'; for name in open closed stray; do\n"
                                              "git update-ref refs/heads/github/fork/eve/$name topic; done",
                                              mirror);
    run(fixture->git, script);
    g_free(private_gitlab_sql(
        "INSERT INTO merge_requests (iid, target_project_id, source_project_id, title, source_branch,"
        " target_branch, state_id)"
        " SELECT n, id, id, 't', 'github/fork/eve/' || branch, 'trunk', n"
        " FROM projects, (VALUES (1, 'open'), (2, 'closed')) AS v (n, branch)"));
    assert_fetches(fixture, AFTER, UNKNOWN, UNKNOWN, TRUE);
    assert_text(refs_of(fixture->git, mirror, "refs/heads/github | cut -d' ' -f1"),
                "refs/heads/github/fork/eve/open\n");
}

/* The log's lines of a fetch. (transfer full) */
static char *logged_fetch(Fixture *fixture)
{
    g_autofree char *path = g_build_filename(fixture->git->folder, "log", NULL);
    FILE *file = fopen(path, "w");
    log_configure(fileno(file), LOG_INFO);
    assert_fetches(fixture, AFTER, UNKNOWN, UNKNOWN, TRUE);
    log_configure(-1, LOG_FATAL);
    fclose(file);
    char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static gint64 updates_counted(void)
{
    static const char name[] = "\ngithub_importer_repository_updates ";
    g_autoptr(GString) metrics = g_string_new(NULL);
    import_metrics_render(metrics);
    const char *line = strstr(metrics->str, name);
    assert_non_null(line);
    return g_ascii_strtoll(line + strlen(name), NULL, 10);
}

static void a_fetch_is_logged_and_counted(void **state)
{
    gint64 before = updates_counted();
    g_autofree char *log = logged_fetch(*state);
    assert_non_null(strstr(log, "\"message\":\"GitHub importer finished updating repository\""));
    assert_non_null(strstr(log, "\"project_name\":\"imports/rocket\""));
    assert_int_equal(updates_counted(), before + 1);
}

/* --- without GitLab's storage --- */

#define GITHUB ((const GithubClient *)1) /* only its clone URL is asked for, above */

static void work_without_storage(Fixture *fixture)
{
    fixture->gitlab.configuration->repository_backend = REPOSITORY_HTTP;
    fixture->gitlab.configuration->git_work_directory =
        g_build_filename(fixture->git->folder, "gitlab", NULL);
}

static void work_with_storage(Fixture *fixture)
{
    fixture->gitlab.configuration->repository_backend = REPOSITORY_STORAGE;
    g_clear_pointer(&fixture->gitlab.configuration->git_work_directory, g_free);
}

static void assert_own_mirror_fetched(Fixture *fixture, gboolean expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pushed = push_to_github(fixture);
    repository_update_own_mirror(fixture->gitlab.session, fixture->gitlab.project, GITHUB, &error);
    assert_no_error(error);
    assert_int_equal(mirror_has(fixture, pushed), expected);
}

static void an_own_mirror_that_is_missing_is_fetched(void **state)
{
    Fixture *fixture = *state;
    work_without_storage(fixture);
    run(fixture->git, "rm -rf gitlab/@hashed");
    assert_own_mirror_fetched(fixture, TRUE);
    work_with_storage(fixture);
}

static void an_own_mirror_that_is_older_than_the_project_s_is_fetched(void **state)
{
    Fixture *fixture = *state;
    work_without_storage(fixture);
    g_free(private_gitlab_sql(UPDATE("now() AT TIME ZONE 'UTC' + interval '1 hour'")));
    assert_own_mirror_fetched(fixture, TRUE);
    work_with_storage(fixture);
}

static void an_own_mirror_that_is_newer_is_left_alone(void **state)
{
    Fixture *fixture = *state;
    work_without_storage(fixture);
    assert_own_mirror_fetched(fixture, FALSE);
    work_with_storage(fixture);
}

static void mounted_storage_has_no_own_mirror(void **state)
{
    Fixture *fixture = *state;
    g_free(private_gitlab_sql(UPDATE("now() AT TIME ZONE 'UTC' + interval '1 hour'")));
    assert_own_mirror_fetched(fixture, FALSE);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pull_request_older_than_the_last_fetch_needs_none),
        TEST(without_a_last_fetch_the_project_s_creation_counts),
        TEST(commits_that_are_there_need_no_fetch),
        TEST(an_unknown_head_is_fetched),
        TEST(an_unknown_base_is_fetched),
        TEST(of_equal_times_the_commits_decide),
        TEST(without_a_time_the_commits_decide),
        TEST(a_missing_repository_is_fetched),
        TEST(a_mirror_that_was_not_finished_is_fetched_whatever_it_has),
        TEST(the_time_is_the_one_before_the_fetch),
        TEST(one_fetch_serves_all_pull_requests_before_it),
        TEST(the_last_fetch_is_read_once),
        TEST(a_fetch_that_failed_is_repeated),
        TEST(source_branches_of_open_merge_requests_stay),
        TEST(a_fetch_is_logged_and_counted),
        TEST(an_own_mirror_that_is_missing_is_fetched),
        TEST(an_own_mirror_that_is_older_than_the_project_s_is_fetched),
        TEST(an_own_mirror_that_is_newer_is_left_alone),
        TEST(mounted_storage_has_no_own_mirror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
