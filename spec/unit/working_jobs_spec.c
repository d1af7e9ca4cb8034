#include "protocol/working_jobs.h"
#include "spec/support/cmocka_glib.h"

static void equal_bytes_are_counted(G_GNUC_UNUSED void **state)
{
    g_autoptr(WorkingJobs) jobs = working_jobs_new();
    assert_int_equal(working_jobs_count(jobs, "a\0b", 3), 0);
    assert_int_equal(working_jobs_add(jobs, "a\0b", 3), 1);
    assert_int_equal(working_jobs_add(jobs, "a\0b", 3), 2);
    assert_int_equal(working_jobs_count(jobs, "a\0c", 3), 0);
    assert_int_equal(working_jobs_count(jobs, "a\0b", 2), 0);
    working_jobs_remove(jobs, "a\0b", 3);
    assert_int_equal(working_jobs_count(jobs, "a\0b", 3), 1);
    working_jobs_remove(jobs, "a\0b", 3);
    assert_int_equal(working_jobs_count(jobs, "a\0b", 3), 0);
}

static void removing_what_is_not_there_does_nothing(G_GNUC_UNUSED void **state)
{
    g_autoptr(WorkingJobs) jobs = working_jobs_new();
    working_jobs_remove(jobs, "x", 1);
    assert_int_equal(working_jobs_add(jobs, "x", 1), 1);
}

/* Lengths around the eight bytes that are hashed at a time, the empty job included. */
static void jobs_of_every_length_are_told_apart(G_GNUC_UNUSED void **state)
{
    char bytes[40];
    memset(bytes, 'x', sizeof bytes);
    g_autoptr(WorkingJobs) jobs = working_jobs_new();
    for (gsize length = 0; length <= sizeof bytes; length++)
        assert_int_equal(working_jobs_add(jobs, bytes, length), 1);
    for (gsize length = 0; length <= sizeof bytes; length++)
        assert_int_equal(working_jobs_count(jobs, bytes, length), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_bytes_are_counted),
        cmocka_unit_test(removing_what_is_not_there_does_nothing),
        cmocka_unit_test(jobs_of_every_length_are_told_apart),
    };
    return cmocka_run_group_tests_name("working_jobs", tests, NULL, NULL);
}
