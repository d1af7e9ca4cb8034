#include "protocol/heartbeat.h"
#include "protocol/job.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#include <unistd.h>

#define IDENTITY "web-1:4711:0a1b2c3d4e5f"

static PrivateRedis *server;

static const char *const QUEUES[] = {"github_importer", "default", NULL};
static const guint WEIGHTS[] = {3, 1};
static const char *const LABELS[] = {"reliable", NULL};
static const ProcessInfo INFO = {
    .identity = IDENTITY,
    .hostname = "web-1",
    .tag = "hubferry",
    .version = "hubferry 0.1.0",
    .started_at = 1732199999.0,
    .concurrency = 50,
    .queues = QUEUES,
    .weights = WEIGHTS,
    .labels = LABELS,
};

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    return 0;
}

static int prepare(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    return 0;
}

static RunningJob *running_job(const char *tid, const char *raw)
{
    RunningJob *job = g_new(RunningJob, 1);
    *job = (RunningJob){g_strdup(tid), g_strdup("github_importer"), g_strdup(raw), 1732200000};
    return job;
}

static GPtrArray *running_jobs(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)running_job_free);
}

/* One beat that must succeed; the signal's name (transfer full). */
static char *beat(const GPtrArray *running, gboolean quiet, guint64 processed, guint64 failed)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    const ProcessState state = {quiet, running, processed, failed};
    gboolean flushed = FALSE;
    char *signal = NULL;
    gboolean beaten = heartbeat_beat(redis, &INFO, &state, &flushed, &signal, &error);
    assert_no_error(error);
    assert_true(beaten && flushed);
    return signal;
}

static void assert_field(const char *field, const char *expected)
{
    assert_text(private_redis_text(server, "HGET", IDENTITY, field, NULL), expected);
}

static void the_process_is_shown(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) running = running_jobs();
    g_ptr_array_add(running, running_job("a1", "{}"));
    assert_text(beat(running, FALSE, 0, 0), NULL);

    assert_int_equal(private_redis_integer(server, "SISMEMBER", "processes", IDENTITY, NULL), 1);
    g_autofree char *info = private_redis_text(server, "HGET", IDENTITY, "info", NULL);
    g_autofree char *expected = g_strdup_printf(
        "{\"hostname\":\"web-1\",\"started_at\":1732199999.0,\"pid\":%d,\"tag\":\"hubferry\",\"concurrency\":"
        "50,"
        "\"queues\":[\"github_importer\",\"default\"],\"weights\":[{\"github_importer\":3,\"default\":1}],"
        "\"labels\":[\"reliable\"],\"identity\":\"" IDENTITY
        "\",\"version\":\"hubferry 0.1.0\",\"embedded\":false,"
        "\"capsules\":{\"default\":{\"concurrency\":50,\"mode\":\"weighted\","
        "\"weights\":{\"github_importer\":3,\"default\":1}}}}",
        (int)getpid());
    assert_string_equal(info, expected);
    assert_field("busy", "1");
    assert_field("quiet", "false");
    assert_field("concurrency", "50");
    g_autofree char *rss = private_redis_text(server, "HGET", IDENTITY, "rss", NULL);
    assert_true(g_ascii_strtoll(rss, NULL, 10) > 0);
    g_autofree char *beat_at = private_redis_text(server, "HGET", IDENTITY, "beat", NULL);
    assert_non_null(strchr(beat_at, '.'));
    assert_true(ABS(g_ascii_strtod(beat_at, NULL) - job_now()) < 60);
    assert_int_equal(private_redis_integer(server, "HEXISTS", IDENTITY, "rtt_us", NULL), 1);
    gint64 ttl = private_redis_integer(server, "TTL", IDENTITY, NULL);
    assert_true(ttl > 50 && ttl <= 60);
}

static void quiet_is_shown(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) idle = running_jobs();
    assert_text(beat(idle, TRUE, 0, 0), NULL);
    assert_field("quiet", "true");
}

static void running_jobs_are_shown_to_every_sidekiq(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) running = running_jobs(), idle = running_jobs();
    g_ptr_array_add(running, running_job("a1", "{\"class\":\"W\",\"args\":[\"\xc3\xa9\"]}"));
    g_ptr_array_add(running, running_job("a2", "broken \xff"));
    assert_text(beat(running, FALSE, 0, 0), NULL);
    for (const char *const *key = (const char *const[]){IDENTITY ":work", IDENTITY ":workers", NULL}; *key;
         key++) {
        assert_text(private_redis_text(server, "HGET", *key, "a1", NULL),
                    "{\"queue\":\"github_importer\",\"payload\":\"{\\\"class\\\":\\\"W\\\",\\\"args\\\":"
                    "[\\\"\xc3\xa9\\\"]}\",\"run_at\":1732200000}");
        assert_int_equal(private_redis_integer(server, "HLEN", *key, NULL), 2);
        assert_true(private_redis_integer(server, "TTL", *key, NULL) > 50);
    }
    assert_text(beat(idle, FALSE, 0, 0), NULL);
    assert_int_equal(private_redis_integer(server, "EXISTS", IDENTITY ":work", IDENTITY ":workers", NULL), 0);
}

