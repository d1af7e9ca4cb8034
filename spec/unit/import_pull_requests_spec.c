/* The pull requests stage, with its collection: real Redis and PostgreSQL, a scripted GitHub. What begins and
 * ends a stage, and the update of the repository, are the spec's own. */
#include "importers/gitlab/receipts.h"
#include "importers/objects/pull_request.h"
#include "importers/objects/repository_update.h"
#include "importers/stages/stages.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/github_context.h"
#include "spec/support/gitlab_context.h"

#include <math.h>

#define WORKER "Gitlab::GithubImport::ImportPullRequestWorker"
#define QUEUE  "queue:default"

static const WorkerClass classes[] = {
    {.name = WORKER, .queue_namespace = "github_importer", .retry = 5},
    {.name = NULL},
};

typedef struct Fixture {
    GitlabContext gitlab; /* first, for import_key() */
    WorkerRegistry *registry;
    Job *job;
    ScriptedServer *server;
    Stage stage;
    GString *steps;   /* what happened, in order */
    gint64 broken_at; /* number of the pull request for which the repository cannot be updated */
} Fixture;

static Fixture *now;

gboolean __wrap_stage_perform(Session *session, const Job *job, StageImport import, GError **error);
gboolean __wrap_stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error);
gboolean __wrap_repository_update_for(Stage *stage, const json_t *pull_request, GError **error);

gboolean __wrap_stage_perform(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                              StageImport import, GError **error)
{
    return import(&now->stage, error);
}

gboolean __wrap_stage_advance_to(G_GNUC_UNUSED Stage *stage, json_t *waiters, const char *next_stage,
                                 G_GNUC_UNUSED GError **error)
{
    g_autoptr(json_t) owned = waiters;
    g_autofree char *key = import_key(&now->gitlab, "job-waiter/%" G_GINT64_FORMAT "/pull_requests");
    g_autofree char *waiter = private_gitlab_redis("GET", key, NULL);
    assert_int_equal(json_object_size(owned), 1);
    g_string_append_printf(now->steps, "advance %" G_GINT64_FORMAT " %s",
                           json_integer_field(owned, waiter, -1), next_stage);
    return TRUE;
}

gboolean __wrap_repository_update_for(Stage *stage, const json_t *pull_request, GError **error)
{
    gint64 number = json_integer_field(pull_request, "number", 0);
    assert_ptr_equal(stage, &now->stage);
    g_string_append_printf(now->steps, "update %" G_GINT64_FORMAT "; ", number);
    if (number != now->broken_at)
        return TRUE;
    g_set_error_literal(error, JSON_ERROR, JSON_ERROR_SHAPE, "the fetch has failed");
    return FALSE;
}

static GithubClient *client_at_server(Fixture *fixture)
{
    g_autofree char *import_url = g_strconcat(scripted_server_url(fixture->server), "/acme/rocket.git", NULL);
    char source[] = "acme/rocket", token[] = CONTEXT_TOKEN;
    const Project project = {.id = 1, .import_url = import_url, .import_source = source};
    const ImportData data = {.token = token, .pagination_limit = 100};
    return github_client_with_rules(fixture->gitlab.session, &project, &data, rules_new(TRUE), NULL);
}

static int set_up(void **state)
{
    const char *raw = "{\"class\":\"Gitlab::GithubImport::Stage::ImportPullRequestsWorker\",\"args\":[1],"
                      "\"jid\":\"stagejid\"}";
    Fixture *fixture = g_new0(Fixture, 1);
    log_configure(-1, LOG_FATAL);
    fixture->registry = worker_registry_new((const WorkerClass *[]){classes}, 1);
    gitlab_context_begin(&fixture->gitlab, fixture->registry);
    assert_true(receipts_install(session_database(fixture->gitlab.session), NULL));
    fixture->job = job_parse(raw, strlen(raw), "default", NULL);
    fixture->gitlab.session->job = fixture->job;
    fixture->server = scripted_server_new();
    fixture->stage = (Stage){.session = fixture->gitlab.session, .project = fixture->gitlab.project};
    fixture->stage.github = client_at_server(fixture);
    fixture->steps = g_string_new(NULL);
    now = *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    g_string_free(fixture->steps, TRUE);
    github_client_free(fixture->stage.github);
    scripted_server_free(fixture->server);
    gitlab_context_end(&fixture->gitlab);
    job_free(fixture->job);
    worker_registry_free(fixture->registry);
    g_free(fixture);
    return 0;
}

