#include "worker/manager.h"

#include "spec/support/cmocka_glib.h"

#define EXECUTORS 3

static Manager *manager;
static gint wakes;

static void count_wake(G_GNUC_UNUSED gpointer user_data)
{
    g_atomic_int_inc(&wakes);
}

static int open_manager(G_GNUC_UNUSED void **state)
{
    g_atomic_int_set(&wakes, 0);
    manager = manager_new(EXECUTORS, count_wake, NULL);
    return 0;
}

static int close_manager(G_GNUC_UNUSED void **state)
{
    manager_free(manager);
    return 0;
}

/* The executors' current jobs. */
static const Delivery *current[EXECUTORS];

static void deliver(const char *raw)
{
    manager_deliver(manager, "work", raw, strlen(raw));
}

static void deliver_all(const char *first, ...)
{
    va_list more;
    va_start(more, first);
    for (const char *raw = first; raw; raw = va_arg(more, const char *))
        deliver(raw);
    va_end(more);
    manager_hand_over(manager);
}

static void assert_next(guint executor, const char *expected)
{
    const Delivery *delivery = current[executor] = manager_next(manager, executor);
    assert_non_null(delivery);
    assert_string_equal(delivery->raw, expected);
    assert_int_equal(delivery->length, strlen(expected));
    assert_string_equal(delivery->queue, "work");
}

static void finish_job(guint executor, const Delivery *delivery, gboolean failed)
{
    Outcome outcome = {
        .settlement = settlement_acknowledge("work", "x", 1), .processed = TRUE, .failed = failed};
    manager_finish(manager, executor, &delivery, &outcome, 1);
}

static void finish(guint executor, gboolean failed)
{
    finish_job(executor, current[executor], failed);
}

/* How many outcomes there were. */
static guint collect(gboolean linger)
{
    GArray *outcomes = manager_collect(manager, linger);
    for (guint i = 0; i < outcomes->len; i++)
        outcome_clear(&g_array_index(outcomes, Outcome, i));
    return outcomes->len;
}

static void assert_counts(guint64 processed, guint64 failed)
{
    guint64 have_processed, have_failed;
    manager_counts(manager, &have_processed, &have_failed);
    assert_int_equal(have_processed, processed);
    assert_int_equal(have_failed, failed);
}

static void hands_jobs_over_in_order(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    deliver_all("c", NULL);
    assert_int_equal(manager_in_flight(manager), 3);
    assert_next(0, "a");
    assert_next(1, "b");
    assert_next(2, "c");
}

static void jobs_are_in_flight_until_their_outcome_is_collected(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    assert_next(0, "a");
    finish(0, FALSE);
    assert_int_equal(manager_in_flight(manager), 2);
    assert_int_equal(collect(FALSE), 1);
    assert_int_equal(manager_in_flight(manager), 1);
    assert_int_equal(collect(FALSE), 0);
}

static void the_loop_is_woken_once_for_many_outcomes(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", "c", NULL);
    for (guint i = 0; i < EXECUTORS; i++) {
        assert_non_null(current[i] = manager_next(manager, i));
        finish(i, FALSE);
    }
    assert_int_equal(g_atomic_int_get(&wakes), 1);
    assert_int_equal(collect(FALSE), 3);
}

static void the_loop_is_not_woken_while_it_lingers(G_GNUC_UNUSED void **state)
{
    collect(TRUE);
    deliver_all("a", NULL);
    assert_next(0, "a");
    finish(0, FALSE);
    assert_int_equal(g_atomic_int_get(&wakes), 0);
    assert_int_equal(collect(FALSE), 1);
}

static void counts_until_the_counts_have_reached_redis(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    assert_next(0, "a");
    finish(0, FALSE);
    assert_next(0, "b");
    finish(0, TRUE);
    assert_counts(2, 1);
    manager_counted(manager, 1, 1);
    assert_counts(1, 0);
    collect(FALSE);
}

static void takes_back_the_newest_first_and_never_what_runs(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", "c", NULL);
    deliver("d");
    assert_next(0, "a");
    g_autoptr(GPtrArray) some = manager_take_back(manager, 3);
    assert_int_equal(some->len, 1);
    assert_string_equal(((Delivery *)some->pdata[0])->raw, "d");

    g_autoptr(GPtrArray) rest = manager_take_back(manager, 0);
    assert_int_equal(rest->len, 2);
    assert_string_equal(((Delivery *)rest->pdata[0])->raw, "c");
    assert_string_equal(((Delivery *)rest->pdata[1])->raw, "b");
    assert_int_equal(manager_in_flight(manager), 1);
}

static void says_what_runs(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    assert_next(2, "a");
    g_autoptr(GPtrArray) running = manager_running(manager);
    assert_int_equal(running->len, 1);
    const RunningJob *job = running->pdata[0];
    assert_string_equal(job->tid, "2");
    assert_string_equal(job->queue, "work");
    assert_string_equal(job->raw, "a");
    assert_true(job->run_at > 1700000000);
}

