#include "worker/heartbeat_thread.h"

#include "protocol/identity.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#include <signal.h>

static PrivateRedis *server;
static Manager *manager;
static WorkOptions work;
static Configuration configuration;
static volatile sig_atomic_t quieted;

static void on_tstp(G_GNUC_UNUSED int number)
{
    quieted = 1;
}

static void ignore_wake(G_GNUC_UNUSED gpointer user_data)
{
}

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    signal(SIGTSTP, on_tstp);
    server = private_redis_start(NULL, NULL);
    return 0;
}

static int prepare(G_GNUC_UNUSED void **state)
{
    const FetchQueue queue = {.name = "work", .weight = 2};
    private_redis_flush(server);
    quieted = 0;
    work = (WorkOptions){.concurrency = 3, .queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue))};
    g_array_append_val(work.queues, queue);
    configuration = (Configuration){0};
    configuration.redis[REDIS_QUEUES] = (RedisSettings *)private_redis_settings(server);
    manager = manager_new(3, ignore_wake, NULL);
    return 0;
}

static int clean_up(G_GNUC_UNUSED void **state)
{
    manager_free(manager);
    g_array_unref(work.queues);
    return 0;
}

static void count_one_failure(void)
{
    Outcome outcome = {.processed = TRUE, .failed = TRUE};
    manager_deliver(manager, "work", "{}", 2);
    manager_hand_over(manager);
    const Delivery *delivery = manager_next(manager, 0);
    manager_finish(manager, 0, &delivery, &outcome, 1);
}

static guint64 uncounted(void)
{
    guint64 processed, failed;
    manager_counts(manager, &processed, &failed);
    return processed + failed;
}

static HeartbeatThread *begin(void)
{
    g_autoptr(GError) error = NULL;
    HeartbeatThread *heartbeat = heartbeat_thread_new(&work, &configuration, manager);
    assert_true(heartbeat_thread_first(heartbeat, &error));
    assert_no_error(error);
    return heartbeat;
}

static void wait_for_text(const char *verb, const char *key, const char *field, const char *expected)
{
    for (;;) {
        g_autofree char *text = private_redis_text(server, verb, key, field, NULL);
        if (g_strcmp0(text, expected) == 0)
            return;
        g_usleep(5000);
    }
}

static void both_heartbeats_are_there_before_the_thread_starts(G_GNUC_UNUSED void **state)
{
    HeartbeatThread *heartbeat = begin();
    g_autofree char *fetcher = key_fetcher_heartbeat(process_identity());
    assert_int_equal(private_redis_integer(server, "EXISTS", fetcher, NULL), 1);
    assert_int_equal(private_redis_integer(server, "SISMEMBER", KEY_PROCESSES, process_identity(), NULL), 1);
    g_autofree char *info = private_redis_text(server, "HGET", process_identity(), "info", NULL);
    assert_non_null(strstr(info, "\"weights\":[{\"work\":2}]"));
    assert_non_null(strstr(info, "\"concurrency\":3"));
    assert_true(heartbeat_thread_stop(heartbeat));
}

static void the_process_leaves_at_the_end_with_its_counters(G_GNUC_UNUSED void **state)
{
    HeartbeatThread *heartbeat = begin();
    heartbeat_thread_start(heartbeat);
    count_one_failure();
    assert_true(heartbeat_thread_stop(heartbeat));
    assert_int_equal(private_redis_integer(server, "SCARD", KEY_PROCESSES, NULL), 0);
    assert_text(private_redis_text(server, "GET", "stat:processed", NULL), "1");
    assert_text(private_redis_text(server, "GET", "stat:failed", NULL), "1");
}

static void quiet_is_shown_at_once(G_GNUC_UNUSED void **state)
{
    HeartbeatThread *heartbeat = begin();
    heartbeat_thread_start(heartbeat);
    wait_for_text("HGET", process_identity(), "quiet", "false");
    heartbeat_thread_quiet(heartbeat);
    wait_for_text("HGET", process_identity(), "quiet", "true");
    assert_true(heartbeat_thread_stop(heartbeat));
}

static void counters_are_kept_until_they_have_reached_redis(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    HeartbeatThread *heartbeat = heartbeat_thread_new(&work, &configuration, manager);
    count_one_failure();
    private_redis_kill(server);
    assert_false(heartbeat_thread_first(heartbeat, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_int_equal(uncounted(), 2);

    private_redis_restart(server);
    g_autoptr(GError) unexpected = NULL;
    assert_true(heartbeat_thread_first(heartbeat, &unexpected));
    assert_int_equal(uncounted(), 0);
    assert_text(private_redis_text(server, "GET", "stat:processed", NULL), "1");
    assert_true(heartbeat_thread_stop(heartbeat));
}

static void a_signal_of_the_web_ui_is_raised(G_GNUC_UNUSED void **state)
{
    g_autofree char *signals = key_signals(process_identity());
    redis_reply_free(private_redis_command(server, "LPUSH", signals, "TSTP", NULL));
    HeartbeatThread *heartbeat = begin();
    assert_int_equal(quieted, 1);
    assert_true(heartbeat_thread_stop(heartbeat));
}

#define HEARTBEAT_TEST(function) cmocka_unit_test_setup_teardown(function, prepare, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEARTBEAT_TEST(both_heartbeats_are_there_before_the_thread_starts),
        HEARTBEAT_TEST(the_process_leaves_at_the_end_with_its_counters),
        HEARTBEAT_TEST(quiet_is_shown_at_once),
        HEARTBEAT_TEST(counters_are_kept_until_they_have_reached_redis),
        HEARTBEAT_TEST(a_signal_of_the_web_ui_is_raised),
    };
    return cmocka_run_group_tests(tests, start_server, NULL);
}
