#include "protocol/redis_connect.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/free_port.h"
#include "spec/support/private_redis.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int master_port, sentinel_port;
static PrivateRedis *master;
static GPid sentinel;
static char *sentinel_file;

static void die_with_parent(G_GNUC_UNUSED gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Sentinels insist on a configuration file that they can write to. */
static void start_sentinel(void)
{
    g_autofree char *text =
        g_strdup_printf("port %d\nbind 127.0.0.1\nrequirepass ask\nsentinel monitor ferry 127.0.0.1 %d 1\n",
                        sentinel_port, master_port);
    sentinel_file = g_strdup_printf("%s/sentinel-%d.conf", g_get_tmp_dir(), sentinel_port);
    assert_true(g_file_set_contents(sentinel_file, text, -1, NULL));
    char *argv[] = {"redis-server", sentinel_file, "--sentinel", NULL};
    assert_true(g_spawn_async(NULL, argv, NULL,
                              G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                              die_with_parent, NULL, &sentinel, NULL));
}

static RedisSettings *settings_by_sentinel(const char *name, int port)
{
    RedisSettings *settings = redis_settings_new();
    g_free(settings->host);
    settings->host = g_strdup(name);
    settings->sentinel_password = g_strdup("ask");
    RedisSentinel *address = g_new(RedisSentinel, 1);
    *address = (RedisSentinel){.host = g_strdup("127.0.0.1"), .port = port};
    g_ptr_array_add(settings->sentinels, address);
    return settings;
}

static void await_sentinel(void)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("ferry", sentinel_port);
    for (int attempt = 0; attempt < 500; attempt++) {
        g_autofree char *host = NULL;
        int port;
        if (redis_find_master(settings, &host, &port, NULL))
            return;
        g_usleep(20000);
    }
    fail_msg("the sentinel does not answer");
}

static int start(G_GNUC_UNUSED void **state)
{
    master_port = free_port();
    g_autofree char *port = g_strdup_printf("%d", master_port);
    master = private_redis_start("--port", port, "--bind", "127.0.0.1", NULL);
    sentinel_port = free_port();
    start_sentinel();
    await_sentinel();
    return 0;
}

static int stop(G_GNUC_UNUSED void **state)
{
    kill(sentinel, SIGKILL);
    waitpid(sentinel, NULL, 0);
    g_unlink(sentinel_file);
    g_free(sentinel_file);
    return 0;
}

static void connects_by_host_and_port(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_autofree char *url = g_strdup_printf("redis://127.0.0.1:%d/2", master_port);
    assert_true(redis_settings_apply_url(settings, url, NULL));
    g_autoptr(GError) error = NULL;
    g_autoptr(redisContext) context = redis_connect(settings, &error);
    assert_no_error(error);
    g_autoptr(redisReply) info = redisCommand(context, "CLIENT INFO");
    assert_non_null(strstr(info->str, " db=2 "));
}

static void sentinels_name_the_master(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("ferry", sentinel_port);
    g_autofree char *host = NULL;
    int port;
    assert_true(redis_find_master(settings, &host, &port, NULL));
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(port, master_port);

    g_autoptr(GError) error = NULL;
    g_autoptr(redisContext) context = redis_connect(settings, &error);
    assert_no_error(error);
}

static void the_next_sentinel_is_asked_when_one_is_away(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("ferry", free_port());
    RedisSentinel *second = g_new(RedisSentinel, 1);
    *second = (RedisSentinel){.host = g_strdup("127.0.0.1"), .port = sentinel_port};
    g_ptr_array_add(settings->sentinels, second);
    g_autoptr(redisContext) context = redis_connect(settings, NULL);
    assert_non_null(context);
}

static void an_unknown_master_is_told(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("canoe", sentinel_port);
    g_autoptr(GError) error = NULL;
    assert_null(redis_connect(settings, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_non_null(strstr(error->message, "knows no master \"canoe\""));
}

static void a_sentinel_that_wants_a_password_is_told_from_one_that_knows_no_master(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("ferry", sentinel_port);
    g_clear_pointer(&settings->sentinel_password, g_free);
    g_autoptr(GError) error = NULL;
    assert_null(redis_connect(settings, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_non_null(strstr(error->message, "SENTINEL was answered with NOAUTH"));
}

static void unreachable_sentinels_are_named(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("ferry", 1);
    g_autoptr(GError) error = NULL;
    assert_null(redis_connect(settings, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_non_null(strstr(error->message, "127.0.0.1:1"));
    assert_null(strstr(error->message, "ask"));
}

static void a_master_that_was_demoted_is_not_used(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_by_sentinel("ferry", sentinel_port);
    g_autoptr(redisReply) demoted = private_redis_command(master, "REPLICAOF", "203.0.113.1", "1", NULL);
    g_autoptr(GError) error = NULL;
    assert_null(redis_connect(settings, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_non_null(strstr(error->message, "no master"));
    g_autoptr(redisReply) promoted = private_redis_command(master, "REPLICAOF", "NO", "ONE", NULL);
}

static void the_greeting_logs_in_and_selects(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_autoptr(GPtrArray) silent = redis_greeting(settings);
    assert_int_equal(silent->len, 0);

    settings->username = g_strdup("me");
    settings->password = g_strdup("secret");
    settings->db = 4;
    g_autoptr(GPtrArray) greeting = redis_greeting(settings);
    assert_int_equal(greeting->len, 2);
    assert_string_equal(redis_command_argv(greeting->pdata[0])[1], "me");
    assert_string_equal(redis_command_argv(greeting->pdata[0])[2], "secret");
    assert_string_equal(redis_command_argv(greeting->pdata[1])[1], "4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connects_by_host_and_port),
        cmocka_unit_test(sentinels_name_the_master),
        cmocka_unit_test(the_next_sentinel_is_asked_when_one_is_away),
        cmocka_unit_test(an_unknown_master_is_told),
        cmocka_unit_test(a_sentinel_that_wants_a_password_is_told_from_one_that_knows_no_master),
        cmocka_unit_test(unreachable_sentinels_are_named),
        cmocka_unit_test(a_master_that_was_demoted_is_not_used),
        cmocka_unit_test(the_greeting_logs_in_and_selects),
    };
    return cmocka_run_group_tests_name("redis_connect", tests, start, stop);
}
