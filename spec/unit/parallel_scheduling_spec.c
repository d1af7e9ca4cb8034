/* How a stage turns the pages of a collection into jobs: real Redis and PostgreSQL, a scripted GitHub. Who
 * its people are is a matter of the spec's own. */
#include "importers/stages/parallel_scheduling.h"

#include "importers/gitlab/receipts.h"
#include "importers/gitlab/user_preload.h"
#include "importers/stages/scheduled_jobs.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/github_context.h"
#include "spec/support/gitlab_context.h"

#include <fcntl.h>
#include <unistd.h>

#define WORKER "Gitlab::GithubImport::ImportIssueWorker"
#define QUEUE  "queue:default"

static const WorkerClass classes[] = {
    {.name = WORKER, .queue_namespace = "github_importer", .retry = 5},
    {.name = "Gitlab::GithubImport::ReplayEventsWorker", .queue_namespace = "github_importer", .retry = 5},
    {.name = NULL},
};

/* What happened, one word each: "p7" job 7 is about to be pushed, "r12" 12 people were asked for, "d3" parent
 * 3 is done. */
static GString *events;

/* People are pending until they are resolved; those named "known" never are. */
static struct {
    GHashTable *met;
    guint pending;
    guint64 asked;
} people;

struct UserPreload {
    Stage *stage;
};

UserPreload *__wrap_user_preload_new(Stage *stage);
void __wrap_user_preload_free(UserPreload *preload);
gboolean __wrap_user_preload_add(UserPreload *preload, const json_t *users, GError **error);
guint __wrap_user_preload_pending(const UserPreload *preload);
guint64 __wrap_user_preload_asked(const UserPreload *preload);
gboolean __wrap_user_preload_resolve(UserPreload *preload, GError **error);
gboolean __wrap_user_preload_resolve_full(UserPreload *preload, GError **error);

UserPreload *__wrap_user_preload_new(Stage *stage)
{
    UserPreload *preload = g_new0(UserPreload, 1);
    preload->stage = stage;
    return preload;
}

void __wrap_user_preload_free(UserPreload *preload)
{
    g_free(preload);
}

gboolean __wrap_user_preload_add(G_GNUC_UNUSED UserPreload *preload, const json_t *users,
                                 G_GNUC_UNUSED GError **error)
{
    size_t i;
    json_t *user;
    json_array_foreach (users, i, user) {
        const char *login = json_string_field(user, "login");
        if (login && !g_str_equal(login, "known") && g_hash_table_add(people.met, g_strdup(login)))
            people.pending++;
    }
    return TRUE;
}

guint __wrap_user_preload_pending(G_GNUC_UNUSED const UserPreload *preload)
{
    return people.pending;
}

guint64 __wrap_user_preload_asked(G_GNUC_UNUSED const UserPreload *preload)
{
    return people.asked;
}

static void resolve(guint n)
{
    g_string_append_printf(events, "r%u ", n);
    people.pending -= n;
    people.asked += n;
}

gboolean __wrap_user_preload_resolve_full(G_GNUC_UNUSED UserPreload *preload, G_GNUC_UNUSED GError **error)
{
    while (people.pending >= USER_PRELOAD_CALL)
        resolve(USER_PRELOAD_CALL);
    return TRUE;
}

gboolean __wrap_user_preload_resolve(UserPreload *preload, GError **error)
{
    __wrap_user_preload_resolve_full(preload, error);
    if (people.pending > 0)
        resolve(people.pending);
    return TRUE;
}

typedef struct Fixture {
    GitlabContext gitlab; /* first, for import_key() */
    WorkerRegistry *registry;
    Job *parent_job;
    ScriptedServer *server;
    Stage stage;
    gint stop_at; /* number of the object whose scheduling stops the process */
} Fixture;

static Fixture *current; /* for the collection's functions */

/* Like gitlab_context_begin's project, but at the scripted server. */
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
    const char *raw = "{\"class\":\"Gitlab::GithubImport::Stage::ImportIssuesAndDiffNotesWorker\","
                      "\"args\":[1],\"jid\":\"stagejid\",\"correlation_id\":\"c1\"}";
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->registry = worker_registry_new((const WorkerClass *[]){classes}, 1);
    gitlab_context_begin(&fixture->gitlab, fixture->registry);
    assert_true(receipts_install(session_database(fixture->gitlab.session), NULL));
    fixture->parent_job = job_parse(raw, strlen(raw), "default", NULL);
    fixture->gitlab.session->job = fixture->parent_job;
    fixture->server = scripted_server_new();
    fixture->stage = (Stage){.session = fixture->gitlab.session, .project = fixture->gitlab.project};
    fixture->stage.github = client_at_server(fixture);
    events = g_string_new(NULL);
    people.met = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    people.pending = 0;
    people.asked = 0;
    current = *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    g_hash_table_unref(people.met);
    g_string_free(events, TRUE);
    github_client_free(fixture->stage.github);
    scripted_server_free(fixture->server);
    gitlab_context_end(&fixture->gitlab);
    job_free(fixture->parent_job);
    worker_registry_free(fixture->registry);
    g_free(fixture);
    return 0;
}

/* The collection: issues. Number 404 has no id, 405 no representation, 406 a broken one; numbers from 900 are
 * not counted. */

static char *id_of(const json_t *object, G_GNUC_UNUSED const json_t *parent)
{
    gint64 number = json_integer_field(object, "number", 0);
    return number == 404 ? NULL : g_strdup_printf("%" G_GINT64_FORMAT, number);
}