static void counters_are_added(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) idle = running_jobs();
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *day = g_date_time_format(now, "stat:processed:%Y-%m-%d");
    assert_text(beat(idle, FALSE, 0, 0), NULL);
    assert_int_equal(private_redis_integer(server, "EXISTS", "stat:processed", "stat:failed", NULL), 0);
    assert_text(beat(idle, FALSE, 7, 0), NULL);
    assert_text(beat(idle, FALSE, 5, 2), NULL);
    assert_text(private_redis_text(server, "GET", "stat:processed", NULL), "12");
    assert_text(private_redis_text(server, "GET", "stat:failed", NULL), "2");
    assert_text(private_redis_text(server, "GET", day, NULL), "12");
    gint64 ttl = private_redis_integer(server, "TTL", day, NULL);
    assert_true(ttl > 157679900 && ttl <= 157680000);
}

static void signals_arrive_one_a_beat(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) idle = running_jobs();
    private_redis_integer(server, "LPUSH", IDENTITY "-signals", "TSTP", "TERM", NULL);
    assert_text(beat(idle, FALSE, 0, 0), "TSTP");
    assert_text(beat(idle, FALSE, 0, 0), "TERM");
    assert_text(beat(idle, FALSE, 0, 0), NULL);
}

/* Written, but a later step of the beat fails: the counters must not be sent again. */
static void flushed_counters_are_told_when_the_beat_fails(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) idle = running_jobs();
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) wrong = private_redis_command(server, "SET", "processes", "not a set", NULL);
    const ProcessState counted = {FALSE, idle, 7, 0};
    gboolean flushed = FALSE;
    char *signal = NULL;
    assert_false(heartbeat_beat(redis, &INFO, &counted, &flushed, &signal, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    assert_true(flushed);
    assert_null(signal);
}

static void the_last_act(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) running = running_jobs();
    g_ptr_array_add(running, running_job("a1", "{}"));
    assert_text(beat(running, FALSE, 0, 0), NULL);
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_true(heartbeat_clear(redis, &INFO, 3, 1, &error));
    assert_int_equal(
        private_redis_integer(server, "EXISTS", "processes", IDENTITY ":work", IDENTITY ":workers", NULL), 0);
    assert_text(private_redis_text(server, "GET", "stat:processed", NULL), "3");
}

static void the_fetcher_has_its_own_key(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_true(heartbeat_fetcher(redis, IDENTITY, NULL));
    assert_text(private_redis_text(server, "GET", "reliable-fetcher-heartbeat-web-1-4711-0a1b2c3d4e5f", NULL),
                "1");
    assert_true(private_redis_integer(server, "TTL", "reliable-fetcher-heartbeat-web-1-4711-0a1b2c3d4e5f",
                                      NULL) > 50);
}

static void dead_processes_are_removed_once_a_minute(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) idle = running_jobs();
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_text(beat(idle, FALSE, 0, 0), NULL);
    private_redis_integer(server, "SADD", "processes", "gone:1:a", "gone:2:b", NULL);
    assert_true(heartbeat_cleanup_processes(redis, NULL));
    assert_int_equal(private_redis_integer(server, "SCARD", "processes", NULL), 1);
    assert_int_equal(private_redis_integer(server, "SISMEMBER", "processes", IDENTITY, NULL), 1);

    private_redis_integer(server, "SADD", "processes", "gone:3:c", NULL);
    assert_true(heartbeat_cleanup_processes(redis, NULL));
    assert_int_equal(private_redis_integer(server, "SCARD", "processes", NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_process_is_shown, prepare),
        cmocka_unit_test_setup(quiet_is_shown, prepare),
        cmocka_unit_test_setup(running_jobs_are_shown_to_every_sidekiq, prepare),
        cmocka_unit_test_setup(counters_are_added, prepare),
        cmocka_unit_test_setup(signals_arrive_one_a_beat, prepare),
        cmocka_unit_test_setup(flushed_counters_are_told_when_the_beat_fails, prepare),
        cmocka_unit_test_setup(the_last_act, prepare),
        cmocka_unit_test_setup(the_fetcher_has_its_own_key, prepare),
        cmocka_unit_test_setup(dead_processes_are_removed_once_a_minute, prepare),
    };
    return cmocka_run_group_tests_name("heartbeat", tests, start_server, NULL);
}