static void abandoned_jobs_count_as_failed_and_their_outcome_is_dropped(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    assert_next(0, "a");
    g_autoptr(GPtrArray) abandoned = manager_abandon_running(manager);
    assert_int_equal(abandoned->len, 1);
    assert_string_equal(((Delivery *)abandoned->pdata[0])->raw, "a");
    assert_counts(1, 1);
    finish(0, FALSE);
    assert_counts(1, 1);
    assert_int_equal(collect(FALSE), 0);
    assert_int_equal(manager_in_flight(manager), 1);
}

static void executors_end_when_told(G_GNUC_UNUSED void **state)
{
    deliver_all("a", NULL);
    manager_stop(manager);
    assert_null(manager_next(manager, 0));
}

typedef struct Waiter {
    guint executor;
    gint *done;
} Waiter;

static gpointer run_executor(gpointer data)
{
    Waiter *waiter = data;
    while ((current[waiter->executor] = manager_next(manager, waiter->executor))) {
        g_atomic_int_inc(waiter->done);
        finish(waiter->executor, FALSE);
    }
    return NULL;
}

static void wait_for(gint *value, gint expected)
{
    while (g_atomic_int_get(value) < expected)
        g_usleep(1000);
}

static void idle_executors_are_woken_for_jobs(G_GNUC_UNUSED void **state)
{
    gint done = 0;
    GThread *threads[EXECUTORS];
    Waiter waiters[EXECUTORS];
    for (guint i = 0; i < EXECUTORS; i++) {
        waiters[i] = (Waiter){i, &done};
        threads[i] = g_thread_new("executor", run_executor, &waiters[i]);
    }
    for (gint round = 1; round <= 200; round++) {
        deliver_all("a", "b", "c", "d", "e", NULL);
        if (round % 10 == 0)
            wait_for(&done, round * 5);
    }
    wait_for(&done, 1000);
    manager_stop(manager);
    for (guint i = 0; i < EXECUTORS; i++)
        g_thread_join(threads[i]);
    assert_int_equal(collect(FALSE), 1000);
    assert_int_equal(manager_in_flight(manager), 0);
}

static void nothing_is_started_while_paused(G_GNUC_UNUSED void **state)
{
    gint done = 0;
    Waiter waiter = {0, &done};
    manager_pause(manager, TRUE);
    GThread *thread = g_thread_new("executor", run_executor, &waiter);
    deliver_all("a", NULL);
    g_usleep(20000);
    assert_int_equal(g_atomic_int_get(&done), 0);
    manager_pause(manager, FALSE);
    wait_for(&done, 1);
    manager_stop(manager);
    g_thread_join(thread);
    collect(FALSE);
}

/* --- several jobs of one executor --- */

static gboolean is_small_letter(const Delivery *delivery, G_GNUC_UNUSED gconstpointer user_data)
{
    return g_ascii_islower(delivery->raw[0]);
}

/* Their texts, one after the other. (transfer full) */
static char *texts(const GPtrArray *deliveries)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < deliveries->len; i++)
        g_string_append(text, ((const Delivery *)deliveries->pdata[i])->raw);
    return g_string_free(text, FALSE);
}

static GPtrArray *take_alike(guint executor, guint max)
{
    return manager_take_alike(manager, executor, is_small_letter, NULL, 0, max);
}

static void assert_takes(guint executor, guint max, const char *expected)
{
    g_autoptr(GPtrArray) taken = take_alike(executor, max);
    g_autofree char *text = texts(taken);
    assert_string_equal(text, expected);
}

static void an_executor_takes_more_of_its_kind_and_its_queue(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", "B", NULL);
    manager_deliver(manager, "other", "x", 1);
    deliver_all("c", "d", NULL);
    assert_next(0, "a");
    assert_takes(0, 2, "bc");
    assert_int_equal(manager_occupied(manager), 3 + EXECUTORS - 1);
    assert_next(1, "B");
    assert_takes(0, 10, "d");
    assert_int_equal(manager_in_flight(manager), 6);
    assert_int_equal(manager_occupied(manager), 5 + EXECUTORS - 2);
}

static void nothing_more_is_taken_while_paused(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    assert_next(0, "a");
    manager_pause(manager, TRUE);
    assert_takes(0, 10, "");
}

static void all_jobs_of_an_executor_are_running_and_each_has_its_outcome(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", "c", NULL);
    assert_next(0, "a");
    g_autoptr(GPtrArray) more = take_alike(0, 10);
    g_autoptr(GPtrArray) running = manager_running(manager);
    assert_int_equal(running->len, 3);
    assert_string_equal(((RunningJob *)running->pdata[0])->tid, "0");
    assert_string_equal(((RunningJob *)running->pdata[1])->tid, "0.1");
    assert_string_equal(((RunningJob *)running->pdata[2])->tid, "0.2");
    assert_string_equal(((RunningJob *)running->pdata[2])->raw, "c");

    finish_job(0, more->pdata[0], TRUE);
    assert_counts(1, 1);
    assert_int_equal(manager_occupied(manager), 2 + EXECUTORS - 1);
    g_autoptr(GPtrArray) left = manager_running(manager);
    assert_int_equal(left->len, 2);
    finish(0, FALSE);
    finish_job(0, more->pdata[1], FALSE);
    assert_counts(3, 1);
    assert_int_equal(collect(FALSE), 3);
    assert_int_equal(manager_in_flight(manager), 0);
}