static json_t *representation_of(G_GNUC_UNUSED Stage *stage, const json_t *object, const json_t *parent,
                                 GError **error)
{
    gint64 number = json_integer_field(object, "number", 0);
    if (number == 405)
        return NULL;
    if (number == 406) {
        g_set_error_literal(error, JSON_ERROR, JSON_ERROR_SHAPE, "a broken object");
        return NULL;
    }
    return parent ? json_pack("{s:I, s:O}", "number", (json_int_t)number, "parent", parent)
                  : json_pack("{s:I}", "number", (json_int_t)number);
}

static const char *type_of(const json_t *object)
{
    return json_integer_field(object, "number", 0) >= 900 ? NULL : "issue";
}

static void people_of(const json_t *object, json_t *users)
{
    json_array_append(users, json_object_get(object, "user"));
}

static gboolean about_to_push(Stage *stage, const json_t *object, G_GNUC_UNUSED const json_t *parent,
                              G_GNUC_UNUSED GError **error)
{
    gint64 number = json_integer_field(object, "number", 0);
    assert_ptr_equal(stage, &current->stage);
    g_string_append_printf(events, "p%" G_GINT64_FORMAT " ", number);
    if (number == current->stop_at)
        current->gitlab.stopping = 1;
    return TRUE;
}

static const ObjectCollection issues = {
    .importer = "Gitlab::GithubImport::Importer::IssuesImporter",
    .object_importer = "Gitlab::GithubImport::Importer::IssueAndLabelLinksImporter",
    .name = "issues",
    .path = "issues",
    .query = "state=all",
    .worker = WORKER,
    .id = id_of,
    .representation = representation_of,
    .fetched_as = type_of,
    .people = people_of,
    .scheduling = about_to_push,
};

/* A page of the numbers in `numbers` ("1 2 3"), each by the user `login`; `next` is the next page's address
 * on this server, or NULL. */
static void reply_by(Fixture *fixture, const char *numbers, const char *login, const char *next)
{
    g_autoptr(json_t) page = json_array();
    g_auto(GStrv) words = g_strsplit(numbers, " ", -1);
    for (char **word = words; *word && **word; word++)
        json_array_append_new(page, json_pack("{s:I, s:{s:s}}", "number", (json_int_t)atoll(*word), "user",
                                              "login", login ? login : *word));
    g_autofree char *body = json_dump(page);
    g_autofree char *link =
        next ? g_strdup_printf("Link: <%s%s>; rel=\"next\"\r\n", scripted_server_url(fixture->server), next)
             : NULL;
    scripted_server_reply(fixture->server, 200, link, body);
}

static void reply(Fixture *fixture, const char *numbers, const char *next)
{
    reply_by(fixture, numbers, "known", next);
}

/* What the run adds to the waiters, with its error if it fails. (transfer full) */
static json_t *run(Fixture *fixture, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return parallel_scheduling_run(&fixture->stage, &issues, waiters, error) ? g_steal_pointer(&waiters)
                                                                             : NULL;
}

static json_t *run_well(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    json_t *waiters = run(fixture, &error);
    assert_no_error(error);
    assert_int_equal(json_object_size(waiters), 1);
    return waiters;
}

static const char *waiter_in(json_t *waiters)
{
    return json_object_iter_key(json_object_iter(waiters));
}

static void assert_waits_for(json_t *waiters, gint64 count)
{
    assert_int_equal(json_integer_value(json_object_get(waiters, waiter_in(waiters))), count);
}

static void assert_run_schedules(Fixture *fixture, gint64 count)
{
    g_autoptr(json_t) waiters = run_well(fixture);
    assert_waits_for(waiters, count);
}

static void assert_requests(Fixture *fixture, guint n)
{
    assert_int_equal(scripted_server_requests(fixture->server), n);
}

static void assert_request(Fixture *fixture, guint index, const char *text)
{
    g_autofree char *request = scripted_server_request(fixture->server, index);
    if (!request || !strstr(request, text))
        fail_msg("request %u is not %s: %s", index, text, request);
}

/* The n-th job pushed, from 0. (transfer full) */
static json_t *pushed_job(guint n)
{
    g_autofree char *index = g_strdup_printf("-%u", n + 1);
    g_autofree char *text = private_gitlab_redis("LINDEX", QUEUE, index, NULL);
    json_t *job = json_parse(text, strlen(text), NULL);
    assert_non_null(job);
    return job;
}

/* The numbers of the jobs in the queue, in the order of their pushes. */
static void assert_pushed(const char *expected)
{
    g_autofree char *length = private_gitlab_redis("LLEN", QUEUE, NULL);
    g_autoptr(GString) numbers = g_string_new(NULL);
    for (guint i = 0; i < (guint)atoi(length); i++) {
        g_autoptr(json_t) job = pushed_job(i);
        const json_t *representation = json_array_get(json_object_get(job, "args"), 1);
        g_string_append_printf(numbers, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "",
                               json_integer_field(representation, "number", 0));
    }
    assert_string_equal(numbers->str, expected);
}

static void forget_pushes(void)
{
    g_free(private_gitlab_redis("DEL", QUEUE, NULL));
    g_string_truncate(events, 0);
}

