#include "protocol/interruption.h"
#include "spec/support/cmocka_glib.h"

#include <string.h>

#define IDENTITY "host:1:0a1b2c3d4e5f"

static const WorkerClass WORKERS[] = {
    {.name = "Stage", .max_interruptions = 20},
    {.name = "Undeclared"},
    {.name = "Unlimited", .max_interruptions = -1},
    {0},
};
static WorkerRegistry *registry;

static int make_registry(G_GNUC_UNUSED void **state)
{
    static const WorkerClass *const tables[] = {WORKERS};
    registry = worker_registry_new(tables, 1);
    return 0;
}

static int free_registry(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    return 0;
}

/* The words of EVALSHA SHA 2 WORKING-LIST DESTINATION RAW VERB PAYLOAD ... */
enum { DESTINATION = 4, VERB = 6, PAYLOAD = 7 };

static void assert_settled(const char *raw, gboolean expect_exhausted, const char *destination,
                           const char *verb, const char *payload)
{
    gboolean exhausted;
    g_autoptr(Settlement) settlement = interruption_settle("q", raw, strlen(raw), registry, &exhausted);
    g_autoptr(RedisCommand) command = settlement_command(settlement, IDENTITY);
    const char **words = redis_command_argv(command);
    assert_int_equal(exhausted, expect_exhausted);
    assert_string_equal(words[DESTINATION], destination);
    assert_string_equal(words[VERB], verb);
    assert_string_equal(words[PAYLOAD], payload);
}

static void the_first_interruption_is_counted(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Other\",\"args\":[]}", FALSE, "queue:q", "push",
                   "{\"class\":\"Other\",\"args\":[],\"interrupted_count\":1}");
}

static void every_other_field_keeps_its_value_and_place(G_GNUC_UNUSED void **state)
{
    assert_settled(
        "{\"retry\":5,\"unknown\":{\"b\":1,\"a\":null},\"interrupted_count\":1,\"args\":[\"/\\u00e9\"],"
        "\"class\":\"Other\",\"created_at\":1732199999.123456,\"enqueued_at\":1732199999.0}",
        FALSE, "queue:q", "push",
        "{\"retry\":5,\"unknown\":{\"b\":1,\"a\":null},\"interrupted_count\":2,\"args\":[\"/\xc3\xa9\"],"
        "\"class\":\"Other\",\"created_at\":1732199999.123456,\"enqueued_at\":1732199999.0}");
}

static void the_third_is_the_last_by_default(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Other\",\"interrupted_count\":2}", TRUE, "interrupted", "bury",
                   "{\"class\":\"Other\",\"interrupted_count\":3}");
    assert_settled("{\"class\":\"Undeclared\",\"interrupted_count\":2}", TRUE, "interrupted", "bury",
                   "{\"class\":\"Undeclared\",\"interrupted_count\":3}");
}

static void the_class_says_the_limit(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Stage\",\"max_retries_after_interruption\":1,\"interrupted_count\":18}",
                   FALSE, "queue:q", "push",
                   "{\"class\":\"Stage\",\"max_retries_after_interruption\":1,\"interrupted_count\":19}");
    assert_settled("{\"class\":\"Stage\",\"interrupted_count\":19}", TRUE, "interrupted", "bury",
                   "{\"class\":\"Stage\",\"interrupted_count\":20}");
}

static void else_the_payload_says_it(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Other\",\"max_retries_after_interruption\":1}", TRUE, "interrupted", "bury",
                   "{\"class\":\"Other\",\"max_retries_after_interruption\":1,\"interrupted_count\":1}");
}

static void a_negative_limit_is_none(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Unlimited\",\"interrupted_count\":4000}", FALSE, "queue:q", "push",
                   "{\"class\":\"Unlimited\",\"interrupted_count\":4001}");
    assert_settled("{\"class\":\"Other\",\"max_retries_after_interruption\":-1,\"interrupted_count\":4}",
                   FALSE, "queue:q", "push",
                   "{\"class\":\"Other\",\"max_retries_after_interruption\":-1,\"interrupted_count\":5}");
}

static void what_is_no_job_goes_to_the_dead_set(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":", FALSE, "dead", "bury", "{\"class\":");
    assert_settled("[1]", FALSE, "dead", "bury", "[1]");
}

static void what_only_ruby_can_read_goes_back_as_it_is(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Other\",\"args\":[123456789012345678901234567890]}", FALSE, "queue:q",
                   "push", "{\"class\":\"Other\",\"args\":[123456789012345678901234567890]}");
}

static void an_absurd_count_does_not_overflow(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"interrupted_count\":9223372036854775807}", TRUE, "interrupted", "bury",
                   "{\"interrupted_count\":9223372036854775807}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_interruption_is_counted),
        cmocka_unit_test(every_other_field_keeps_its_value_and_place),
        cmocka_unit_test(the_third_is_the_last_by_default),
        cmocka_unit_test(the_class_says_the_limit),
        cmocka_unit_test(else_the_payload_says_it),
        cmocka_unit_test(a_negative_limit_is_none),
        cmocka_unit_test(what_is_no_job_goes_to_the_dead_set),
        cmocka_unit_test(what_only_ruby_can_read_goes_back_as_it_is),
        cmocka_unit_test(an_absurd_count_does_not_overflow),
    };
    return cmocka_run_group_tests_name("interruption", tests, make_registry, free_registry);
}