/* A page of the pull requests from `first` to `last`; `next` is the next page's address on this server, or
 * NULL. */
static void reply(Fixture *fixture, int first, int last, const char *next)
{
    g_autoptr(json_t) page = json_array();
    for (int number = first; number <= last; number++)
        json_array_append_new(page, json_pack("{s:i, s:s, s:n}", "number", number, "title", "t", "user"));
    g_autofree char *body = json_dump(page);
    g_autofree char *link =
        next ? g_strdup_printf("Link: <%s%s>; rel=\"next\"\r\n", scripted_server_url(fixture->server), next)
             : NULL;
    scripted_server_reply(fixture->server, 200, link, body);
}

static gboolean perform(Fixture *fixture, GError **error)
{
    g_string_truncate(fixture->steps, 0);
    return import_pull_requests_perform(fixture->gitlab.session, fixture->job, error);
}

static void assert_performs(Fixture *fixture, const char *steps)
{
    g_autoptr(GError) error = NULL;
    perform(fixture, &error);
    assert_no_error(error);
    assert_string_equal(fixture->steps->str, steps);
}

static void assert_request(Fixture *fixture, guint index, const char *text)
{
    g_autofree char *request = scripted_server_request(fixture->server, index);
    if (!request || !strstr(request, text))
        fail_msg("request %u is not %s: %s", index, text, request);
}

static void assert_key(Fixture *fixture, const char *expected, const char *command, const char *format)
{
    g_autofree char *key = import_key(&fixture->gitlab, format);
    assert_redis(expected, command, key);
}

static void each_pull_request_becomes_a_job_of_one_waiter(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, 1, 2, "/api/v3/repositories/9/pulls?page=2");
    reply(fixture, 3, 3, NULL);
    assert_performs(fixture, "update 1; update 2; update 3; advance 3 collaborators");
    assert_request(fixture, 0,
                   "GET /api/v3/repos/acme/rocket/pulls?state=all&sort=created&direction=asc&per_page=100 ");
    assert_redis("3", "LLEN", QUEUE);
    assert_key(fixture, "3", "GET", "object-counter/%" G_GINT64_FORMAT "/fetched/pull_request");
    g_autofree char *text = private_gitlab_redis("LINDEX", QUEUE, "-1", NULL);
    g_autoptr(json_t) job = json_parse(text, strlen(text), NULL);
    const json_t *args = json_object_get(job, "args");
    assert_string_equal(json_string_field(job, "class"), WORKER);
    assert_int_equal(json_array_size(args), 3);
    assert_int_equal(json_integer_field(json_array_get(args, 1), "iid", 0), 1);
}

static void an_empty_collection_has_a_waiter_too(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, 1, 0, NULL);
    assert_performs(fixture, "advance 0 collaborators");
}

/* What the stage logs. (transfer full) */
static char *logged(Fixture *fixture)
{
    char *text = NULL;
    FILE *file = tmpfile();
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fileno(file));
    log_configure(fileno(file), LOG_INFO);
    assert_performs(fixture, "advance 0 collaborators");
    log_configure(-1, LOG_FATAL);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    fclose(file);
    return text;
}

static void the_log_names_the_stage_s_importer_and_that_of_its_jobs(void **state)
{
    reply(*state, 1, 0, NULL);
    g_autofree char *log = logged(*state);
    assert_true(g_pattern_match_simple(
        "*\"message\":\"starting importer\",\"importer\":\"Importer::PullRequestsImporter\"*"
        "\"message\":\"starting importer\",\"importer\":"
        "\"Gitlab::GithubImport::Importer::PullRequestImporter\",\"parallel\":true*",
        log));
}