static char *key(const Fixture *fixture, const char *kind)
{
    g_autofree char *format = g_strconcat(kind, "/%" G_GINT64_FORMAT "/issues", NULL);
    return import_key(&fixture->gitlab, format);
}

static void assert_key(const Fixture *fixture, const char *expected, const char *command, const char *kind)
{
    g_autofree char *name = key(fixture, kind);
    assert_redis(expected, command, name);
}

static void assert_lives(const Fixture *fixture, gint64 seconds, const char *kind)
{
    g_autofree char *name = key(fixture, kind);
    assert_ttl(name, seconds);
}

static void assert_fetched(const Fixture *fixture, const char *expected)
{
    g_autofree char *name = import_key(&fixture->gitlab, "object-counter/%" G_GINT64_FORMAT "/fetched/issue");
    assert_redis(expected, "GET", name);
}

static void assert_no_failures(void)
{
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void every_object_becomes_a_job_of_one_waiter(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 2", "/api/v3/repositories/9/issues?page=2");
    reply(fixture, "3", NULL);
    g_autoptr(json_t) waiters = run_well(fixture);
    assert_waits_for(waiters, 3);
    assert_pushed("1 2 3");
    g_autoptr(json_t) job = pushed_job(2);
    g_autofree char *args = json_dump(json_object_get(job, "args"));
    g_autofree char *expected = g_strdup_printf("[%" G_GINT64_FORMAT ",{\"number\":3},\"%s\"]",
                                                fixture->gitlab.project->id, waiter_in(waiters));
    assert_string_equal(args, expected);
    assert_string_equal(json_string_field(job, "class"), WORKER);
    assert_string_equal(json_string_field(job, "correlation_id"), "c1");
    assert_request(fixture, 0, "GET /api/v3/repos/acme/rocket/issues?state=all&per_page=100 ");
    assert_request(fixture, 1, "GET /api/v3/repositories/9/issues?page=2 ");
}

static void redis_holds_what_ruby_would_have_written(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 2", "/api/v3/repositories/9/issues?page=2");
    reply(fixture, "3 901", NULL);
    g_autoptr(json_t) waiters = run_well(fixture);
    g_autofree char *url =
        g_strconcat(scripted_server_url(fixture->server), "/api/v3/repositories/9/issues?page=2", NULL);
    assert_key(fixture, "4", "SCARD", "already-imported");
    assert_lives(fixture, 900, "already-imported");
    assert_key(fixture, waiter_in(waiters), "GET", "job-waiter");
    assert_key(fixture, "4", "GET", "job-waiter-remaining");
    assert_key(fixture, "2", "GET", "page-counter");
    assert_lives(fixture, 86400, "page-counter");
    assert_key(fixture, url, "GET", "page-keyset");
    assert_fetched(fixture, "3");
}

static void an_empty_collection_has_a_waiter_too(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "", NULL);
    g_autoptr(json_t) waiters = run_well(fixture);
    assert_waits_for(waiters, 0);
    assert_key(fixture, waiter_in(waiters), "GET", "job-waiter");
    assert_redis("0", "EXISTS", QUEUE);
}

static void objects_without_id_or_representation_are_skipped(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 404 405 2", NULL);
    assert_run_schedules(fixture, 2);
    assert_pushed("1 2");
    assert_key(fixture, "2", "SCARD", "already-imported");
    assert_fetched(fixture, "2");
}

static void an_object_that_comes_twice_is_scheduled_once(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 2 2 2", "/api/v3/p?page=2");
    reply(fixture, "2 3", NULL);
    assert_run_schedules(fixture, 3);
    assert_pushed("1 2 3");
}

