/* The stage of issues and diff notes: what it schedules in which GitLab, in which order, and what follows. */
#include "importers/gitlab/people_mode.h"
#include "importers/objects/diff_note_collection.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/stage_steps.h"

static struct {
    gboolean newest, cut;
    const char *fails; /* the collection that cannot be scheduled */
} now;

gboolean __wrap_people_mode_is_newest(const Session *session);
gboolean __wrap_parallel_scheduling_run(Stage *stage, const ObjectCollection *collection, json_t *waiters,
                                        GError **error);
gboolean __wrap_parallel_scheduling_run_parents(Stage *stage, const ObjectCollection *collection,
                                                const ParentCollection *const *parents, json_t *waiters,
                                                GError **error);
gboolean __wrap_parallel_scheduling_run_limited(Stage *stage, const ObjectCollection *collection,
                                                json_t *waiters, gboolean *cut, GError **error);

gboolean __wrap_people_mode_is_newest(G_GNUC_UNUSED const Session *session)
{
    return now.newest;
}

static gboolean schedule(const ObjectCollection *collection, json_t *waiters, GError **error)
{
    g_string_append_printf(stage_steps, "%s; ", collection->name);
    if (g_strcmp0(collection->name, now.fails) == 0) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "refused");
        return FALSE;
    }
    json_object_set_new(waiters, collection->name, json_integer(1));
    return TRUE;
}

gboolean __wrap_parallel_scheduling_run(G_GNUC_UNUSED Stage *stage, const ObjectCollection *collection,
                                        json_t *waiters, GError **error)
{
    return schedule(collection, waiters, error);
}

gboolean __wrap_parallel_scheduling_run_parents(G_GNUC_UNUSED Stage *stage,
                                                const ObjectCollection *collection,
                                                const ParentCollection *const *parents, json_t *waiters,
                                                GError **error)
{
    assert_ptr_equal(parents[0], &diff_notes_parents);
    assert_null(parents[1]);
    return schedule(collection, waiters, error);
}

gboolean __wrap_parallel_scheduling_run_limited(G_GNUC_UNUSED Stage *stage,
                                                const ObjectCollection *collection, json_t *waiters,
                                                gboolean *cut, GError **error)
{
    *cut = now.cut;
    return schedule(collection, waiters, error);
}

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

static void assert_steps(const char *expected)
{
    g_autoptr(GError) error = NULL;
    assert_int_equal(import_issues_and_diff_notes_perform(NULL, NULL, &error), now.fails == NULL);
    assert_int_equal(error == NULL, now.fails == NULL);
    assert_string_equal(stage_steps->str, expected);
}

static void diff_notes_follow_issues_and_issue_events_wait_for_both(G_GNUC_UNUSED void **state)
{
    now.newest = TRUE;
    assert_steps("issues; pull_request_comments; "
                 "advance {\"issues\":1,\"pull_request_comments\":1} issue_events");
}

static void an_older_gitlab_lists_the_comments_of_the_repository(G_GNUC_UNUSED void **state)
{
    assert_steps("issues; pull_requests_comments; "
                 "advance {\"issues\":1,\"pull_requests_comments\":1} issue_events");
}

static void its_setting_chooses_the_single_endpoint(G_GNUC_UNUSED void **state)
{
    stage_data.single_endpoint_notes_import = TRUE;
    assert_steps("issues; pull_request_comments; "
                 "advance {\"issues\":1,\"pull_request_comments\":1} issue_events");
}

static void what_github_does_not_list_there_follows(G_GNUC_UNUSED void **state)
{
    now.cut = TRUE;
    assert_steps("issues; pull_requests_comments; pull_request_comments; advance "
                 "{\"issues\":1,\"pull_requests_comments\":1,\"pull_request_comments\":1} issue_events");
}

static void a_stage_that_fails_does_not_advance(G_GNUC_UNUSED void **state)
{
    now.newest = TRUE;
    now.fails = "issues";
    assert_steps("issues; ");
    g_string_truncate(stage_steps, 0);
    now.fails = "pull_request_comments";
    assert_steps("issues; pull_request_comments; ");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(diff_notes_follow_issues_and_issue_events_wait_for_both),
        TEST(an_older_gitlab_lists_the_comments_of_the_repository),
        TEST(its_setting_chooses_the_single_endpoint),
        TEST(what_github_does_not_list_there_follows),
        TEST(a_stage_that_fails_does_not_advance),
    };
    return cmocka_run_group_tests_name("import_issues_and_diff_notes", tests, NULL, NULL);
}
