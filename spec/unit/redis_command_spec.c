#include "protocol/redis_command.h"
#include "spec/support/cmocka_glib.h"

static void holds_words_bytes_and_numbers(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisCommand) command = redis_command_new("ZADD", "retry", NULL);
    redis_command_add_double(command, 1732199999);
    redis_command_add_int(command, G_MININT64);
    redis_command_add_bytes(command, "a\0b", 3);
    redis_command_add(command, "");

    assert_int_equal(redis_command_argc(command), 6);
    const char **argv = redis_command_argv(command);
    assert_string_equal(argv[0], "ZADD");
    assert_string_equal(argv[1], "retry");
    assert_string_equal(argv[2], "1732199999.0");
    assert_string_equal(argv[3], "-9223372036854775808");
    assert_memory_equal(argv[4], "a\0b", 3);
    const size_t expected[] = {4, 5, 12, 20, 3, 0};
    assert_memory_equal(redis_command_lengths(command), expected, sizeof expected);
}

static void may_start_empty(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisCommand) command = redis_command_new(NULL, NULL);
    assert_int_equal(redis_command_argc(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_words_bytes_and_numbers),
        cmocka_unit_test(may_start_empty),
    };
    return cmocka_run_group_tests_name("redis_command", tests, NULL, NULL);
}