static void a_stopping_process_keeps_its_page(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    reply(fixture, "1 2", "/api/v3/p?page=2");
    fixture->stop_at = 2;
    assert_null(run(fixture, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_no_failures();
    assert_requests(fixture, 1);
    assert_pushed("1 2");
    assert_key(fixture, "1", "GET", "page-counter");

    fixture->stop_at = fixture->gitlab.stopping = 0;
    reply(fixture, "1 2", "/api/v3/p?page=2");
    reply(fixture, "3", NULL);
    assert_run_schedules(fixture, 3);
    assert_pushed("1 2 3");
    assert_request(fixture, 1, "GET /api/v3/repos/acme/rocket/issues?state=all&per_page=100 ");
    assert_fetched(fixture, "3");
}

static void a_page_is_not_passed_before_its_objects_are_scheduled(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    reply(fixture, "1 2", "/api/v3/p?page=2");
    reply(fixture, "3 406", NULL);
    assert_null(run(fixture, &error));
    assert_error(error, JSON_ERROR, JSON_ERROR_SHAPE);
    assert_key(fixture, "1", "GET", "page-counter");
    assert_pushed("1 2");
}

/* The keys as a kill leaves them that comes after the push of a page of two and before it is recorded. */
static void kill_before_recording(const Fixture *fixture)
{
    static const char *const kinds[] = {"already-imported", "job-waiter-remaining", "page-counter",
                                        "page-keyset"};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        assert_key(fixture, "1", "DEL", kinds[i]);
    g_autofree char *fetched =
        import_key(&fixture->gitlab, "object-counter/%" G_GINT64_FORMAT "/fetched/issue");
    assert_redis("1", "DEL", fetched);
}

static void a_page_killed_after_its_push_is_pushed_again_as_the_same_jobs(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 2", NULL);
    g_autoptr(json_t) before = run_well(fixture);
    kill_before_recording(fixture);
    reply(fixture, "1 2", NULL);
    g_autoptr(json_t) after = run_well(fixture);
    assert_string_equal(waiter_in(after), waiter_in(before));
    assert_waits_for(after, 2);
    assert_fetched(fixture, "2");
    assert_pushed("1 2 1 2");
    for (guint i = 0; i < 2; i++) {
        g_autoptr(json_t) first = pushed_job(i), again = pushed_job(2 + i);
        assert_string_equal(json_string_field(first, "jid"), json_string_field(again, "jid"));
    }
}

/* Ruby was killed after the first two objects of page 2; its own waiter waits for `count` jobs. */
static void begin_as_ruby(const Fixture *fixture, const char *ids, const char *count)
{
    g_autofree char *counter = key(fixture, "page-counter"), *set = key(fixture, "already-imported"),
                    *waiter = key(fixture, "job-waiter"), *remaining = key(fixture, "job-waiter-remaining");
    g_auto(GStrv) words = g_strsplit(ids, " ", -1);
    assert_redis("OK", "SET", counter, "2", "EX", "86400");
    assert_redis("OK", "SET", waiter, "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11", "EX",
                 "86400");
    assert_redis("OK", "SET", remaining, count, "EX", "86400");
    for (char **word = words; *word; word++)
        assert_redis("1", "SADD", set, *word);
}

static void rubys_half_done_page_is_completed(void **state)
{
    Fixture *fixture = *state;
    begin_as_ruby(fixture, "1 2 3", "3");
    reply(fixture, "3 4", "/api/v3/p?page=3");
    reply(fixture, "5", NULL);
    g_autoptr(json_t) waiters = run_well(fixture);
    assert_string_equal(waiter_in(waiters), "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11");
    assert_waits_for(waiters, 5);
    assert_pushed("4 5");
    assert_request(fixture, 0, "GET /api/v3/repos/acme/rocket/issues?state=all&page=2&per_page=100 ");
    assert_key(fixture, "3", "GET", "page-counter");
}

static void the_address_of_a_page_is_preferred_to_its_number(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *keyset = key(fixture, "page-keyset");
    g_autofree char *url =
        g_strconcat(scripted_server_url(fixture->server), "/api/v3/repositories/9/issues?after=x", NULL);
    begin_as_ruby(fixture, "1 2 3", "3");
    assert_redis("OK", "SET", keyset, url);
    reply(fixture, "3 4", NULL);
    assert_run_schedules(fixture, 4);
    assert_request(fixture, 0, "GET /api/v3/repositories/9/issues?after=x ");
}

static void where_github_refuses_deep_pages_the_first_is_read_again(void **state)
{
    Fixture *fixture = *state;
    begin_as_ruby(fixture, "1 2 3", "3");
    scripted_server_reply(fixture->server, 422, NULL,
                          "{\"message\":\"page parameter not supported for large datasets\"}");
    reply(fixture, "1 2", "/api/v3/p?after=x");
    reply(fixture, "3 4", NULL);
    assert_run_schedules(fixture, 4);
    assert_pushed("4");
    assert_request(fixture, 1, "GET /api/v3/repos/acme/rocket/issues?state=all&per_page=100 ");
    assert_request(fixture, 2, "GET /api/v3/p?after=x ");
    assert_no_failures();
}

static void a_failure_is_recorded_as_the_importers(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    scripted_server_reply(fixture->server, 422, NULL, "{\"message\":\"no\"}");
    assert_null(run(fixture, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_UNPROCESSABLE);
    assert_sql("SELECT source, exception_class, coalesce(retry_count, -1) FROM import_failures",
               "Gitlab::GithubImport::Importer::IssuesImporter|Octokit::UnprocessableEntity|-1");
}

static gboolean run_limited(Fixture *fixture, gint64 count)
{
    g_autoptr(json_t) waiters = json_object();
    g_autoptr(GError) error = NULL;
    gboolean cut;
    parallel_scheduling_run_limited(&fixture->stage, &issues, waiters, &cut, &error);
    assert_no_error(error);
    assert_waits_for(waiters, count);
    return cut;
}

static void where_github_lists_no_more_the_run_ends_and_says_so_each_time(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < 2; i++) {
        reply(fixture, "1 2", "/api/v3/p?page=2");
        scripted_server_reply(fixture->server, 422, NULL, "{\"message\":\"pagination is limited\"}");
        assert_true(run_limited(fixture, 2));
    }
    assert_pushed("1 2");
    assert_lives(fixture, 86400, "already-imported");
    assert_no_failures();
}

static void a_limited_collection_may_end_before_its_limit(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 2", NULL);
    assert_false(run_limited(fixture, 2));
    assert_lives(fixture, 900, "already-imported");
}

static void a_rate_limit_is_no_failure(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    reply(fixture, "1", "/api/v3/p?page=2");
    scripted_server_reply(fixture->server, 429, "Retry-After: 60\r\n", "{}");
    assert_null(run(fixture, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT);
    assert_no_failures();
    assert_pushed("1");
    assert_key(fixture, "1", "GET", "page-counter");
    assert_lives(fixture, 86400, "already-imported");
}

static void a_collection_that_has_ended_is_not_scheduled_again(void **state)
{
    Fixture *fixture = *state;
    reply(fixture, "1 2", NULL);
    g_autoptr(json_t) before = run_well(fixture);
    assert_key(fixture, "1", "DEL", "already-imported"); /* as 15 minutes do */
    g_autoptr(json_t) after = run_well(fixture);
    assert_true(json_equal(before, after));
    assert_requests(fixture, 1);
    assert_pushed("1 2");
}

static void a_repeated_run_renews_the_life_of_the_import(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *started = private_gitlab_sql(
        "UPDATE project_mirror_data SET status = 'started', jid = 'async-import/project-import-state/1'");
    reply(fixture, "1", NULL);
    assert_run_schedules(fixture, 1);
    assert_ttl("gitlab-sidekiq-status:async-import/project-import-state/1", 86400);
}

static void gitlabs_pace_goes_through_the_schedule(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *set = private_gitlab_sql(
        "UPDATE application_settings SET rate_limits = '{\"concurrent_github_import_jobs_limit\": 1}'");
    fixture->gitlab.configuration->pace = PACE_GITLAB;
    double before = job_now();
    reply(fixture, "1 2", "/api/v3/p?page=2");
    reply(fixture, "3", NULL);
    assert_run_schedules(fixture, 3);
    double after = job_now();
    assert_redis("0", "EXISTS", QUEUE);
    assert_redis("3", "ZCARD", "schedule");
    for (guint i = 0; i < 3; i++) {
        g_autofree char *from = g_strdup_printf("%f", before + 60 * i + 1);
        g_autofree char *to = g_strdup_printf("%f", after + 60 * i + 1);
        assert_redis("1", "ZCOUNT", "schedule", from, to);
    }
}

static void pages_wait_until_100_people_have_come_together(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GString) many = g_string_new(NULL);
    for (int i = 10; i < 110; i++)
        g_string_append_printf(many, "%s%d", i > 10 ? " " : "", i);
    reply_by(fixture, "1 2", "known", "/api/v3/p?page=2");
    reply_by(fixture, "3", "first", "/api/v3/p?page=3");
    reply_by(fixture, "4", "known", "/api/v3/p?page=4");
    reply_by(fixture, many->str, NULL, "/api/v3/p?page=5");
    reply_by(fixture, "900", "first", "/api/v3/p?page=6");
    reply_by(fixture, "901", "last", NULL);
    assert_run_schedules(fixture, 106);
    assert_true(g_str_has_prefix(events->str, "p1 p2 r100 p3 p4 r2 p10 p11 "));
    assert_true(g_str_has_suffix(events->str, "p108 p109 p900 p901 "));
}

static void a_hundred_pages_do_not_wait_longer(void **state)
{
    Fixture *fixture = *state;
    for (int i = 1; i <= 101; i++) {
        g_autofree char *number = g_strdup_printf("%d", i);
        g_autofree char *next = i < 101 ? g_strdup_printf("/api/v3/p?page=%d", i + 1) : NULL;
        reply_by(fixture, number, i % 2 ? number : "known", next);
    }
    assert_run_schedules(fixture, 101);
    assert_true(g_str_has_prefix(events->str, "r50 p1 p2 "));
    assert_true(g_str_has_suffix(events->str, "p99 p100 r1 p101 "));
}

static void large_pages_do_not_wait(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *body = g_strnfill(4 * 1024 * 1024, 'x');
    for (int i = 1; i <= 2; i++) {
        g_autofree char *page =
            g_strdup_printf("[{\"number\":%d,\"user\":{\"login\":\"u%d\"},\"b\":\"%s\"}]", i, i, body);
        g_autofree char *link = g_strdup_printf("Link: <%s/api/v3/p?page=%d>; rel=\"next\"\r\n",
                                                scripted_server_url(fixture->server), i + 1);
        scripted_server_reply(fixture->server, 200, link, page);
    }
    reply_by(fixture, "3", "u3", NULL);
    assert_run_schedules(fixture, 3);
    assert_string_equal(events->str, "r2 p1 p2 r1 p3 ");
}

static void an_object_that_waits_is_not_scheduled_twice(void **state)
{
    Fixture *fixture = *state;
    reply_by(fixture, "1 2", "somebody", "/api/v3/p?page=2");
    reply_by(fixture, "2 3", "somebody", NULL);
    assert_run_schedules(fixture, 3);
    assert_pushed("1 2 3");
}

static void pages_that_waited_in_vain_are_read_again(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    reply_by(fixture, "1", "somebody", "/api/v3/p?page=2");
    scripted_server_reply(fixture->server, 429, "Retry-After: 60\r\n", "{}");
    assert_null(run(fixture, &error));
    assert_redis("0", "EXISTS", QUEUE);
    assert_key(fixture, "0", "EXISTS", "page-counter");
    assert_key(fixture, "0", "EXISTS", "page-keyset");
}

static void objects_at_hand_are_scheduled_like_a_collection(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(json_t) objects = json_array(), waiters = json_object();
    for (int i = 1; i <= 150; i++)
        json_array_append_new(objects, json_pack("{s:i}", "number", i));
    for (int run_number = 0; run_number < 2; run_number++) {
        assert_true(parallel_scheduling_run_objects(&fixture->stage, &issues, objects, waiters, NULL));
        assert_waits_for(waiters, 150);
    }
    assert_redis("150", "LLEN", QUEUE);
    assert_lives(fixture, 900, "already-imported");
    assert_key(fixture, "0", "EXISTS", "page-counter");
    assert_requests(fixture, 0);
}

/* Parents: issues 1 to 3, two at a time, then the one merge request 9. */

static const Statement next_issues = {"spec_next_issues",
                                      "SELECT iid FROM generate_series(1, 3) AS iid WHERE $1::bigint > 0 AND "
                                      "iid > $2::bigint ORDER BY iid LIMIT 2"};
static const Statement next_merge_requests = {"spec_next_merge_requests",
                                              "SELECT 9 AS iid WHERE $1::bigint > 0 AND 9 > $2::bigint"};

static json_t *parent_of(const PGresult *rows, int row)
{
    return json_pack("{s:I}", "iid", (json_int_t)database_integer(rows, row, "iid"));
}

static gboolean parent_done(Scheduling *scheduling, const json_t *parent, GError **error)
{
    gint64 iid = json_integer_field(parent, "iid", 0);
    assert_ptr_equal(parallel_scheduling_stage(scheduling), &current->stage);
    g_string_append_printf(events, "d%" G_GINT64_FORMAT " ", iid);
    g_autofree char *name = g_strdup_printf("replay-%" G_GINT64_FORMAT, iid);
    for (int repeated = 0; iid == 2 && repeated < 2; repeated++)
        if (!parallel_scheduling_enqueue(scheduling, "Gitlab::GithubImport::ReplayEventsWorker", name,
                                         json_pack("{s:i}", "issuable_iid", 2), error))
            return FALSE;
    return TRUE;
}

#define DONE_SET "github-importer/issues/issue_timeline/already-imported/%" G_GINT64_FORMAT

static const ParentCollection issue_parents = {
    .object_type = "issue",
    .next = &next_issues,
    .parent = parent_of,
    .done_set = DONE_SET,
    .page_counter = "issues/%s/issue_timeline",
    .parent_done = parent_done,
};
static const ParentCollection merge_request_parents = {
    .object_type = "pull_request",
    .next = &next_merge_requests,
    .parent = parent_of,
    .done_set = DONE_SET,
    .page_counter = "issues/%s/issue_timeline",
};
static const ParentCollection *const parents[] = {&issue_parents, &merge_request_parents, NULL};

static const ObjectCollection timeline = {
    .importer = "Gitlab::GithubImport::Importer::SingleEndpointIssueEventsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::IssueEventImporter",
    .name = "issues",
    .path = "issues/%s/timeline",
    .worker = WORKER,
    .id = id_of,
    .representation = representation_of,
    .people = people_of,
    .scheduling = about_to_push,
};

static json_t *run_parents(Fixture *fixture, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return parallel_scheduling_run_parents(&fixture->stage, &timeline, parents, waiters, error)
               ? g_steal_pointer(&waiters)
               : NULL;
}

static char *done_set(const Fixture *fixture)
{
    return import_key(&fixture->gitlab, "issues/issue_timeline/already-imported/%" G_GINT64_FORMAT);
}

static void parents_are_read_one_after_the_other(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    reply(fixture, "11", "/api/v3/t?page=2");
    reply(fixture, "12", NULL);
    reply(fixture, "", NULL);
    reply(fixture, "31", NULL);
    reply(fixture, "91", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    assert_waits_for(waiters, 5);
    assert_string_equal(events->str, "p11 p12 d1 d2 p31 d3 p91 ");
    assert_request(fixture, 0, "GET /api/v3/repos/acme/rocket/issues/1/timeline?per_page=100 ");
    assert_request(fixture, 1, "GET /api/v3/t?page=2 ");
    assert_request(fixture, 4, "GET /api/v3/repos/acme/rocket/issues/9/timeline?per_page=100 ");
    assert_redis("4", "SCARD", done);
    assert_ttl(done, 86400);
    assert_lives(fixture, 900, "already-imported");
    g_autofree char *counter =
        import_key(&fixture->gitlab, "page-counter/%" G_GINT64_FORMAT "/issues/1/issue_timeline");
    assert_redis("2", "GET", counter);
}

static void what_follows_a_parent_reports_to_the_same_waiter_once(void **state)
{
    Fixture *fixture = *state;
    for (int i = 0; i < 4; i++)
        reply(fixture, "", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    assert_waits_for(waiters, 1);
    assert_redis("1", "LLEN", QUEUE);
    g_autoptr(json_t) job = pushed_job(0);
    assert_string_equal(json_string_field(job, "class"), "Gitlab::GithubImport::ReplayEventsWorker");
    g_autofree char *args = json_dump(json_object_get(job, "args"));
    g_autofree char *expected = g_strdup_printf("[%" G_GINT64_FORMAT ",{\"issuable_iid\":2},\"%s\"]",
                                                fixture->gitlab.project->id, waiter_in(waiters));
    assert_string_equal(args, expected);
}

static void objects_know_their_parent(void **state)
{
    Fixture *fixture = *state;
    for (int i = 0; i < 4; i++)
        reply(fixture, i == 2 ? "31" : "", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    g_autoptr(json_t) job = pushed_job(1);
    const json_t *representation = json_array_get(json_object_get(job, "args"), 1);
    assert_int_equal(json_integer_field(json_object_get(representation, "parent"), "iid", 0), 3);
}

static void parents_that_are_done_are_left_out(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    assert_redis("2", "SADD", done, "1", "3");
    reply(fixture, "", NULL);
    reply(fixture, "91", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    assert_waits_for(waiters, 2);
    assert_request(fixture, 0, "issues/2/timeline");
    assert_request(fixture, 1, "issues/9/timeline");
    assert_requests(fixture, 2);
}

static void a_parent_is_resumed_at_its_page(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    g_autoptr(GError) error = NULL;
    reply(fixture, "11", NULL);
    reply(fixture, "21", "/api/v3/t?page=2");
    fixture->stop_at = 21;
    assert_null(run_parents(fixture, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_redis("1", "SMEMBERS", done);

    fixture->stop_at = fixture->gitlab.stopping = 0;
    forget_pushes();
    reply(fixture, "21", "/api/v3/t?page=2");
    reply(fixture, "22", NULL);
    reply(fixture, "31", NULL);
    reply(fixture, "", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    assert_waits_for(waiters, 5);
    assert_string_equal(events->str, "p22 d2 p31 d3 ");
    assert_request(fixture, 2, "issues/2/timeline");
}

static void a_parent_is_done_when_its_pages_are_scheduled(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    g_autoptr(GError) error = NULL;
    reply_by(fixture, "11", "first", NULL);
    reply_by(fixture, "21", "second", NULL);
    scripted_server_reply(fixture->server, 429, "Retry-After: 60\r\n", "{}");
    assert_null(run_parents(fixture, &error));
    assert_string_equal(events->str, "");
    assert_redis("0", "EXISTS", done);
}

/* Merge request 9, of which GitHub has one object, and which is known by its id. */
static const Statement next_with_ids = {"spec_next_with_ids",
                                        "SELECT 9 AS iid, 900 AS id WHERE $1::bigint > 0 AND 9 > $2::bigint"};

static json_t *parent_with_id(const PGresult *rows, int row)
{
    json_t *parent = parent_of(rows, row);
    json_object_set_new(parent, "id", json_integer(database_integer(rows, row, "id")));
    return parent;
}

static const ParentCollection single_parents = {
    .object_type = "pull_request",
    .next = &next_with_ids,
    .parent = parent_with_id,
    .done_set = DONE_SET,
    .done_set_key = "id",
    .single = TRUE,
};

static json_t *run_single(Fixture *fixture)
{
    const ParentCollection *const list[] = {&single_parents, NULL};
    g_autoptr(json_t) waiters = json_object();
    g_autoptr(GError) error = NULL;
    assert_true(parallel_scheduling_run_parents(&fixture->stage, &timeline, list, waiters, &error));
    return g_steal_pointer(&waiters);
}

static void a_parent_may_have_one_object_instead_of_pages(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    scripted_server_reply(fixture->server, 200, NULL, "{\"number\":91,\"user\":{\"login\":\"known\"}}");
    g_autoptr(json_t) waiters = run_single(fixture);
    assert_waits_for(waiters, 1);
    assert_pushed("91");
    assert_request(fixture, 0, "GET /api/v3/repos/acme/rocket/issues/9/timeline ");
    assert_key(fixture, "0", "EXISTS", "page-counter");
    assert_redis("900", "SMEMBERS", done);
}

static void a_parent_may_be_known_by_its_id_when_it_is_done(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    assert_redis("1", "SADD", done, "900");
    g_autoptr(json_t) waiters = run_single(fixture);
    assert_waits_for(waiters, 0);
    assert_requests(fixture, 0);
}

static void a_single_object_that_is_gone_is_recorded_and_done(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    scripted_server_reply(fixture->server, 404, NULL, "{\"message\":\"Not Found\"}");
    scripted_server_reply(fixture->server, 200, NULL, "{\"id\":1}");
    g_autoptr(json_t) waiters = run_single(fixture);
    assert_waits_for(waiters, 0);
    assert_redis("900", "SMEMBERS", done);
    assert_sql("SELECT exception_class, external_identifiers->>'iid' FROM import_failures",
               "Octokit::NotFound|9");
}

static void a_parent_that_is_gone_is_recorded_and_done(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    reply(fixture, "11", "/api/v3/t?page=2");
    scripted_server_reply(fixture->server, 410, NULL, "{\"message\":\"This issue was deleted\"}");
    scripted_server_reply(fixture->server, 200, NULL, "{\"id\":1}");
    reply(fixture, "21", NULL);
    reply(fixture, "31", NULL);
    scripted_server_reply(fixture->server, 404, NULL, "{\"message\":\"Not Found\"}");
    scripted_server_reply(fixture->server, 200, NULL, "{\"id\":1}");
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) waiters = run_parents(fixture, &error);
    assert_no_error(error);
    assert_waits_for(waiters, 4); /* with the one that follows parent 2 */
    assert_string_equal(events->str, "p11 d1 p21 d2 p31 d3 ");
    assert_request(fixture, 2, "GET /api/v3/repos/acme/rocket ");
    assert_redis("4", "SCARD", done);
    assert_sql(
        "SELECT source, exception_class, external_identifiers->>'iid',"
        " external_identifiers->>'object_type' FROM import_failures ORDER BY id",
        "Gitlab::GithubImport::Importer::SingleEndpointIssueEventsImporter|Octokit::Deprecated|1|issue\n"
        "Gitlab::GithubImport::Importer::SingleEndpointIssueEventsImporter|Octokit::NotFound|9|"
        "pull_request");
}

static void a_parent_that_is_gone_is_recorded_once(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    for (guint i = 0; i < 2; i++) {
        scripted_server_reply(fixture->server, 410, NULL, "{}");
        scripted_server_reply(fixture->server, 200, NULL, "{\"id\":1}");
        for (guint other = 0; i == 0 && other < 3; other++)
            reply(fixture, "", NULL);
        g_autoptr(json_t) waiters = run_parents(fixture, NULL);
        assert_non_null(waiters);
        assert_redis("1", "SREM", done, "1"); /* as if killed before the mark */
    }
    assert_sql("SELECT count(*) FROM import_failures", "1");
}

static void a_repository_that_is_gone_is_a_failure(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *done = done_set(fixture);
    g_autoptr(GError) error = NULL;
    scripted_server_reply(fixture->server, 404, NULL, "{\"message\":\"Not Found\"}");
    scripted_server_reply(fixture->server, 404, NULL, "{\"message\":\"Not Found\"}");
    assert_null(run_parents(fixture, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND);
    assert_redis("0", "EXISTS", done);
    assert_sql("SELECT count(*), min(external_identifiers::text) FROM import_failures", "1|{}");
}

static void waiting_goes_on_across_parents(void **state)
{
    Fixture *fixture = *state;
    reply_by(fixture, "11", "first", NULL);
    reply_by(fixture, "21", "second", NULL);
    reply_by(fixture, "31", "known", NULL);
    reply_by(fixture, "91", "first", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    assert_waits_for(waiters, 5);
    assert_string_equal(events->str, "r2 p11 d1 p21 d2 p31 d3 p91 ");
}

static void parents_are_not_taken_for_ended(void **state)
{
    Fixture *fixture = *state;
    for (int i = 0; i < 4; i++)
        reply(fixture, "", NULL);
    json_decref(run_parents(fixture, NULL));
    g_autofree char *done = done_set(fixture);
    assert_key(fixture, "1", "DEL", "already-imported"); /* as 15 minutes do, under another group's name */
    assert_redis("1", "SREM", done, "9");
    reply(fixture, "91", NULL);
    g_autoptr(json_t) waiters = run_parents(fixture, NULL);
    assert_waits_for(waiters, 2);
}

static void begin_and_end_are_logged(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "parallel_scheduling_XXXXXX", NULL);
    g_autofree char *text = NULL;
    int fd = g_mkstemp(path);
    reply(fixture, "", NULL);
    log_configure(fd, LOG_INFO);
    assert_run_schedules(fixture, 0);
    log_configure(STDOUT_FILENO, LOG_FATAL);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    close(fd);
    unlink(path);
    const char *fields = "\"importer\":\"Gitlab::GithubImport::Importer::IssueAndLabelLinksImporter\","
                         "\"parallel\":true}";
    g_autofree char *begin = g_strconcat("\"message\":\"starting importer\",", fields, NULL);
    g_autofree char *end = g_strconcat("\"message\":\"importer finished\",", fields, NULL);
    assert_non_null(strstr(text, begin));
    assert_non_null(strstr(text, end));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_object_becomes_a_job_of_one_waiter),
        TEST(redis_holds_what_ruby_would_have_written),
        TEST(an_empty_collection_has_a_waiter_too),
        TEST(objects_without_id_or_representation_are_skipped),
        TEST(an_object_that_comes_twice_is_scheduled_once),
        TEST(a_stopping_process_keeps_its_page),
        TEST(a_page_is_not_passed_before_its_objects_are_scheduled),
        TEST(a_page_killed_after_its_push_is_pushed_again_as_the_same_jobs),
        TEST(rubys_half_done_page_is_completed),
        TEST(the_address_of_a_page_is_preferred_to_its_number),
        TEST(where_github_refuses_deep_pages_the_first_is_read_again),
        TEST(a_failure_is_recorded_as_the_importers),
        TEST(where_github_lists_no_more_the_run_ends_and_says_so_each_time),
        TEST(a_limited_collection_may_end_before_its_limit),
        TEST(a_rate_limit_is_no_failure),
        TEST(a_collection_that_has_ended_is_not_scheduled_again),
        TEST(a_repeated_run_renews_the_life_of_the_import),
        TEST(gitlabs_pace_goes_through_the_schedule),
        TEST(pages_wait_until_100_people_have_come_together),
        TEST(a_hundred_pages_do_not_wait_longer),
        TEST(large_pages_do_not_wait),
        TEST(an_object_that_waits_is_not_scheduled_twice),
        TEST(pages_that_waited_in_vain_are_read_again),
        TEST(objects_at_hand_are_scheduled_like_a_collection),
        TEST(parents_are_read_one_after_the_other),
        TEST(what_follows_a_parent_reports_to_the_same_waiter_once),
        TEST(objects_know_their_parent),
        TEST(parents_that_are_done_are_left_out),
        TEST(a_parent_is_resumed_at_its_page),
        TEST(a_parent_is_done_when_its_pages_are_scheduled),
        TEST(a_parent_may_have_one_object_instead_of_pages),
        TEST(a_parent_may_be_known_by_its_id_when_it_is_done),
        TEST(a_single_object_that_is_gone_is_recorded_and_done),
        TEST(a_parent_that_is_gone_is_recorded_and_done),
        TEST(a_parent_that_is_gone_is_recorded_once),
        TEST(a_repository_that_is_gone_is_a_failure),
        TEST(waiting_goes_on_across_parents),
        TEST(parents_are_not_taken_for_ended),
        TEST(begin_and_end_are_logged),
    };
    log_configure(STDOUT_FILENO, LOG_FATAL);
    return cmocka_run_group_tests_name("parallel_scheduling", tests, NULL, NULL);
}
