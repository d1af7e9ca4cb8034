#include "importers/gitlab/session.h"

#include "protocol/log.h"
#include "spec/support/private_gitlab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const WorkerClass CLASSES[] = {
    {.name = "Gitlab::GithubImport::Stage::ImportBaseDataWorker",
     .queue_namespace = "github_importer",
     .retry = 6},
    {.name = "Gitlab::GithubImport::ImportIssueWorker", .queue_namespace = "github_importer", .retry = 5},
    {0},
};

#define ISSUE_WORKER CLASSES[1].name

static WorkerRegistry *registry;
static Job *parent;

static int set_up(void **state)
{
    static const WorkerClass *const tables[] = {CLASSES};
    const char payload[] =
        "{\"class\":\"Gitlab::GithubImport::Stage::ImportBaseDataWorker\",\"args\":[1],\"jid\":\"own\","
        "\"correlation_id\":\"c0ffee\"}";
    private_gitlab_reset();
    registry = worker_registry_new(tables, 1);
    parent = job_parse(payload, strlen(payload), "github", NULL);
    Session *session = session_new(private_gitlab_configuration(), registry, NULL, NULL);
    session->job = parent;
    session->worker = &CLASSES[0];
    *state = session;
    return 0;
}

static int tear_down(void **state)
{
    session_free(*state);
    job_free(parent);
    worker_registry_free(registry);
    return 0;
}

static void connections_are_made_once(void **state)
{
    Session *session = *state;
    assert_ptr_equal(session_database(session), session_database(session));
    assert_ptr_equal(session_curl(session), session_curl(session));
    assert_ptr_equal(session_redis(session, REDIS_CACHE), session_redis(session, REDIS_CACHE));
}

static void equal_stores_share_a_connection(G_GNUC_UNUSED void **state)
{
    Configuration configuration = *private_gitlab_configuration();
    g_autoptr(RedisSettings) elsewhere = redis_settings_new();
    assert_true(redis_settings_apply_url(elsewhere, "redis://elsewhere:1234/0", NULL));
    configuration.redis[REDIS_CACHE] = elsewhere;
    g_autoptr(Session) session = session_new(&configuration, registry, NULL, NULL);
    assert_ptr_equal(session_redis(session, REDIS_QUEUES), session_redis(session, REDIS_SHARED_STATE));
    assert_ptr_not_equal(session_redis(session, REDIS_QUEUES), session_redis(session, REDIS_CACHE));
}

static json_t *only_job(const char *queue)
{
    g_autofree char *key = g_strconcat("queue:", queue, NULL);
    assert_redis("1", "LLEN", key);
    g_autofree char *payload = private_gitlab_redis("LINDEX", key, "0", NULL);
    return json_loads(payload, 0, NULL);
}

static void a_push_goes_where_the_executing_job_came_from(void **state)
{
    assert_true(session_push(*state, ISSUE_WORKER, json_pack("[i]", 7), NULL));
    g_autoptr(json_t) job = only_job("github");
    assert_string_equal(json_string_value(json_object_get(job, "class")), ISSUE_WORKER);
    assert_string_equal(json_string_value(json_object_get(job, "correlation_id")), "c0ffee");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(job, "args"), 0)), 7);
}

static void a_push_once_is_done_once_per_job(void **state)
{
    for (guint i = 0; i < 3; i++)
        assert_true(session_push_once(*state, ISSUE_WORKER, json_pack("[i]", 7), TRUE, NULL));
    g_autoptr(json_t) job = only_job("github");
    g_autofree char *key =
        g_strconcat("gitlab-sidekiq-status:", json_string_value(json_object_get(job, "jid")), NULL);
    assert_redis("1", "EXISTS", key);
}

static void a_push_in_the_future_is_scheduled(void **state)
{
    assert_true(session_push_in(*state, ISSUE_WORKER, 300, json_pack("[i]", 7), FALSE, NULL));
    assert_redis("1", "ZCARD", "schedule");
    g_autofree char *now = g_strdup_printf("%f", job_now());
    g_autofree char *limit = g_strdup_printf("%f", job_now() + 300);
    assert_redis("1", "ZCOUNT", "schedule", now, limit);
}

