#include "worker/service_thread.h"

#include "spec/support/cmocka_glib.h"

#define LONG 1000 /* seconds; nobody waits for it */

static gint rounds;

static void count_rounds(ServiceThread *thread, G_GNUC_UNUSED gpointer user_data)
{
    do {
        g_atomic_int_inc(&rounds);
    } while (service_thread_sleep(thread, LONG));
}

static void wait_for_rounds(gint expected)
{
    while (g_atomic_int_get(&rounds) < expected)
        g_usleep(1000);
}

static void stops_in_the_middle_of_a_sleep(G_GNUC_UNUSED void **state)
{
    g_atomic_int_set(&rounds, 0);
    ServiceThread *thread = service_thread_start("spec", count_rounds, NULL);
    wait_for_rounds(1);
    assert_true(service_thread_stop(thread, 60));
    assert_int_equal(g_atomic_int_get(&rounds), 1);
}

static void a_wake_ends_the_sleep_but_not_the_thread(G_GNUC_UNUSED void **state)
{
    g_atomic_int_set(&rounds, 0);
    ServiceThread *thread = service_thread_start("spec", count_rounds, NULL);
    wait_for_rounds(1);
    service_thread_wake(thread);
    wait_for_rounds(2);
    assert_true(service_thread_stop(thread, 60));
}

static void sleep_once(ServiceThread *thread, G_GNUC_UNUSED gpointer user_data)
{
    if (service_thread_sleep(thread, 0.001))
        g_atomic_int_inc(&rounds);
}

static void a_sleep_ends_by_itself(G_GNUC_UNUSED void **state)
{
    g_atomic_int_set(&rounds, 0);
    ServiceThread *thread = service_thread_start("spec", sleep_once, NULL);
    wait_for_rounds(1);
    assert_true(service_thread_stop(thread, 60));
}

static gint released;

static void be_stuck(G_GNUC_UNUSED ServiceThread *thread, G_GNUC_UNUSED gpointer user_data)
{
    while (!g_atomic_int_get(&released))
        g_usleep(1000);
}

static void a_stuck_thread_is_left_alone(G_GNUC_UNUSED void **state)
{
    ServiceThread *thread = service_thread_start("spec", be_stuck, NULL);
    assert_false(service_thread_stop(thread, 0.01));
    g_atomic_int_set(&released, 1);
    assert_true(service_thread_stop(thread, 60));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_in_the_middle_of_a_sleep),
        cmocka_unit_test(a_wake_ends_the_sleep_but_not_the_thread),
        cmocka_unit_test(a_sleep_ends_by_itself),
        cmocka_unit_test(a_stuck_thread_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
