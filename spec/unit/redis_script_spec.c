#include "protocol/redis_script.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static PrivateRedis *server;

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    return 0;
}

static RedisScript concatenate = REDIS_SCRIPT("return {KEYS[1], KEYS[2], ARGV[1]}");

static void assert_runs(Redis *redis)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) reply =
        redis_script_run(&concatenate, redis, redis_command_new("first", "second", NULL),
                         redis_command_new("third", NULL), &error);
    assert_no_error(error);
    assert_int_equal(reply->elements, 3);
    assert_string_equal(reply->element[1]->str, "second");
    assert_string_equal(reply->element[2]->str, "third");
}

static void runs_also_where_redis_does_not_know_it(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_runs(redis);
    assert_runs(redis);
    g_autoptr(redisReply) forgotten = private_redis_command(server, "SCRIPT", "FLUSH", NULL);
    assert_runs(redis);
}

static void a_failing_script_is_an_error(G_GNUC_UNUSED void **state)
{
    static RedisScript failing = REDIS_SCRIPT("return redis.error_reply('BROKEN on purpose')");
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_null(redis_script_run(&failing, redis, redis_command_new(NULL, NULL), NULL, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    assert_non_null(strstr(error->message, "BROKEN"));
}

static void the_sha1_is_that_of_the_text(G_GNUC_UNUSED void **state)
{
    static RedisScript script = REDIS_SCRIPT("return 1");
    assert_string_equal(redis_script_sha1(&script), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_also_where_redis_does_not_know_it),
        cmocka_unit_test(a_failing_script_is_an_error),
        cmocka_unit_test(the_sha1_is_that_of_the_text),
    };
    return cmocka_run_group_tests_name("redis_script", tests, start_server, NULL);
}
