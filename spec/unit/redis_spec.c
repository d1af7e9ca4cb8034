#include "protocol/redis.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static PrivateRedis *server;

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    return 0;
}

static void bytes_come_back_as_they_were(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    RedisCommand *set = redis_command_new("SET", "key", NULL);
    redis_command_add_bytes(set, "a\0b\r\n", 5);
    g_autoptr(redisReply) stored = redis_run(redis, set, &error);
    assert_no_error(error);
    g_autoptr(redisReply) reply = redis_call(redis, &error, "GET", "key", NULL);
    assert_int_equal(reply->len, 5);
    assert_memory_equal(reply->str, "a\0b\r\n", 5);
}

static void an_error_reply_is_an_error_and_the_connection_stays(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_null(redis_call(redis, &error, "LPUSH", "key", NULL));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    g_autoptr(redisReply) reply = redis_call(redis, NULL, "PING", NULL);
    assert_string_equal(reply->str, "PONG");
}

static GPtrArray *three_commands(const char *second_verb)
{
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, redis_command_new("SET", "counter", "1", NULL));
    g_ptr_array_add(commands, redis_command_new(second_verb, "counter", NULL));
    g_ptr_array_add(commands, redis_command_new("GET", "counter", NULL));
    return commands;
}

static void a_pipeline_answers_in_order(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, three_commands("INCR"), &error);
    assert_no_error(error);
    assert_int_equal(replies->len, 3);
    assert_string_equal(((redisReply *)replies->pdata[2])->str, "2");
}

static void an_error_in_a_pipeline_leaves_the_connection_in_step(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_null(redis_pipeline(redis, three_commands("LPOP"), &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    g_autoptr(redisReply) reply = redis_call(redis, NULL, "PING", NULL);
    assert_string_equal(reply->str, "PONG");
}

static void multi_gives_the_replies_of_the_commands(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) replies = redis_multi(redis, three_commands("INCR"), &error);
    assert_no_error(error);
    assert_int_equal(replies->len, 3);
    assert_int_equal(((redisReply *)replies->pdata[1])->integer, 2);

    assert_null(redis_multi(redis, three_commands("LPOP"), &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
}

static void a_connection_closed_while_idle_is_replaced(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(redisReply) id = redis_call(redis, NULL, "CLIENT", "ID", NULL);
    g_autofree char *id_text = g_strdup_printf("%lld", id->integer);
    g_autoptr(redisReply) killed = private_redis_command(server, "CLIENT", "KILL", "ID", id_text, NULL);

    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) new_id = redis_call(redis, &error, "CLIENT", "ID", NULL);
    assert_no_error(error);
    assert_int_not_equal(new_id->integer, id->integer);
}

/* The server closes the connection when it has answered the first of the two. */
static GPtrArray *own_end_and_ping(Redis *redis)
{
    g_autoptr(redisReply) id = redis_call(redis, NULL, "CLIENT", "ID", NULL);
    RedisCommand *kill = redis_command_new("CLIENT", "KILL", "SKIPME", "no", "ID", NULL);
    redis_command_add_int(kill, id->integer);
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, kill);
    g_ptr_array_add(commands, redis_command_new("PING", NULL));
    return commands;
}

static void a_connection_lost_during_a_call_is_told_and_made_anew(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_null(redis_pipeline(redis, own_end_and_ping(redis), &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_DISCONNECTED);
    g_autoptr(redisReply) reply = redis_call(redis, NULL, "PING", NULL);
    assert_non_null(reply);
}

static void a_missing_server_is_a_connect_error(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    settings->path = g_strdup("/nonexistent/redis.sock");
    g_autoptr(Redis) redis = redis_new(settings);
    g_autoptr(GError) error = NULL;
    assert_null(redis_call(redis, &error, "PING", NULL));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
}

static void a_silent_server_is_given_up(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    settings->path = g_strdup(private_redis_socket(server));
    settings->read_timeout_ms = 50;
    g_autoptr(Redis) redis = redis_new(settings);
    g_autoptr(GError) error = NULL;
    assert_null(redis_call(redis, &error, "BLPOP", "never", "0", NULL));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_DISCONNECTED);
    assert_non_null(strstr(error->message, "no answer within 50 ms"));
}

static void a_demoted_server_is_tried_once_more_on_a_new_connection(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(redisReply) demoted = private_redis_command(server, "REPLICAOF", "203.0.113.1", "1", NULL);
    g_autoptr(redisReply) before = redis_call(redis, NULL, "CLIENT", "ID", NULL);
    g_autoptr(GError) error = NULL;
    assert_null(redis_call(redis, &error, "SET", "key", "1", NULL));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    g_autoptr(redisReply) after = redis_call(redis, NULL, "CLIENT", "ID", NULL);
    assert_int_not_equal(before->integer, after->integer);
    g_autoptr(redisReply) promoted = private_redis_command(server, "REPLICAOF", "NO", "ONE", NULL);
}

static void logs_in_and_selects_the_database(G_GNUC_UNUSED void **state)
{
    PrivateRedis *guarded =
        private_redis_start("--user", "ferry", "on", ">s3cret", "~*", "&*", "+@all", NULL);
    g_autoptr(RedisSettings) settings = redis_settings_new();
    settings->path = g_strdup(private_redis_socket(guarded));
    settings->username = g_strdup("ferry");
    settings->password = g_strdup("s3cret");
    settings->db = 3;
    g_autoptr(Redis) redis = redis_new(settings);
    g_autoptr(redisReply) set = redis_call(redis, NULL, "SET", "here", "1", NULL);
    assert_non_null(set);
    g_autoptr(redisReply) info = redis_call(redis, NULL, "CLIENT", "INFO", NULL);
    assert_non_null(strstr(info->str, " db=3 "));
    assert_non_null(strstr(info->str, " user=ferry "));
}

static void a_refused_login_does_not_tell_the_password(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    settings->path = g_strdup(private_redis_socket(server));
    settings->username = g_strdup("nobody");
    settings->password = g_strdup("s3cret");
    g_autoptr(Redis) redis = redis_new(settings);
    g_autoptr(GError) error = NULL;
    assert_null(redis_call(redis, &error, "PING", NULL));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_non_null(strstr(error->message, "AUTH was answered with WRONGPASS"));
    assert_null(strstr(error->message, "s3cret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_back_as_they_were),
        cmocka_unit_test(an_error_reply_is_an_error_and_the_connection_stays),
        cmocka_unit_test(a_pipeline_answers_in_order),
        cmocka_unit_test(an_error_in_a_pipeline_leaves_the_connection_in_step),
        cmocka_unit_test(multi_gives_the_replies_of_the_commands),
        cmocka_unit_test(a_connection_closed_while_idle_is_replaced),
        cmocka_unit_test(a_connection_lost_during_a_call_is_told_and_made_anew),
        cmocka_unit_test(a_missing_server_is_a_connect_error),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(a_demoted_server_is_tried_once_more_on_a_new_connection),
        cmocka_unit_test(logs_in_and_selects_the_database),
        cmocka_unit_test(a_refused_login_does_not_tell_the_password),
    };
    return cmocka_run_group_tests_name("redis", tests, start_server, NULL);
}