static void an_unknown_class_is_left_to_ruby(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_false(session_push(*state, "NoSuchWorker", json_array(), &error));
    assert_true(g_error_matches(error, JOB_ERROR, JOB_ERROR_HAND_OVER));
}

static void stopping_interrupts(void **state)
{
    Session *session = *state;
    gint stopping = 0;
    g_autoptr(GError) error = NULL;
    assert_true(session_check_stopping(session, &error));
    session->stopping = &stopping;
    assert_true(session_check_stopping(session, &error));
    g_atomic_int_set(&stopping, 1);
    assert_false(session_check_stopping(session, &error));
    assert_true(g_error_matches(error, JOB_ERROR, JOB_ERROR_INTERRUPTED));
    session->stopping = NULL;
}

/* What a line says that is written now. */
static json_t *logged(void)
{
    int ends[2];
    char text[1024];
    assert_int_equal(pipe(ends), 0);
    log_configure(ends[1], LOG_INFO);
    log_info("hello", NULL);
    ssize_t length = read(ends[0], text, sizeof text);
    log_configure(-1, LOG_INFO);
    close(ends[0]);
    close(ends[1]);
    assert_true(length > 0);
    return json_loadb(text, (size_t)length, 0, NULL);
}

static void assert_field(const json_t *line, const char *field, const char *expected)
{
    g_autofree char *text = json_dumps(json_object_get(line, field), JSON_ENCODE_ANY);
    assert_string_equal(text, expected);
}

static void the_log_tells_which_job_is_executing(void **state)
{
    Session *session = *state;
    session_begin_job(session, parent);
    assert_ptr_equal(session->job, parent);
    g_autoptr(json_t) line = logged();
    assert_field(line, "jid", "\"own\"");
    assert_field(line, "correlation_id", "\"c0ffee\"");
    assert_field(line, "class", "\"Gitlab::GithubImport::Stage::ImportBaseDataWorker\"");
    assert_field(line, "queue", "\"github\"");
    assert_field(line, "project_id", "1");

    session_end_job(session);
    assert_null(session->job);
    assert_null(session->worker);
    g_autoptr(json_t) after = logged();
    assert_null(json_object_get(after, "jid"));
}

static void the_log_of_a_batch_tells_what_its_jobs_share(void **state)
{
    Session *session = *state;
    session_begin_job(session, parent);
    session_begin_batch(session, parent);
    assert_null(session->job);
    g_autoptr(json_t) line = logged();
    assert_null(json_object_get(line, "jid"));
    assert_null(json_object_get(line, "correlation_id"));
    assert_field(line, "class", "\"Gitlab::GithubImport::Stage::ImportBaseDataWorker\"");
    assert_field(line, "queue", "\"github\"");
    assert_field(line, "project_id", "1");
    session_end_job(session);
}

static void a_configuration_is_freed_with_all_it_owns(G_GNUC_UNUSED void **state)
{
    g_autoptr(Configuration) configuration = g_new0(Configuration, 1);
    configuration->redis[REDIS_QUEUES] = redis_settings_new();
    configuration->redis[REDIS_CACHE] = configuration->redis[REDIS_QUEUES];
    configuration->redis[REDIS_SHARED_STATE] = redis_settings_new();
    configuration->database_keywords = g_strsplit("host password", " ", -1);
    configuration->database_values = g_strsplit("h p", " ", -1);
    configuration->db_key_base = g_strsplit("a b", " ", -1);
    configuration->git_push_token = g_strdup("token");
    configuration->storages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(configuration->storages, g_strdup("default"), g_strdup("/repositories"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connections_are_made_once),
        TEST(equal_stores_share_a_connection),
        TEST(a_push_goes_where_the_executing_job_came_from),
        TEST(a_push_once_is_done_once_per_job),
        TEST(a_push_in_the_future_is_scheduled),
        TEST(an_unknown_class_is_left_to_ruby),
        TEST(stopping_interrupts),
        TEST(the_log_tells_which_job_is_executing),
        TEST(the_log_of_a_batch_tells_what_its_jobs_share),
        cmocka_unit_test(a_configuration_is_freed_with_all_it_owns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
