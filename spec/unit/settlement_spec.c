#include "protocol/keys.h"
#include "protocol/settlement.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#include <string.h>

#define IDENTITY     "host:1:0a1b2c3d4e5f"
#define QUEUE        "github_importer"
#define WORKING_LIST "working:queue:github_importer:host:1:0a1b2c3d4e5f"
#define RAW          "{\"class\":\"W\",\"args\":[\"\xc3\xa9\"]}"

static PrivateRedis *server;

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    return 0;
}

static int prepare(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    private_redis_integer(server, "LPUSH", WORKING_LIST, "oldest", RAW, "newest", NULL);
    g_autofree char *sha1 = private_redis_text(server, "SCRIPT", "LOAD", settlement_script_text(), NULL);
    assert_string_equal(sha1, settlement_script_sha1());
    return 0;
}

/* Carries it out and returns the answer. */
static gint64 carry_out(Settlement *settlement)
{
    g_autoptr(Settlement) owned = settlement;
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) reply = redis_run(redis, settlement_command(owned, IDENTITY), &error);
    assert_no_error(error);
    assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
    return reply->integer;
}

static gint64 working(void)
{
    return private_redis_integer(server, "LLEN", WORKING_LIST, NULL);
}

static void an_acknowledged_job_is_gone(G_GNUC_UNUSED void **state)
{
    assert_int_equal(carry_out(settlement_acknowledge(QUEUE, RAW, strlen(RAW))), 1);
    assert_int_equal(working(), 2);
    assert_int_equal(carry_out(settlement_acknowledge(QUEUE, RAW, strlen(RAW))), 0);
    assert_int_equal(working(), 2);
}

static void one_of_equal_jobs_is_acknowledged(G_GNUC_UNUSED void **state)
{
    private_redis_integer(server, "LPUSH", WORKING_LIST, RAW, NULL);
    assert_int_equal(carry_out(settlement_acknowledge(QUEUE, RAW, strlen(RAW))), 1);
    assert_int_equal(working(), 3);
}

static void a_retry_is_scheduled_once(G_GNUC_UNUSED void **state)
{
    for (int sent = 0; sent < 2; sent++)
        assert_int_equal(carry_out(settlement_retry(QUEUE, RAW, strlen(RAW), 1732200018.25, "later")),
                         sent == 0);
    assert_int_equal(working(), 2);
    assert_int_equal(private_redis_integer(server, "ZCARD", "retry", NULL), 1);
    g_autofree char *score = private_redis_text(server, "ZSCORE", "retry", "later", NULL);
    assert_string_equal(score, "1732200018.25");
}

/* `set` is full to its brim with 10,000 members, one of them older than `lifespan_days`. */
static void fill(const char *set, int lifespan_days)
{
    g_autofree char *now = g_strdup_printf("%f", job_now());
    g_autofree char *days = g_strdup_printf("%d", lifespan_days);
    g_autoptr(redisReply) reply = private_redis_command(
        server, "EVAL",
        "for i = 1, 9999 do redis.call('ZADD', KEYS[1], ARGV[1] - 10000 + i, 'old' .. i) end "
        "redis.call('ZADD', KEYS[1], ARGV[1] - ARGV[2] * 86400 - 60, 'expired') "
        "redis.call('ZADD', KEYS[1], ARGV[1] - ARGV[2] * 86400 + 60, 'oldest kept by age')",
        "1", set, now, days, NULL);
}

static void assert_buried(const char *set, const char *member)
{
    assert_int_equal(working(), 2);
    assert_int_equal(private_redis_integer(server, "ZCARD", set, NULL), 9999);
    g_autofree char *score = private_redis_text(server, "ZSCORE", set, member, NULL);
    assert_non_null(score);
    assert_true(ABS(g_ascii_strtod(score, NULL) - job_now()) < 60);
    g_autofree char *expired = private_redis_text(server, "ZSCORE", set, "expired", NULL);
    assert_null(expired);
}

static void the_dead_set_keeps_its_limits(G_GNUC_UNUSED void **state)
{
    fill("dead", 180);
    assert_int_equal(carry_out(settlement_dead(QUEUE, RAW, strlen(RAW), "died")), 1);
    assert_buried("dead", "died");
}

static void the_interrupted_set_keeps_its_limits(G_GNUC_UNUSED void **state)
{
    fill("interrupted", 90);
    assert_int_equal(carry_out(settlement_quarantine(QUEUE, RAW, strlen(RAW), "interrupted thrice")), 1);
    assert_buried("interrupted", "interrupted thrice");
}

