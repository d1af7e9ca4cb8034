#include "worker/poller_thread.h"

#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#define JOB         "{\"class\":\"Known\",\"args\":[],\"jid\":\"j\",\"queue\":\"work\"}"
#define DEAD_LIST   "working:queue:work:gone:1:0a1b2c3d4e5f"
#define DEAD_MEMBER "gone:1:0a1b2c3d4e5f"

static PrivateRedis *server;
static WorkerRegistry *registry;
static Configuration configuration;

static gboolean perform_nothing(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                                G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static const WorkerClass CLASSES[] = {{.name = "Known", .retry = 25, .perform = perform_nothing},
                                      {.name = NULL}};

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    server = private_redis_start(NULL, NULL);
    const WorkerClass *const tables[] = {CLASSES};
    registry = worker_registry_new(tables, 1);
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        configuration.redis[store] = (RedisSettings *)private_redis_settings(server);
    return 0;
}

static int stop_server(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    return 0;
}

static int flush(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    return 0;
}

static void run(const char *verb, const char *key, const char *a, const char *b)
{
    redis_reply_free(private_redis_command(server, verb, key, a, b, NULL));
}

static void wait_for(gint64 expected, const char *verb, const char *key, const char *member)
{
    while (private_redis_integer(server, verb, key, member, NULL) != expected)
        g_usleep(5000);
}

static const WorkOptions OPTIONS = {
    .poll = TRUE,
    .average_scheduled_poll_interval = 0.01,
    .cleanup_interval = 3600,
    .lease_interval = 3600,
};

static void due_jobs_are_enqueued(G_GNUC_UNUSED void **state)
{
    run("ZADD", "schedule", "1", JOB);
    PollerThread *poller = poller_thread_start(&OPTIONS, &configuration, registry);
    wait_for(1, "LLEN", "queue:work", NULL);
    run("ZADD", "retry", "1", JOB);
    wait_for(2, "LLEN", "queue:work", NULL);
    assert_true(poller_thread_stop(poller));
}

static void jobs_of_dead_processes_are_recovered_at_the_start(G_GNUC_UNUSED void **state)
{
    WorkOptions no_poll = OPTIONS;
    no_poll.poll = FALSE;
    run("LPUSH", DEAD_LIST, JOB, NULL);
    run("ZADD", "schedule", "1", JOB);
    PollerThread *poller = poller_thread_start(&no_poll, &configuration, registry);
    wait_for(0, "EXISTS", DEAD_LIST, NULL);
    assert_true(poller_thread_stop(poller));
    g_autofree char *job = private_redis_text(server, "LINDEX", "queue:work", "0", NULL);
    assert_non_null(strstr(job, "\"interrupted_count\":1"));
    assert_int_equal(private_redis_integer(server, "ZCARD", "schedule", NULL), 1);
}

static void only_who_has_the_lease_recovers(G_GNUC_UNUSED void **state)
{
    run("SET", "reliable-fetcher-cleanup-lock", "1", NULL);
    run("LPUSH", DEAD_LIST, JOB, NULL);
    run("ZADD", "schedule", "1", JOB);
    PollerThread *poller = poller_thread_start(&OPTIONS, &configuration, registry);
    wait_for(1, "LLEN", "queue:work", NULL);
    assert_int_equal(private_redis_integer(server, "LLEN", DEAD_LIST, NULL), 1);
    assert_true(poller_thread_stop(poller));
}

static void dead_processes_are_taken_off_the_list(G_GNUC_UNUSED void **state)
{
    run("SADD", "processes", DEAD_MEMBER, NULL);
    PollerThread *poller = poller_thread_start(&OPTIONS, &configuration, registry);
    wait_for(0, "SISMEMBER", "processes", DEAD_MEMBER);
    assert_true(poller_thread_stop(poller));
}

static void it_goes_on_after_an_outage(G_GNUC_UNUSED void **state)
{
    PollerThread *poller = poller_thread_start(&OPTIONS, &configuration, registry);
    private_redis_kill(server);
    g_usleep(50000);
    private_redis_restart(server);
    run("ZADD", "schedule", "1", JOB);
    wait_for(1, "LLEN", "queue:work", NULL);
    poller_thread_quiet(poller);
    assert_true(poller_thread_stop(poller));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(due_jobs_are_enqueued, flush),
        cmocka_unit_test_setup(jobs_of_dead_processes_are_recovered_at_the_start, flush),
        cmocka_unit_test_setup(only_who_has_the_lease_recovers, flush),
        cmocka_unit_test_setup(dead_processes_are_taken_off_the_list, flush),
        cmocka_unit_test_setup(it_goes_on_after_an_outage, flush),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