static void a_fetch_that_fails_keeps_the_page(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    fixture->broken_at = 4;
    reply(fixture, 1, 2, "/api/v3/repositories/9/pulls?page=2");
    reply(fixture, 3, 4, NULL);
    assert_false(perform(fixture, &error));
    assert_string_equal(error->message, "the fetch has failed");
    assert_key(fixture, "1", "GET", "page-counter/%" G_GINT64_FORMAT "/pull_requests");
    assert_redis("2", "LLEN", QUEUE);

    fixture->broken_at = 0;
    reply(fixture, 1, 2, "/api/v3/repositories/9/pulls?page=2");
    reply(fixture, 3, 4, NULL);
    assert_performs(fixture, "update 3; update 4; advance 4 collaborators");
    assert_redis("4", "LLEN", QUEUE);
}

static void what_ruby_has_scheduled_is_left_out(void **state)
{
    Fixture *fixture = *state;
    static const char *const keys[] = {"page-counter", "job-waiter-remaining"};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *format = g_strconcat(keys[i], "/%" G_GINT64_FORMAT "/pull_requests", NULL);
        g_autofree char *key = import_key(&fixture->gitlab, format);
        assert_redis("OK", "SET", key, "2", "EX", "86400");
    }
    g_autofree char *imported =
        import_key(&fixture->gitlab, "already-imported/%" G_GINT64_FORMAT "/pull_requests");
    assert_redis("2", "SADD", imported, "1", "3");
    reply(fixture, 3, 4, NULL);
    assert_performs(fixture, "update 4; advance 3 collaborators");
    assert_request(fixture, 0, "direction=asc&page=2&per_page=100 ");
    assert_redis("1", "LLEN", QUEUE);
}

/* The seconds from the second of the 101 scheduled jobs to the last; the first is never due at once. */
static double scheduled_span(void)
{
    g_autofree char *all = private_gitlab_redis("ZRANGE", "schedule", "1", "-1", "WITHSCORES", NULL);
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    assert_int_equal(g_strv_length(lines), 2 * 100);
    return g_ascii_strtod(lines[199], NULL) - g_ascii_strtod(lines[1], NULL);
}

static void gitlab_s_pace_is_200_a_minute_whatever_the_setting(void **state)
{
    Fixture *fixture = *state;
    g_free(private_gitlab_sql(
        "UPDATE application_settings SET rate_limits = '{\"concurrent_github_import_jobs_limit\": 30}'"));
    fixture->gitlab.configuration->pace = PACE_GITLAB;
    reply(fixture, 1, 101, NULL);
    g_autoptr(GError) error = NULL;
    perform(fixture, &error);
    assert_no_error(error);
    double span = scheduled_span();
    if (fabs(span - 29.7) > 1e-3)
        fail_msg("99 jobs take %f seconds, not 29.7", span);
}

/* --- the collection --- */

static void a_pull_request_is_known_by_its_number(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) pull_request = json_pack("{s:i}", "number", 7), other = json_object();
    assert_text(pull_requests_collection.id(pull_request, NULL), "7");
    assert_null(pull_requests_collection.id(other, NULL));
    assert_string_equal(pull_requests_collection.fetched_as(pull_request), "pull_request");
}

static void its_job_looks_up_author_and_first_assignee(G_GNUC_UNUSED void **state)
{
    const char *text = "{\"user\":{\"id\":1,\"login\":\"a\"},\"assignee\":{\"id\":2,\"login\":\"b\"},"
                       "\"assignees\":[{\"id\":2,\"login\":\"b\"},{\"id\":3,\"login\":\"c\"}],"
                       "\"merged_by\":{\"id\":4,\"login\":\"d\"}}";
    g_autoptr(json_t) pull_request = json_parse(text, strlen(text), NULL), users = json_array();
    pull_requests_collection.people(pull_request, users);
    assert_text(json_dump(users), "[{\"id\":1,\"login\":\"a\"},{\"id\":2,\"login\":\"b\"}]");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_pull_request_becomes_a_job_of_one_waiter),
        TEST(an_empty_collection_has_a_waiter_too),
        TEST(the_log_names_the_stage_s_importer_and_that_of_its_jobs),
        TEST(a_fetch_that_fails_keeps_the_page),
        TEST(what_ruby_has_scheduled_is_left_out),
        TEST(gitlab_s_pace_is_200_a_minute_whatever_the_setting),
        cmocka_unit_test(a_pull_request_is_known_by_its_number),
        cmocka_unit_test(its_job_looks_up_author_and_first_assignee),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
