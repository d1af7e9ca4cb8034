#include "worker/startup.h"

#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static void assert_refused(const char *info)
{
    g_autoptr(GError) error = NULL;
    assert_false(startup_check_redis_info(info, &error));
    assert_error(error, STARTUP_ERROR, STARTUP_ERROR_REDIS);
    assert_non_null(strstr(error->message, "6.2"));
    assert_false(startup_may_retry(error));
}

static void assert_accepted(const char *info)
{
    g_autoptr(GError) error = NULL;
    assert_true(startup_check_redis_info(info, &error));
    assert_no_error(error);
}

static void refuses_an_old_redis(G_GNUC_UNUSED void **state)
{
    assert_refused("# Server\r\nredis_version:6.0.16\r\n");
    assert_refused("# Server\r\nredis_version:5.0.3\r\nredis_git_sha1:0\r\n");
}

static void accepts_newer_ones_and_those_that_do_not_tell(G_GNUC_UNUSED void **state)
{
    assert_accepted("# Server\r\nredis_version:6.2.0\r\n");
    assert_accepted("# Server\r\nredis_version:7.0.15\r\n");
    assert_accepted("# Server\r\nredis_version:10.1.0\r\n");
    assert_accepted("# Server\r\n");
    assert_accepted("redis_version:proxy\r\n");
}

static void asks_a_real_redis(G_GNUC_UNUSED void **state)
{
    PrivateRedis *server = private_redis_start(NULL, NULL);
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_true(startup_check_redis(redis, &error));
    assert_no_error(error);
}

static void a_redis_without_info_is_taken_as_new_enough(G_GNUC_UNUSED void **state)
{
    PrivateRedis *server = private_redis_start("--rename-command", "INFO", "", NULL);
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_true(startup_check_redis(redis, &error));
    assert_no_error(error);
}

static void a_redis_that_is_away_is_worth_waiting_for(G_GNUC_UNUSED void **state)
{
    PrivateRedis *server = private_redis_start(NULL, NULL);
    g_autoptr(Redis) redis = private_redis_connect(server);
    private_redis_kill(server);
    g_autoptr(GError) error = NULL;
    assert_false(startup_check_redis(redis, &error));
    assert_true(startup_may_retry(error));
}

static void without_a_database_there_is_nothing_to_check(G_GNUC_UNUSED void **state)
{
    const Configuration configuration = {0};
    Schema *schema = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(startup_check_database(&configuration, &schema, &error));
    assert_null(schema);
}

static void a_database_that_is_away_is_worth_waiting_for(G_GNUC_UNUSED void **state)
{
    char *keywords[] = {(char *)"host", NULL}, *values[] = {(char *)"/nowhere", NULL};
    const Configuration configuration = {.database_keywords = keywords, .database_values = values};
    Schema *schema = NULL;
    g_autoptr(GError) error = NULL;
    assert_false(startup_check_database(&configuration, &schema, &error));
    assert_true(startup_may_retry(error));
}

static int silence(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_an_old_redis),
        cmocka_unit_test(accepts_newer_ones_and_those_that_do_not_tell),
        cmocka_unit_test(asks_a_real_redis),
        cmocka_unit_test(a_redis_without_info_is_taken_as_new_enough),
        cmocka_unit_test(a_redis_that_is_away_is_worth_waiting_for),
        cmocka_unit_test(without_a_database_there_is_nothing_to_check),
        cmocka_unit_test(a_database_that_is_away_is_worth_waiting_for),
    };
    return cmocka_run_group_tests(tests, silence, NULL);
}
