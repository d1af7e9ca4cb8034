/* The stage of attachments: what it schedules, in which order, and what follows. */
#include "importers/objects/note_text.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/stage_steps.h"

#include <glib/gstdio.h>
#include <unistd.h>

static const char *fails; /* the collection that cannot be scheduled */

gboolean __wrap_parallel_scheduling_run_records(Stage *stage, const RecordCollection *collection,
                                                json_t *waiters, GError **error);
gboolean __wrap_parallel_scheduling_run_records(G_GNUC_UNUSED Stage *stage,
                                                const RecordCollection *collection, json_t *waiters,
                                                GError **error)
{
    const char *name = collection->objects.name;
    g_string_append_printf(stage_steps, "%s; ", name);
    if (g_strcmp0(name, fails) == 0) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "refused");
        return FALSE;
    }
    json_object_set_new(waiters, name, json_integer(1));
    return TRUE;
}

static int set_up(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    fails = NULL;
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
    assert_int_equal(import_attachments_perform(NULL, NULL, &error), fails == NULL);
    assert_int_equal(error == NULL, fails == NULL);
    assert_string_equal(stage_steps->str, expected);
}

static void protected_branches_wait_for_releases_notes_issues_and_merge_requests(G_GNUC_UNUSED void **state)
{
    stage_data.attachments_import = TRUE;
    assert_steps("release_attachments; note_attachments; issue_attachments; merge_request_attachments; "
                 "advance {\"release_attachments\":1,\"note_attachments\":1,\"issue_attachments\":1,"
                 "\"merge_request_attachments\":1} protected_branches");
}

static void where_they_are_not_wanted_they_follow_at_once(G_GNUC_UNUSED void **state)
{
    assert_steps("advance {} protected_branches");
}

static void a_stage_that_fails_does_not_advance(G_GNUC_UNUSED void **state)
{
    stage_data.attachments_import = TRUE;
    fails = "note_attachments";
    assert_steps("release_attachments; note_attachments; ");
}

/* What the stage writes to the log. (transfer full) */
static char *log_of_stage(void)
{
    g_autofree char *path = NULL, *text = NULL;
    int file = g_file_open_tmp("log-XXXXXX", &path, NULL);
    log_configure(file, LOG_INFO);
    assert_true(import_attachments_perform(NULL, NULL, NULL));
    log_configure(-1, LOG_FATAL);
    close(file);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_unlink(path);
    return g_steal_pointer(&text);
}

static void the_log_names_the_importers_as_gitlabs_does(G_GNUC_UNUSED void **state)
{
    const char *const importers[] = {"Releases", "Notes", "Issues", "MergeRequests"};
    stage_data.attachments_import = TRUE;
    g_autofree char *log = log_of_stage();
    for (gsize i = 0; i < G_N_ELEMENTS(importers); i++) {
        g_autofree char *field = g_strdup_printf(
            "\"importer\":\"Gitlab::GithubImport::Importer::Attachments::%sImporter\"", importers[i]);
        assert_non_null(strstr(log, field));
    }
    assert_non_null(strstr(log, "\"message\":\"starting importer\""));
}

static void the_log_says_that_they_are_not_wanted(G_GNUC_UNUSED void **state)
{
    g_autofree char *log = log_of_stage();
    assert_non_null(strstr(log, "\"message\":\"skipping importer\""));
    assert_non_null(strstr(log, "\"importer\":\"Attachments\""));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(protected_branches_wait_for_releases_notes_issues_and_merge_requests),
        TEST(where_they_are_not_wanted_they_follow_at_once),
        TEST(a_stage_that_fails_does_not_advance),
        TEST(the_log_names_the_importers_as_gitlabs_does),
        TEST(the_log_says_that_they_are_not_wanted),
    };
    return cmocka_run_group_tests_name("import_attachments", tests, NULL, NULL);
}