static void jobs_that_are_finished_together_wake_the_loop_once(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", NULL);
    assert_next(0, "a");
    g_autoptr(GPtrArray) more = take_alike(0, 10);
    const Delivery *deliveries[] = {current[0], more->pdata[0]};
    Outcome outcomes[] = {
        {.settlement = settlement_acknowledge("work", "a", 1), .processed = TRUE},
        {.settlement = settlement_acknowledge("work", "b", 1), .processed = TRUE, .failed = TRUE},
    };
    manager_finish(manager, 0, deliveries, outcomes, 2);
    assert_int_equal(g_atomic_int_get(&wakes), 1);
    assert_counts(2, 1);
    assert_int_equal(collect(FALSE), 2);
}

static void all_jobs_of_an_executor_are_abandoned_but_those_it_has_finished(G_GNUC_UNUSED void **state)
{
    deliver_all("a", "b", "c", NULL);
    assert_next(0, "a");
    g_autoptr(GPtrArray) more = take_alike(0, 10);
    finish(0, FALSE);
    g_autoptr(GPtrArray) abandoned = manager_abandon_running(manager);
    g_autofree char *text = texts(abandoned);
    assert_string_equal(text, "bc");
    assert_counts(3, 2);
    finish_job(0, more->pdata[0], FALSE);
    finish_job(0, more->pdata[1], FALSE);
    assert_counts(3, 2);
    assert_int_equal(collect(FALSE), 1);
    assert_int_equal(manager_in_flight(manager), 0);
}

static void idle_executors_keep_their_share(G_GNUC_UNUSED void **state)
{
    assert_int_equal(manager_fair_share(100, 0), 100);
    assert_int_equal(manager_fair_share(100, 1), 50);
    assert_int_equal(manager_fair_share(100, 7), 13);
    assert_int_equal(manager_fair_share(20, 19), 1);
}

/* An executor's thread that takes all it may at a time. */
static gpointer run_batches(gpointer data)
{
    Waiter *waiter = data;
    const Delivery *first;
    while ((first = manager_next(manager, waiter->executor))) {
        g_autoptr(GPtrArray) more = take_alike(waiter->executor, 99);
        for (guint i = 0; i < more->len; i++)
            finish_job(waiter->executor, more->pdata[i], FALSE);
        finish_job(waiter->executor, first, FALSE);
        g_atomic_int_add(waiter->done, (gint)more->len + 1);
    }
    return NULL;
}

static void executors_that_take_many_share_them(G_GNUC_UNUSED void **state)
{
    gint done = 0;
    GThread *threads[EXECUTORS];
    Waiter waiters[EXECUTORS];
    for (guint i = 0; i < EXECUTORS; i++) {
        waiters[i] = (Waiter){i, &done};
        threads[i] = g_thread_new("executor", run_batches, &waiters[i]);
    }
    for (gint round = 0; round < 200; round++)
        deliver_all("a", "b", "c", "d", "e", NULL);
    wait_for(&done, 1000);
    manager_stop(manager);
    for (guint i = 0; i < EXECUTORS; i++)
        g_thread_join(threads[i]);
    assert_int_equal(collect(FALSE), 1000);
    assert_int_equal(manager_occupied(manager), EXECUTORS);
}

#define MANAGER_TEST(function) cmocka_unit_test_setup_teardown(function, open_manager, close_manager)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANAGER_TEST(hands_jobs_over_in_order),
        MANAGER_TEST(jobs_are_in_flight_until_their_outcome_is_collected),
        MANAGER_TEST(the_loop_is_woken_once_for_many_outcomes),
        MANAGER_TEST(the_loop_is_not_woken_while_it_lingers),
        MANAGER_TEST(counts_until_the_counts_have_reached_redis),
        MANAGER_TEST(takes_back_the_newest_first_and_never_what_runs),
        MANAGER_TEST(says_what_runs),
        MANAGER_TEST(abandoned_jobs_count_as_failed_and_their_outcome_is_dropped),
        MANAGER_TEST(executors_end_when_told),
        MANAGER_TEST(idle_executors_are_woken_for_jobs),
        MANAGER_TEST(nothing_is_started_while_paused),
        MANAGER_TEST(an_executor_takes_more_of_its_kind_and_its_queue),
        MANAGER_TEST(nothing_more_is_taken_while_paused),
        MANAGER_TEST(all_jobs_of_an_executor_are_running_and_each_has_its_outcome),
        MANAGER_TEST(jobs_that_are_finished_together_wake_the_loop_once),
        MANAGER_TEST(all_jobs_of_an_executor_are_abandoned_but_those_it_has_finished),
        MANAGER_TEST(idle_executors_keep_their_share),
        MANAGER_TEST(executors_that_take_many_share_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