static void age_alone_removes_from_the_dead_set(G_GNUC_UNUSED void **state)
{
    g_autofree char *just_inside = g_strdup_printf("%f", job_now() - 180 * 86400.0 + 600);
    g_autofree char *just_outside = g_strdup_printf("%f", job_now() - 180 * 86400.0 - 600);
    private_redis_integer(server, "ZADD", "dead", just_inside, "inside", just_outside, "outside", NULL);
    carry_out(settlement_dead(QUEUE, RAW, strlen(RAW), NULL));
    g_autoptr(redisReply) members = private_redis_command(server, "ZRANGE", "dead", "0", "-1", NULL);
    assert_int_equal(members->elements, 2);
    assert_string_equal(members->element[0]->str, "inside");
    assert_string_equal(members->element[1]->str, RAW);
}

static void a_requeued_job_goes_to_the_end_asked_for(G_GNUC_UNUSED void **state)
{
    private_redis_integer(server, "LPUSH", "queue:" QUEUE, "next", "last", NULL);
    assert_int_equal(carry_out(settlement_requeue(QUEUE, RAW, strlen(RAW), TRUE)), 1);
    assert_int_equal(carry_out(settlement_requeue(QUEUE, "newest", 6, FALSE)), 1);
    assert_int_equal(carry_out(settlement_requeue(QUEUE, RAW, strlen(RAW), TRUE)), 0);
    g_autoptr(redisReply) queue = private_redis_command(server, "LRANGE", "queue:" QUEUE, "0", "-1", NULL);
    assert_int_equal(queue->elements, 4);
    assert_string_equal(queue->element[0]->str, "newest");
    assert_string_equal(queue->element[1]->str, "last");
    assert_string_equal(queue->element[2]->str, "next");
    assert_string_equal(queue->element[3]->str, RAW);
    assert_int_equal(working(), 1);
}

static void an_interrupted_job_is_pushed_back(G_GNUC_UNUSED void **state)
{
    assert_int_equal(carry_out(settlement_push_back(QUEUE, RAW, strlen(RAW), "again")), 1);
    g_autofree char *pushed = private_redis_text(server, "LINDEX", "queue:" QUEUE, "0", NULL);
    assert_string_equal(pushed, "again");
    assert_int_equal(working(), 2);
}

static void a_job_handed_over_makes_its_queue_known(G_GNUC_UNUSED void **state)
{
    assert_int_equal(carry_out(settlement_hand_over(QUEUE, RAW, strlen(RAW), "default", "for Ruby")), 1);
    g_autofree char *pushed = private_redis_text(server, "LINDEX", "queue:default", "0", NULL);
    assert_string_equal(pushed, "for Ruby");
    assert_int_equal(private_redis_integer(server, "SISMEMBER", "queues", "default", NULL), 1);
    assert_int_equal(working(), 2);
}

static void a_refused_settlement_leaves_the_job_where_it_is(G_GNUC_UNUSED void **state)
{
    g_autoptr(redisReply) set = private_redis_command(server, "SET", "retry", "not a sorted set", NULL);
    g_autoptr(Settlement) settlement = settlement_retry(QUEUE, RAW, strlen(RAW), 1, "later");
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    assert_null(redis_run(redis, settlement_command(settlement, IDENTITY), &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    assert_int_equal(working(), 3);
}

static void a_settlement_owns_its_bytes(G_GNUC_UNUSED void **state)
{
    char raw[] = "a\0b", queue[] = "q";
    g_autoptr(Settlement) settlement = settlement_acknowledge(queue, raw, 3);
    raw[0] = queue[0] = 'x';
    gsize length;
    assert_memory_equal(settlement_raw(settlement, &length), "a\0b", 3);
    assert_int_equal(length, 3);
    assert_string_equal(settlement_queue(settlement), "q");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_acknowledged_job_is_gone, prepare),
        cmocka_unit_test_setup(one_of_equal_jobs_is_acknowledged, prepare),
        cmocka_unit_test_setup(a_retry_is_scheduled_once, prepare),
        cmocka_unit_test_setup(the_dead_set_keeps_its_limits, prepare),
        cmocka_unit_test_setup(the_interrupted_set_keeps_its_limits, prepare),
        cmocka_unit_test_setup(age_alone_removes_from_the_dead_set, prepare),
        cmocka_unit_test_setup(a_requeued_job_goes_to_the_end_asked_for, prepare),
        cmocka_unit_test_setup(an_interrupted_job_is_pushed_back, prepare),
        cmocka_unit_test_setup(a_job_handed_over_makes_its_queue_known, prepare),
        cmocka_unit_test_setup(a_refused_settlement_leaves_the_job_where_it_is, prepare),
        cmocka_unit_test(a_settlement_owns_its_bytes),
    };
    return cmocka_run_group_tests_name("settlement", tests, start_server, NULL);
}
