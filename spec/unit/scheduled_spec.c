#include "protocol/job.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "protocol/scheduled.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static PrivateRedis *server;
static WorkerRegistry *registry;

static gboolean perform(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                        G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static const WorkerClass WORKERS[] = {{.name = "Ours", .perform = perform}, {.name = "Rubys"}, {0}};

static int start_server(G_GNUC_UNUSED void **state)
{
    static const WorkerClass *const tables[] = {WORKERS};
    log_configure(2, LOG_ERROR);
    registry = worker_registry_new(tables, 1);
    server = private_redis_start(NULL, NULL);
    return 0;
}

static int stop(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    return 0;
}

static int prepare(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    return 0;
}

/* How many jobs were moved. */
static guint enqueue(gboolean all)
{
    g_autoptr(Redis) queues = private_redis_connect(server), metadata = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    const ScheduledOptions options = {queues, metadata, registry, all};
    guint moved = 0;
    gboolean done = scheduled_enqueue_due(&options, &moved, &error);
    assert_no_error(error);
    assert_true(done);
    return moved;
}

static void add(const char *set, double at, const char *member)
{
    g_autofree char *score = g_strdup_printf("%f", at);
    private_redis_integer(server, "ZADD", set, score, member, NULL);
}

static gint64 card(const char *set)
{
    return private_redis_integer(server, "ZCARD", set, NULL);
}

static void due_jobs_go_to_their_queues(G_GNUC_UNUSED void **state)
{
    add("retry", job_now() - 5,
        "{\"retry\":5,\"queue\":\"q\",\"class\":\"Ours\",\"args\":[],\"created_at\":1.5,"
        "\"enqueued_at\":2.5,\"retry_count\":1,\"error_class\":\"E\"}");
    add("schedule", job_now() - 5, "{\"class\":\"Ours\",\"args\":[1]}");
    add("schedule", job_now() + 60, "{\"class\":\"Ours\",\"args\":[2]}");
    assert_int_equal(enqueue(FALSE), 2);
    assert_int_equal(card("retry"), 0);
    assert_int_equal(card("schedule"), 1);

    g_autofree char *retried = private_redis_text(server, "LINDEX", "queue:q", "0", NULL);
    g_autoptr(json_t) payload = json_parse(retried, strlen(retried), NULL);
    double enqueued_at = json_real_value(json_object_get(payload, "enqueued_at"));
    assert_true(ABS(enqueued_at - job_now()) < 60);
    json_object_set_new(payload, "enqueued_at", json_integer(0));
    assert_text(json_dump(payload),
                "{\"retry\":5,\"queue\":\"q\",\"class\":\"Ours\",\"args\":[],\"created_at\":1.5,"
                "\"enqueued_at\":0,\"retry_count\":1,\"error_class\":\"E\"}");

    g_autofree char *scheduled = private_redis_text(server, "LINDEX", "queue:default", "0", NULL);
    assert_true(g_str_has_prefix(scheduled,
                                 "{\"class\":\"Ours\",\"args\":[1],\"queue\":\"default\",\"retry\":true,"
                                 "\"enqueued_at\":"));
    assert_int_equal(private_redis_integer(server, "SCARD", "queues", NULL), 2);
}

static void jobs_for_ruby_stay_unless_all_are_taken(G_GNUC_UNUSED void **state)
{
    add("schedule", 1, "{\"class\":\"Rubys\",\"args\":[]}");
    add("schedule", 2, "{\"class\":\"Unknown\",\"args\":[]}");
    assert_int_equal(enqueue(FALSE), 0);
    assert_int_equal(card("schedule"), 2);
    assert_int_equal(enqueue(TRUE), 2);
    assert_int_equal(card("schedule"), 0);
}

static void jobs_behind_many_for_ruby_are_found(G_GNUC_UNUSED void **state)
{
    g_autoptr(redisReply) filled = private_redis_command(
        server, "EVAL",
        "for i = 1, 750 do "
        "redis.call('ZADD', KEYS[1], i, '{\"class\":\"Rubys\",\"args\":[' .. i .. ']}') "
        "if i % 3 == 0 then redis.call('ZADD', KEYS[1], i, '{\"class\":\"Ours\",\"args\":[' .. i .. ']}') "
        "end "
        "end",
        "1", "retry", NULL);
    assert_int_equal(enqueue(FALSE), 250);
    assert_int_equal(card("retry"), 750);
    g_autofree char *first = private_redis_text(server, "LINDEX", "queue:default", "-1", NULL);
    assert_non_null(strstr(first, "\"args\":[3]"));
}

static void what_cannot_be_read_is_left_alone(G_GNUC_UNUSED void **state)
{
    add("schedule", 1, "broken");
    add("schedule", 2, "{\"args\":[]}");
    add("schedule", 3, "{\"class\":\"Ours\",\"args\":[]}");
    assert_int_equal(enqueue(TRUE), 1);
    assert_int_equal(card("schedule"), 2);
}

static void status_keys_are_set_again(G_GNUC_UNUSED void **state)
{
    add("schedule", 1, "{\"class\":\"Ours\",\"args\":[],\"jid\":\"abc\",\"status_expiration\":90000}");
    add("schedule", 1, "{\"class\":\"Ours\",\"args\":[],\"jid\":\"def\"}");
    assert_int_equal(enqueue(FALSE), 2);
    assert_true(private_redis_integer(server, "TTL", "gitlab-sidekiq-status:abc", NULL) > 89000);
    assert_int_equal(private_redis_integer(server, "EXISTS", "gitlab-sidekiq-status:def", NULL), 0);
}

static void a_refused_push_leaves_the_job_in_the_set(G_GNUC_UNUSED void **state)
{
    g_autoptr(redisReply) wrong = private_redis_command(server, "SET", "queue:default", "not a list", NULL);
    add("schedule", 1, "{\"class\":\"Ours\",\"args\":[]}");
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    const ScheduledOptions options = {redis, redis, registry, FALSE};
    assert_false(scheduled_enqueue_due(&options, NULL, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    assert_int_equal(card("schedule"), 1);
}

static void assert_interval(guint n_processes, double average, double from, double to)
{
    double lowest = G_MAXDOUBLE, highest = 0;
    for (int draw = 0; draw < 2000; draw++) {
        double seconds = scheduled_poll_interval(n_processes, average);
        lowest = MIN(lowest, seconds);
        highest = MAX(highest, seconds);
    }
    double span = to - from;
    assert_true(lowest >= from && lowest < from + span / 20);
    assert_true(highest <= to && highest > to - span / 20);
}

static void polls_are_spread(G_GNUC_UNUSED void **state)
{
    assert_interval(0, 0, 2.5, 7.5);
    assert_interval(1, 0, 2.5, 7.5);
    assert_interval(4, 0, 10, 30);
    assert_interval(20, 0, 0, 100);
    assert_interval(4, 2, 1, 3);
    for (int draw = 0; draw < 100; draw++) {
        double patient = scheduled_initial_wait(0), eager = scheduled_initial_wait(2);
        assert_true(patient >= 10 && patient <= 15);
        assert_true(eager >= 0 && eager <= 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(due_jobs_go_to_their_queues, prepare),
        cmocka_unit_test_setup(jobs_for_ruby_stay_unless_all_are_taken, prepare),
        cmocka_unit_test_setup(jobs_behind_many_for_ruby_are_found, prepare),
        cmocka_unit_test_setup(what_cannot_be_read_is_left_alone, prepare),
        cmocka_unit_test_setup(status_keys_are_set_again, prepare),
        cmocka_unit_test_setup(a_refused_push_leaves_the_job_in_the_set, prepare),
        cmocka_unit_test(polls_are_spread),
    };
    return cmocka_run_group_tests_name("scheduled", tests, start_server, stop);
}
