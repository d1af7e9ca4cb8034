/* Whether the import that a job works for still runs, asked again while it works. */
#include "importers/gitlab/import_watch.h"

#include "importers/gitlab/import_state.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/gitlab_context.h"

#include <unistd.h>

#define ENDED_LINE "Project import is no longer running. Stopping worker."

typedef struct Fixture {
    GitlabContext gitlab;
    WorkerRegistry *registry;
    ImportWatch watch;
} Fixture;

static const WorkerClass CLASSES[] = {
    {.name = "Projects::ImportExport::ImportCompletionNotificationWorker", .retry = 3},
    {0},
};

static void set_status(const char *status)
{
    g_autofree char *sql = g_strdup_printf("UPDATE project_mirror_data SET status = '%s'", status);
    g_autofree char *output = private_gitlab_sql(sql);
}

/* One GitLab for all tests; each begins with a watch on an import that runs. */
static int set_up(void **state)
{
    static const WorkerClass *const tables[] = {CLASSES};
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->registry = worker_registry_new(tables, 1);
    gitlab_context_begin(&fixture->gitlab, fixture->registry);
    *state = fixture;
    return 0;
}

static int begin(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *as_new = private_gitlab_sql("DELETE FROM project_mirror_data;"
                                                 "INSERT INTO project_mirror_data (project_id, status)"
                                                 " SELECT id, 'started' FROM projects");
    import_watch_begin(&fixture->watch, fixture->gitlab.session, fixture->gitlab.project->id);
    return 0;
}

static int end(void **state)
{
    Fixture *fixture = *state;
    import_watch_clear(&fixture->watch);
    g_atomic_int_set(&fixture->gitlab.stopping, 0);
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    gitlab_context_end(&fixture->gitlab);
    worker_registry_free(fixture->registry);
    g_free(fixture);
    return 0;
}

/* As if the time of the next look had come. */
static gboolean work_stops(Fixture *fixture)
{
    fixture->watch.next_look = 0;
    return session_stopping(fixture->gitlab.session);
}

static void work_goes_on_while_the_import_runs(void **state)
{
    Fixture *fixture = *state;
    static const char *const running[] = {"none", "scheduled", "started"};
    for (guint i = 0; i < G_N_ELEMENTS(running); i++) {
        set_status(running[i]);
        assert_false(work_stops(fixture));
    }
    g_autofree char *no_row = private_gitlab_sql("DELETE FROM project_mirror_data");
    assert_false(work_stops(fixture));
    assert_true(import_watch_check(fixture->gitlab.session, NULL));
}

static void work_stops_when_the_import_has_ended(void **state)
{
    Fixture *fixture = *state;
    Session *session = fixture->gitlab.session;
    static const char *const ended[] = {"canceled", "failed", "finished"};
    for (guint i = 0; i < G_N_ELEMENTS(ended); i++) {
        g_autoptr(GError) error = NULL;
        import_watch_begin(&fixture->watch, session, fixture->gitlab.project->id);
        set_status(ended[i]);
        assert_true(work_stops(fixture));
        assert_false(session_check_stopping(session, &error));
        assert_error(error, JOB_ERROR, JOB_ERROR_OBSOLETE);
    }
}

static void work_stops_when_the_project_is_deleted(void **state)
{
    Fixture *fixture = *state;
    import_watch_begin(&fixture->watch, fixture->gitlab.session, 4711);
    assert_true(work_stops(fixture));
}

static void the_end_is_final(void **state)
{
    Fixture *fixture = *state;
    set_status("canceled");
    assert_true(work_stops(fixture));
    set_status("started");
    assert_true(work_stops(fixture));
}

static void a_job_of_less_than_two_seconds_does_not_look(void **state)
{
    Fixture *fixture = *state;
    gint64 due = fixture->watch.next_look - g_get_monotonic_time();
    assert_true(due <= 2 * G_USEC_PER_SEC);
    set_status("canceled");
    fixture->watch.next_look = G_MAXINT64;
    assert_false(session_stopping(fixture->gitlab.session));
}

