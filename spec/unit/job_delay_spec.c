#include "importers/stages/job_delay.h"

#include "spec/support/gitlab_context.h"

#include <math.h>

static void assert_seconds(double actual, double expected)
{
    if (fabs(actual - expected) > 1e-5)
        fail_msg("%f is not %f", actual, expected);
}

static void jobs_are_spread_evenly(G_GNUC_UNUSED void **state)
{
    assert_seconds(job_delay(0, 1000), 1.0);
    assert_seconds(job_delay(1, 1000), 1.06);
    assert_seconds(job_delay(1000, 1000), 61.0);
    assert_seconds(job_delay(2500, 5000), 31.0);
}

static void assert_setting(const GitlabContext *context, const char *rate_limits, guint expected)
{
    g_autofree char *sql = g_strdup_printf("UPDATE application_settings SET rate_limits = '%s'", rate_limits);
    g_autofree char *output = private_gitlab_sql(sql);
    guint jobs_per_minute = 0;
    assert_true(job_delay_jobs_per_minute(context->session, &jobs_per_minute, NULL));
    assert_int_equal(jobs_per_minute, expected);
}

static void the_application_setting_says_how_many_a_minute(void **state)
{
    assert_setting(*state, "{}", 1000);
    assert_setting(*state, "{\"concurrent_github_import_jobs_limit\": 250}", 250);
    assert_setting(*state, "{\"concurrent_github_import_jobs_limit\": null}", 1000);
    assert_setting(*state, "{\"concurrent_github_import_jobs_limit\": 0}", 1000);
}

static void a_gitlab_without_settings_has_the_default(void **state)
{
    const GitlabContext *context = *state;
    guint jobs_per_minute = 0;
    g_autofree char *output = private_gitlab_sql("DELETE FROM application_settings");
    assert_true(job_delay_jobs_per_minute(context->session, &jobs_per_minute, NULL));
    assert_int_equal(jobs_per_minute, 1000);
}

static double reschedule(const GitlabContext *context, const char *type, double reset_in)
{
    double delay = 0;
    assert_true(job_delay_reschedule(context->session, context->project->id, type, reset_in, &delay, NULL));
    return delay;
}

static void rescheduled_jobs_of_a_type_follow_each_other(void **state)
{
    const GitlabContext *context = *state;
    context->configuration->pace = PACE_GITLAB;
    g_autofree char *key = import_key(context, "enqueued_job_count/%" G_GINT64_FORMAT "/issue");
    assert_seconds(reschedule(context, "issue", 100), 101.06);
    assert_seconds(reschedule(context, "issue", 100), 101.12);
    assert_seconds(reschedule(context, "note", 100), 101.06);
    assert_redis("2", "GET", key);
    assert_ttl(key, 86400);
}

static void the_count_outlives_a_long_wait(void **state)
{
    g_autofree char *key = import_key(*state, "enqueued_job_count/%" G_GINT64_FORMAT "/issue");
    reschedule(*state, "issue", 90000);
    assert_ttl(key, 90000);
}

static void pace_auto_spreads_as_far_as_executors_need(void **state)
{
    assert_seconds(reschedule(*state, "issue", 100), 101.001);
    assert_seconds(reschedule(*state, "issue", 100), 101.002);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, gitlab_context_setup, gitlab_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_spread_evenly),
        TEST(the_application_setting_says_how_many_a_minute),
        TEST(a_gitlab_without_settings_has_the_default),
        TEST(rescheduled_jobs_of_a_type_follow_each_other),
        TEST(the_count_outlives_a_long_wait),
        TEST(pace_auto_spreads_as_far_as_executors_need),
    };
    return cmocka_run_group_tests_name("job_delay", tests, NULL, NULL);
}
