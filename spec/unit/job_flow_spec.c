#include "worker/job_flow.h"

#include "protocol/identity.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#define EXECUTORS 2

static PrivateRedis *server;
static WorkerRegistry *registry;
static WorkOptions work;
static Configuration configuration;
static struct ev_loop *loop;
static JobFlow *flow;
static Manager *manager;

static int start_server(G_GNUC_UNUSED void **state)
{
    static const WorkerClass NO_CLASSES[] = {{.name = NULL}};
    const WorkerClass *const tables[] = {NO_CLASSES};
    const FetchQueue queue = {.name = "work", .weight = 1};
    log_configure(-1, LOG_FATAL);
    server = private_redis_start(NULL, NULL);
    registry = worker_registry_new(tables, 1);
    work = (WorkOptions){.concurrency = EXECUTORS, .queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue))};
    g_array_append_val(work.queues, queue);
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        configuration.redis[store] = (RedisSettings *)private_redis_settings(server);
    return 0;
}

static int stop_server(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    g_array_unref(work.queues);
    return 0;
}

static int open_flow(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    loop = ev_loop_new(EVFLAG_AUTO);
    flow = job_flow_new(loop, &work, &configuration, registry);
    manager = job_flow_manager(flow);
    job_flow_start(flow);
    return 0;
}

static int close_flow(G_GNUC_UNUSED void **state)
{
    job_flow_free(flow);
    ev_loop_destroy(loop);
    return 0;
}

static void push_jobs(guint n)
{
    for (guint i = 0; i < n; i++) {
        g_autofree char *job = g_strdup_printf("{\"class\":\"A\",\"args\":[%u]}", i);
        redis_reply_free(private_redis_command(server, "LPUSH", "queue:work", job, NULL));
    }
}

static gint64 queue_length(void)
{
    return private_redis_integer(server, "LLEN", "queue:work", NULL);
}

static gint64 working_length(void)
{
    g_autofree char *working = key_working_list("work", process_identity());
    return private_redis_integer(server, "LLEN", working, NULL);
}

static void turn_until_in_flight(guint n)
{
    while (manager_in_flight(manager) != n)
        ev_run(loop, EVRUN_ONCE);
    ev_run(loop, EVRUN_NOWAIT); /* the next turn hands them over */
}

static void turn_until_finished(void)
{
    while (!job_flow_finished(flow))
        ev_run(loop, EVRUN_ONCE);
}

/* The next job to be fetched is the rightmost. */
static void assert_queued(gint64 from_right, const char *part)
{
    g_autofree char *index = g_strdup_printf("%" G_GINT64_FORMAT, -1 - from_right);
    g_autofree char *job = private_redis_text(server, "LINDEX", "queue:work", index, NULL);
    assert_non_null(job);
    if (!strstr(job, part))
        fail_msg("\"%s\" is not in %s", part, job);
}

static void finish(guint executor, const Delivery *delivery, const char *status_key)
{
    Outcome outcome = {
        .settlement = settlement_acknowledge(delivery->queue, delivery->raw, delivery->length),
        .status_key = g_strdup(status_key),
        .processed = TRUE,
    };
    manager_finish(manager, executor, &delivery, &outcome, 1);
}

static void fetches_no_more_than_the_executors_can_start(G_GNUC_UNUSED void **state)
{
    push_jobs(20);
    turn_until_in_flight(EXECUTORS);
    for (guint i = 0; i < 5; i++)
        ev_run(loop, EVRUN_ONCE);
    assert_int_equal(manager_in_flight(manager), EXECUTORS);
    assert_int_equal(queue_length(), 20 - EXECUTORS);
    assert_int_equal(working_length(), EXECUTORS);
}

static void a_finished_job_leaves_the_working_list_after_its_status_key(G_GNUC_UNUSED void **state)
{
    redis_reply_free(private_redis_command(server, "SET", "status", "1", NULL));
    push_jobs(1);
    turn_until_in_flight(1);
    finish(0, manager_next(manager, 0), "status");
    while (working_length() > 0)
        ev_run(loop, EVRUN_ONCE);
    assert_int_equal(private_redis_integer(server, "EXISTS", "status", NULL), 0);
    assert_int_equal(manager_in_flight(manager), 0);
}

static void quiet_gives_back_what_was_not_started_in_order(G_GNUC_UNUSED void **state)
{
    push_jobs(5);
    turn_until_in_flight(EXECUTORS);
    job_flow_quiet(flow);
    turn_until_finished();
    assert_int_equal(queue_length(), 5);
    assert_int_equal(working_length(), 0);
    assert_queued(0, "[0]");
    assert_queued(1, "[1]");
    assert_queued(2, "[2]");
}

static void a_running_job_is_waited_for(G_GNUC_UNUSED void **state)
{
    push_jobs(1);
    turn_until_in_flight(1);
    const Delivery *running = manager_next(manager, 0);
    job_flow_quiet(flow);
    for (guint i = 0; i < 5; i++)
        ev_run(loop, EVRUN_ONCE);
    assert_false(job_flow_finished(flow));
    finish(0, running, NULL);
    turn_until_finished();
    assert_int_equal(queue_length() + working_length(), 0);
}

static void given_up_jobs_are_pushed_back_as_interrupted(G_GNUC_UNUSED void **state)
{
    push_jobs(1);
    turn_until_in_flight(1);
    const Delivery *running = manager_next(manager, 0);
    job_flow_quiet(flow);
    job_flow_give_up(flow);
    turn_until_finished();
    assert_int_equal(queue_length(), 1);
    assert_queued(0, "\"interrupted_count\":1");
    finish(0, running, NULL);
}

#define FLOW_TEST(function) cmocka_unit_test_setup_teardown(function, open_flow, close_flow)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(fetches_no_more_than_the_executors_can_start),
        FLOW_TEST(a_finished_job_leaves_the_working_list_after_its_status_key),
        FLOW_TEST(quiet_gives_back_what_was_not_started_in_order),
        FLOW_TEST(a_running_job_is_waited_for),
        FLOW_TEST(given_up_jobs_are_pushed_back_as_interrupted),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
