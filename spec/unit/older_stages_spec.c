/* The stages that GitLabs up to 17.x have and the newest has not: their order, and when they have nothing to
 * do. */
#include "importers/objects/pull_requests/merged_by.h"
#include "importers/objects/pull_requests/review.h"
#include "importers/objects/pull_requests/review_request.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/stage_steps.h"

static struct {
    gboolean fails;
} now;

gboolean __wrap_merged_by_schedule(Stage *stage, json_t *waiters, GError **error);
gboolean __wrap_review_requests_schedule(Stage *stage, json_t *waiters, GError **error);
gboolean __wrap_reviews_schedule(Stage *stage, json_t *waiters, GError **error);
gboolean __wrap_parallel_scheduling_run_limited(Stage *stage, const ObjectCollection *collection,
                                                json_t *waiters, gboolean *cut, GError **error);

static gboolean schedule(const char *what, json_t *waiters, GError **error)
{
    g_string_append_printf(stage_steps, "schedule %s; ", what);
    json_object_set_new(waiters, "w", json_integer(1));
    if (now.fails)
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "refused");
    return !now.fails;
}

gboolean __wrap_merged_by_schedule(G_GNUC_UNUSED Stage *stage, json_t *waiters, GError **error)
{
    return schedule("merged by", waiters, error);
}

gboolean __wrap_review_requests_schedule(G_GNUC_UNUSED Stage *stage, json_t *waiters, GError **error)
{
    return schedule("review requests", waiters, error);
}

gboolean __wrap_reviews_schedule(G_GNUC_UNUSED Stage *stage, json_t *waiters, GError **error)
{
    return schedule("reviews", waiters, error);
}

gboolean __wrap_parallel_scheduling_run_limited(G_GNUC_UNUSED Stage *stage,
                                                const ObjectCollection *collection, json_t *waiters,
                                                gboolean *cut, GError **error)
{
    *cut = FALSE;
    return schedule(collection->path, waiters, error);
}

static const struct {
    gboolean (*perform)(Session *session, const Job *job, GError **error);
    const char *schedules, *next;
} stages[] = {
    {import_pull_requests_merged_by_perform, "merged by", "pull_request_review_requests"},
    {import_pull_requests_review_requests_perform, "review requests", "pull_request_reviews"},
    {import_pull_requests_reviews_perform, "reviews", "issues_and_diff_notes"},
    {import_notes_perform, "issues/comments", "attachments"},
};

static int set_up(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    memset(&now, 0, sizeof now);
    stage_steps_begin();
    return 0;
}

static int tear_down(G_GNUC_UNUSED void **state)
{
    stage_steps_end();
    return 0;
}

static void assert_steps(guint i, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void assert_steps(guint i, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *expected = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autoptr(GError) error = NULL;
    g_string_truncate(stage_steps, 0);
    assert_int_equal(stages[i].perform(NULL, NULL, &error), !now.fails);
    assert_string_equal(stage_steps->str, expected);
}

static void each_stage_schedules_its_jobs_and_names_the_next(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(stages); i++)
        assert_steps(i, "schedule %s; advance {\"w\":1} %s", stages[i].schedules, stages[i].next);
}

static void with_extended_events_each_stage_only_advances(G_GNUC_UNUSED void **state)
{
    stage_data.extended_events = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(stages); i++)
        assert_steps(i, "advance {} %s", stages[i].next);
}

static void a_stage_that_fails_does_not_advance(G_GNUC_UNUSED void **state)
{
    now.fails = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(stages); i++)
        assert_steps(i, "schedule %s; ", stages[i].schedules);
}

/* An import of theirs in which these stages are to take part. */
static void where_issue_events_are_refused_comments_have_their_stage(G_GNUC_UNUSED void **state)
{
    stage_data.issue_events_refused = TRUE;
    assert_true(import_issue_events_perform(NULL, NULL, NULL));
    assert_string_equal(stage_steps->str, "advance {} notes");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_stage_schedules_its_jobs_and_names_the_next),
        TEST(with_extended_events_each_stage_only_advances),
        TEST(a_stage_that_fails_does_not_advance),
        TEST(where_issue_events_are_refused_comments_have_their_stage),
    };
    return cmocka_run_group_tests_name("older_stages", tests, NULL, NULL);
}
