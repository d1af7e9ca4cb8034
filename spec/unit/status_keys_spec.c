#include "worker/status_keys.h"

#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static PrivateRedis *server;
static struct ev_loop *loop;
static StatusKeys *status;
static GString *settled; /* the jobs, in order */

static void settle(Settlement *settlement, gpointer user_data)
{
    assert_ptr_equal(user_data, &settled);
    gsize length;
    const char *raw = settlement_raw(settlement, &length);
    g_string_append_len(settled, raw, (gssize)length);
    settlement_free(settlement);
}

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    server = private_redis_start("--appendonly", "yes", NULL);
    return 0;
}

static int open_status(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    settled = g_string_new(NULL);
    loop = ev_loop_new(EVFLAG_AUTO);
    const StatusKeysOptions options = {
        .loop = loop,
        .redis = private_redis_settings(server),
        .identity = "host:1:abc",
        .settle = settle,
        .user_data = &settled,
    };
    status = status_keys_new(&options);
    return 0;
}

static int close_status(G_GNUC_UNUSED void **state)
{
    status_keys_free(status);
    ev_loop_destroy(loop);
    g_string_free(settled, TRUE);
    return 0;
}

static void set_key(const char *key)
{
    redis_reply_free(private_redis_command(server, "SET", key, "1", NULL));
}

static gint64 exists(const char *key)
{
    return private_redis_integer(server, "EXISTS", key, NULL);
}

static void add(const char *key, const char *raw)
{
    status_keys_add(status, g_strdup(key), settlement_acknowledge("work", raw, strlen(raw)));
}

static void run_until_settled(void)
{
    while (status_keys_pending(status) > 0)
        ev_run(loop, EVRUN_ONCE);
}

static void keys_are_deleted_before_their_jobs_are_settled(G_GNUC_UNUSED void **state)
{
    set_key("a");
    set_key("b");
    set_key("other");
    add("a", "1");
    add("b", "2");
    assert_int_equal(status_keys_pending(status), 2);
    status_keys_flush(status);
    assert_string_equal(settled->str, "");
    run_until_settled();
    assert_string_equal(settled->str, "12");
    assert_int_equal(exists("a") + exists("b"), 0);
    assert_int_equal(exists("other"), 1);
}

static void nothing_is_sent_before_the_flush(G_GNUC_UNUSED void **state)
{
    set_key("a");
    add("a", "1");
    status_keys_flush(status);
    run_until_settled();
    set_key("b");
    add("b", "2");
    ev_run(loop, EVRUN_NOWAIT);
    assert_int_equal(exists("b"), 1);
    status_keys_flush(status);
    run_until_settled();
    assert_string_equal(settled->str, "12");
}

static void jobs_wait_while_redis_is_away(G_GNUC_UNUSED void **state)
{
    set_key("a");
    add("a", "1");
    status_keys_flush(status);
    run_until_settled();
    private_redis_kill(server);
    add("b", "2");
    status_keys_flush(status);
    ev_run(loop, EVRUN_ONCE);
    add("c", "3");
    status_keys_flush(status);
    assert_string_equal(settled->str, "1");
    private_redis_restart(server);
    run_until_settled();
    assert_string_equal(settled->str, "123");
}

static void at_the_end_jobs_are_settled_without(G_GNUC_UNUSED void **state)
{
    add("a", "1");
    status_keys_flush(status);
    add("b", "2");
    status_keys_give_up(status);
    assert_string_equal(settled->str, "12");
    assert_int_equal(status_keys_pending(status), 0);
}

#define STATUS_TEST(function) cmocka_unit_test_setup_teardown(function, open_status, close_status)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STATUS_TEST(keys_are_deleted_before_their_jobs_are_settled),
        STATUS_TEST(nothing_is_sent_before_the_flush),
        STATUS_TEST(jobs_wait_while_redis_is_away),
        STATUS_TEST(at_the_end_jobs_are_settled_without),
    };
    return cmocka_run_group_tests(tests, start_server, NULL);
}