static void what_enqueues_looks_at_once(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    set_status("canceled");
    fixture->watch.next_look = G_MAXINT64;
    assert_false(import_watch_check(fixture->gitlab.session, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_OBSOLETE);
}

static void nobody_looks_within_a_transaction(void **state)
{
    Fixture *fixture = *state;
    Database *database = session_database(fixture->gitlab.session);
    set_status("canceled");
    assert_true(database_begin(database, NULL));
    assert_false(work_stops(fixture));
    assert_true(import_watch_check(fixture->gitlab.session, NULL));
    assert_true(database_commit(database, NULL));
    assert_true(work_stops(fixture));
}

static void a_look_that_fails_says_nothing(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *hidden = private_gitlab_sql("ALTER TABLE project_mirror_data RENAME TO hidden");
    assert_false(work_stops(fixture));
    assert_true(fixture->watch.next_look > g_get_monotonic_time());
    g_autofree char *shown = private_gitlab_sql("ALTER TABLE hidden RENAME TO project_mirror_data");
    set_status("canceled");
    assert_true(work_stops(fixture));
}

static void a_process_that_stops_comes_first(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    set_status("canceled");
    assert_true(work_stops(fixture));
    g_atomic_int_set(&fixture->gitlab.stopping, 1);
    assert_false(session_check_stopping(fixture->gitlab.session, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
}

static void a_failure_after_the_end_is_none(void **state)
{
    Fixture *fixture = *state;
    Session *session = fixture->gitlab.session;
    g_autoptr(GError) failure = g_error_new_literal(PROJECT_ERROR, PROJECT_ERROR_NOT_FOUND, "gone");
    g_autoptr(GError) interruption = g_error_new_literal(JOB_ERROR, JOB_ERROR_INTERRUPTED, "stopping");
    g_autoptr(GError) obsolete = g_error_new_literal(JOB_ERROR, JOB_ERROR_OBSOLETE, "ended");
    assert_false(import_watch_explains(session, failure));
    set_status("canceled");
    assert_true(import_watch_explains(session, failure));
    assert_true(import_watch_explains(session, obsolete));
    assert_false(import_watch_explains(session, interruption));
}

static void nothing_is_watched_once_the_watch_is_cleared(void **state)
{
    Fixture *fixture = *state;
    set_status("canceled");
    assert_true(work_stops(fixture));
    import_watch_clear(&fixture->watch);
    assert_false(session_stopping(fixture->gitlab.session));
    assert_true(import_watch_check(fixture->gitlab.session, NULL));
}

static void a_job_that_finishes_the_import_itself_goes_on(void **state)
{
    Fixture *fixture = *state;
    Session *session = fixture->gitlab.session;
    g_autoptr(json_t) checksums = json_pack("{s:{}, s:{}}", "fetched", "imported");
    gboolean finished;
    assert_true(import_state_finish(session, fixture->gitlab.project, checksums, &finished, NULL));
    assert_true(finished);
    assert_false(work_stops(fixture));
    assert_true(import_watch_check(session, NULL));
}

static void a_job_that_fails_the_import_itself_goes_on(void **state)
{
    Fixture *fixture = *state;
    Session *session = fixture->gitlab.session;
    assert_true(import_state_fail(session, fixture->gitlab.project->id, "it went wrong", NULL));
    assert_false(work_stops(fixture));
    assert_true(import_watch_check(session, NULL));
}

/* Refused by a state that somebody else has set: the work is as obsolete as before. */
static void a_job_that_comes_too_late_to_finish_the_import_stops(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(json_t) checksums = json_pack("{s:{}, s:{}}", "fetched", "imported");
    gboolean finished;
    set_status("canceled");
    assert_true(
        import_state_finish(fixture->gitlab.session, fixture->gitlab.project, checksums, &finished, NULL));
    assert_false(finished);
    assert_true(work_stops(fixture));
}

static void the_end_is_logged_once_with_the_status(void **state)
{
    Fixture *fixture = *state;
    char text[4096] = "";
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    set_status("canceled");
    log_configure(ends[1], LOG_INFO);
    assert_true(work_stops(fixture));
    assert_false(import_watch_check(fixture->gitlab.session, NULL));
    log_configure(-1, LOG_INFO);
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    g_autoptr(json_t) line = json_parse(text, strlen(text), NULL); /* no second one */
    assert_non_null(line);
    assert_string_equal(json_string_field(line, "message"), ENDED_LINE);
    assert_string_equal(json_string_field(line, "import_status"), "canceled");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(work_goes_on_while_the_import_runs),
        TEST(work_stops_when_the_import_has_ended),
        TEST(work_stops_when_the_project_is_deleted),
        TEST(the_end_is_final),
        TEST(a_job_of_less_than_two_seconds_does_not_look),
        TEST(what_enqueues_looks_at_once),
        TEST(nobody_looks_within_a_transaction),
        TEST(a_look_that_fails_says_nothing),
        TEST(a_process_that_stops_comes_first),
        TEST(a_failure_after_the_end_is_none),
        TEST(nothing_is_watched_once_the_watch_is_cleared),
        TEST(a_job_that_finishes_the_import_itself_goes_on),
        TEST(a_job_that_fails_the_import_itself_goes_on),
        TEST(a_job_that_comes_too_late_to_finish_the_import_stops),
        TEST(the_end_is_logged_once_with_the_status),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
