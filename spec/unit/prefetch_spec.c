#include "worker/prefetch.h"

#include "spec/support/cmocka_glib.h"

#define EXECUTORS 20

static void fetches_one_job_for_each_executor_at_first(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    assert_int_equal(prefetch_limit(&prefetch, EXECUTORS, 100), EXECUTORS);
}

static void fetches_ahead_what_finishes_soon(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    prefetch_finished(&prefetch, 200, 100.1);
    assert_int_equal(prefetch_rate(&prefetch, 100.1), 2000);
    assert_int_equal(prefetch_limit(&prefetch, EXECUTORS, 100.1), EXECUTORS + 400);
}

static void what_is_performed_together_does_not_count_as_fetched_ahead(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    prefetch_finished(&prefetch, 200, 100.1);
    assert_int_equal(prefetch_limit(&prefetch, 1500, 100.1), 1500 + 400);
}

static void has_an_upper_bound(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    prefetch_finished(&prefetch, 100000, 100.1);
    assert_int_equal(prefetch_limit(&prefetch, EXECUTORS, 100.1), EXECUTORS + PREFETCH_MAX);
}

static void falls_back_when_jobs_take_long(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    prefetch_finished(&prefetch, 100000, 100.1);
    assert_int_equal(prefetch_limit(&prefetch, EXECUTORS, 110), EXECUTORS);
    prefetch_finished(&prefetch, 1, 110);
    assert_int_equal(prefetch_limit(&prefetch, EXECUTORS, 110), EXECUTORS);
}

/* Batches that were begun together end together. */
static void keeps_fetching_between_bursts(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    prefetch_finished(&prefetch, 500, 100.1);
    prefetch_finished(&prefetch, 1, 100.3);
    assert_int_equal(prefetch_rate(&prefetch, 100.3), 2500);
    assert_int_equal(prefetch_rate(&prefetch, 100.7), 625);
}

static void one_burst_within_a_window_does_not_count_yet(G_GNUC_UNUSED void **state)
{
    Prefetch prefetch;
    prefetch_init(&prefetch, 100);
    prefetch_finished(&prefetch, 500, 100.001);
    assert_int_equal(prefetch_limit(&prefetch, EXECUTORS, 100.001), EXECUTORS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_one_job_for_each_executor_at_first),
        cmocka_unit_test(fetches_ahead_what_finishes_soon),
        cmocka_unit_test(what_is_performed_together_does_not_count_as_fetched_ahead),
        cmocka_unit_test(has_an_upper_bound),
        cmocka_unit_test(falls_back_when_jobs_take_long),
        cmocka_unit_test(keeps_fetching_between_bursts),
        cmocka_unit_test(one_burst_within_a_window_does_not_count_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
