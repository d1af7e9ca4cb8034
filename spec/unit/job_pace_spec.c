#include "importers/stages/job_pace.h"

#include "protocol/job.h"
#include "spec/support/gitlab_context.h"

#include <math.h>

static void assert_seconds(double actual, double expected)
{
    if (fabs(actual - expected) > 1e-5)
        fail_msg("%f is not %f", actual, expected);
}

/* While the pace sleeps, jobs become done: one a nap, if any are to be. */
static struct {
    const char *waiter; /* NULL: no job gets done */
    guint naps;
} sleeping;

void __wrap_g_usleep(gulong microseconds);
void __real_g_usleep(gulong microseconds);
void __wrap_g_usleep(gulong microseconds)
{
    sleeping.naps++;
    if (sleeping.waiter)
        g_free(private_gitlab_redis("LPUSH", sleeping.waiter, "jid", NULL));
    else
        __real_g_usleep(microseconds);
}

typedef struct Fixture {
    GitlabContext gitlab;
    ScheduledJobs *jobs;
    JobPace *pace;
} Fixture;

static int set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    gitlab_context_begin(&fixture->gitlab, NULL);
    fixture->jobs = scheduled_jobs_load(fixture->gitlab.session, 1, "issues", NULL);
    sleeping.naps = 0;
    sleeping.waiter = NULL;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    job_pace_free(fixture->pace);
    scheduled_jobs_free(fixture->jobs);
    gitlab_context_end(&fixture->gitlab);
    g_free(fixture);
    return 0;
}

static void begin(Fixture *fixture, Pace pace, guint backlog)
{
    fixture->gitlab.configuration->pace = pace;
    fixture->gitlab.configuration->backlog = backlog;
    fixture->pace = job_pace_new(fixture->gitlab.session, 0, NULL);
    assert_non_null(fixture->pace);
}

static void schedule(Fixture *fixture, guint n)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free), types = g_ptr_array_new();
    for (guint i = 0; i < n; i++) {
        g_ptr_array_add(ids, g_strdup_printf("%u", i));
        g_ptr_array_add(types, NULL);
    }
    assert_true(scheduled_jobs_record(fixture->jobs, ids, types, NULL));
}

static void pace_auto_pushes_at_once(void **state)
{
    Fixture *fixture = *state;
    begin(fixture, PACE_AUTO, 5);
    schedule(fixture, 5);
    assert_true(job_pace_wait(fixture->pace, fixture->jobs, NULL));
    assert_int_equal(sleeping.naps, 0);
    assert_null(job_pace_times(fixture->pace, 3));
}

static void a_page_waits_until_the_backlog_has_shrunk(void **state)
{
    Fixture *fixture = *state;
    begin(fixture, PACE_AUTO, 5);
    schedule(fixture, 8);
    sleeping.waiter = scheduled_jobs_waiter(fixture->jobs);
    assert_true(job_pace_wait(fixture->pace, fixture->jobs, NULL));
    assert_int_equal(sleeping.naps, 3);
}

static void a_page_waits_for_a_second_at_most(void **state)
{
    Fixture *fixture = *state;
    begin(fixture, PACE_AUTO, 5);
    schedule(fixture, 6);
    gint64 before = g_get_monotonic_time();
    assert_true(job_pace_wait(fixture->pace, fixture->jobs, NULL));
    assert_true(g_get_monotonic_time() - before >= G_USEC_PER_SEC);
    assert_in_range(sleeping.naps, 1, 20);
}

static void a_stopping_process_does_not_wait(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    begin(fixture, PACE_AUTO, 5);
    schedule(fixture, 6);
    fixture->gitlab.stopping = 1;
    assert_false(job_pace_wait(fixture->pace, fixture->jobs, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_int_equal(sleeping.naps, 0);
}

static void pace_gitlab_gives_every_job_its_time(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *set = private_gitlab_sql(
        "UPDATE application_settings SET rate_limits = '{\"concurrent_github_import_jobs_limit\": 30}'");
    double before = job_now();
    begin(fixture, PACE_GITLAB, 5);
    g_autofree double *first = job_pace_times(fixture->pace, 3);
    g_autofree double *second = job_pace_times(fixture->pace, 2);
    double after = job_now();
    assert_true(first[0] >= before + 1 && first[0] <= after + 1);
    assert_seconds(first[2] - first[1], 2);
    assert_true(first[2] >= before + 5 && first[2] <= after + 5);
    assert_true(second[0] >= before + 7 && second[1] <= after + 9);
}

static void a_collection_may_have_a_pace_of_its_own(void **state)
{
    Fixture *fixture = *state;
    fixture->gitlab.configuration->pace = PACE_GITLAB;
    fixture->pace = job_pace_new(fixture->gitlab.session, 200, NULL);
    g_autofree double *times = job_pace_times(fixture->pace, 201);
    assert_seconds(times[200] - times[0], 60);
}

static void pace_gitlab_is_late_by_a_second_at_least(void **state)
{
    Fixture *fixture = *state;
    begin(fixture, PACE_GITLAB, 5);
    __real_g_usleep(G_USEC_PER_SEC / 5);
    double before = job_now();
    g_autofree double *times = job_pace_times(fixture->pace, 2);
    double after = job_now();
    for (guint i = 0; i < 2; i++)
        assert_true(times[i] >= before + 1 && times[i] <= after + 1);
}

static void pace_gitlab_knows_no_backlog(void **state)
{
    Fixture *fixture = *state;
    begin(fixture, PACE_GITLAB, 1);
    schedule(fixture, 6);
    assert_true(job_pace_wait(fixture->pace, fixture->jobs, NULL));
    assert_int_equal(sleeping.naps, 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pace_auto_pushes_at_once),
        TEST(a_page_waits_until_the_backlog_has_shrunk),
        TEST(a_page_waits_for_a_second_at_most),
        TEST(a_stopping_process_does_not_wait),
        TEST(pace_gitlab_gives_every_job_its_time),
        TEST(a_collection_may_have_a_pace_of_its_own),
        TEST(pace_gitlab_is_late_by_a_second_at_least),
        TEST(pace_gitlab_knows_no_backlog),
    };
    return cmocka_run_group_tests_name("job_pace", tests, NULL, NULL);
}
