/* Failures, and the receipts that keep them from being recorded twice. */
#include "importers/gitlab/import_failure.h"

#include "importers/gitlab/receipts.h"
#include "protocol/log.h"
#include "spec/support/private_gitlab.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROW_SQL                                                                                              \
    "SELECT project_id, source, exception_class, exception_message, retry_count, external_identifiers,"      \
    " length(correlation_id_value), created_at > now() - interval '1 minute' FROM import_failures"

static const WorkerClass CLASSES[] = {
    {.name = "Projects::ImportExport::ImportCompletionNotificationWorker", .retry = 3},
    {0},
};

static WorkerRegistry *registry;
static gint64 project_id;

static int set_up(void **state)
{
    static const WorkerClass *const tables[] = {CLASSES};
    private_gitlab_reset();
    private_gitlab_configuration()->receipts = TRUE;
    g_autofree char *dropped =
        private_gitlab_sql("SET client_min_messages = error; DROP SCHEMA IF EXISTS hubferry CASCADE");
    project_id = private_gitlab_integer("SELECT spec.create_project('imports', 'rocket', 'acme/rocket', "
                                        "'https://github.com/acme/rocket.git', '{}',"
                                        " NULL, NULL, NULL)");
    registry = worker_registry_new(tables, 1);
    Session *session = session_new(private_gitlab_configuration(), registry, NULL, NULL);
    assert_true(receipts_install(session_database(session), NULL));
    *state = session;
    return 0;
}

static int tear_down(void **state)
{
    session_free(*state);
    worker_registry_free(registry);
    return 0;
}

static void a_failure_becomes_a_row(void **state)
{
    g_autoptr(json_t) identifiers = json_pack("{s:i, s:s}", "iid", 7, "object_type", "issue");
    ImportFailure failure = {
        .project_id = project_id,
        .source = "Gitlab::GithubImport::Importer::IssueImporter",
        .exception_class = "ActiveRecord::RecordInvalid",
        .exception_message = "Title can't be blank",
        .external_identifiers = identifiers,
    };
    assert_true(import_failure_track(*state, &failure, NULL));
    g_autofree char *expected = g_strdup_printf(
        "%" G_GINT64_FORMAT "|Gitlab::GithubImport::Importer::IssueImporter|ActiveRecord::RecordInvalid|"
        "Title can't be blank||{\"iid\": 7, \"object_type\": \"issue\"}|32|t",
        project_id);
    assert_sql(ROW_SQL, expected);
    assert_sql("SELECT status FROM project_mirror_data", "scheduled");
}

static void texts_are_cut_to_the_columns_limits(void **state)
{
    g_autofree char *long_name = g_strnfill(200, 'n');
    g_autoptr(GString) long_message = g_string_new(NULL);
    for (guint i = 0; i < 300; i++)
        g_string_append(long_message, "\xc3\xa9");
    ImportFailure failure = {.project_id = project_id,
                             .source = long_name,
                             .exception_class = long_name,
                             .exception_message = long_message->str};
    assert_true(import_failure_track(*state, &failure, NULL));
    assert_sql("SELECT length(source), length(exception_class), length(exception_message),"
               " right(exception_message, 4) FROM import_failures",
               "128|128|255|\xc3\xa9...");
}

static void a_failed_import_is_a_hard_failure(void **state)
{
    g_autoptr(GError) cause = g_error_new_literal(DATABASE_ERROR, DATABASE_ERROR_UNIQUE, "https://a:b@c");
    assert_true(import_failure_track_error(*state, project_id, "Stage", cause, TRUE, NULL));
    assert_sql("SELECT exception_class, retry_count FROM import_failures", "ActiveRecord::RecordNotUnique|0");
    assert_sql("SELECT status, last_error FROM project_mirror_data", "failed|https://*****:*****@c");
}

static void a_vanished_project_is_an_error(void **state)
{
    g_autoptr(GError) error = NULL;
    ImportFailure failure = {
        .project_id = 4711, .source = "s", .exception_class = "c", .exception_message = "m"};
    assert_false(import_failure_track(*state, &failure, &error));
    assert_true(g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_FOREIGN_KEY));
}

static void a_receipt_records_a_failure_once(void **state)
{
    ImportFailure failure = {.project_id = project_id,
                             .source = "s",
                             .exception_class = "c",
                             .exception_message = "m",
                             .receipt = "issue/7"};
    for (guint i = 0; i < 3; i++)
        assert_true(import_failure_track(*state, &failure, NULL));
    assert_sql("SELECT count(*) FROM import_failures", "1");
    failure.receipt = NULL;
    assert_true(import_failure_track(*state, &failure, NULL));
    assert_sql("SELECT count(*) FROM import_failures", "2");
}

static void without_receipts_every_failure_is_recorded(void **state)
{
    private_gitlab_configuration()->receipts = FALSE;
    ImportFailure failure = {.project_id = project_id,
                             .source = "s",
                             .exception_class = "c",
                             .exception_message = "m",
                             .receipt = "issue/7"};
    for (guint i = 0; i < 2; i++)
        assert_true(import_failure_track(*state, &failure, NULL));
    assert_sql("SELECT count(*) FROM import_failures", "2");
    assert_sql("SELECT count(*) FROM hubferry.receipts", "0");
}

static void receipts_are_kept_per_project_and_kind(void **state)
{
    gboolean first;
    assert_true(receipts_record(*state, 1, "note", "a", &first, NULL) && first);
    assert_true(receipts_record(*state, 1, "note", "a", &first, NULL) && !first);
    assert_true(receipts_record(*state, 1, "event", "a", &first, NULL) && first);
    assert_true(receipts_record(*state, 2, "note", "a", &first, NULL) && first);
    assert_true(receipts_record(*state, 1, "note", "b", NULL, NULL));
    g_autoptr(GPtrArray) keys = receipts_keys(*state, 1, "note", NULL);
    assert_int_equal(keys->len, 2);
    assert_string_equal(g_ptr_array_index(keys, 1), "b");
    assert_true(receipts_prune(*state, 1, NULL));
    assert_sql("SELECT project_id, kind, key, jid FROM hubferry.receipts", "2|note|a|");
}

static void a_receipt_is_rolled_back_with_its_rows(void **state)
{
    gboolean first;
    Database *database = session_database(*state);
    assert_true(database_begin(database, NULL));
    assert_true(receipts_record(*state, 1, "note", "a", &first, NULL) && first);
    database_rollback(database);
    assert_true(receipts_record(*state, 1, "note", "a", &first, NULL) && first);
}

static gpointer install(G_GNUC_UNUSED gpointer data)
{
    const Configuration *configuration = private_gitlab_configuration();
    g_autoptr(Database) database = database_new((const char *const *)configuration->database_keywords,
                                                (const char *const *)configuration->database_values, TRUE);
    return GINT_TO_POINTER(receipts_install(database, NULL));
}

static void processes_may_install_the_table_at_the_same_time(G_GNUC_UNUSED void **state)
{
    g_autofree char *dropped =
        private_gitlab_sql("SET client_min_messages = error; DROP SCHEMA hubferry CASCADE");
    GThread *threads[8];
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("install", install, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_true(GPOINTER_TO_INT(g_thread_join(threads[i])));
    assert_sql("SELECT count(*) FROM hubferry.receipts", "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(a_failure_becomes_a_row),
        TEST(texts_are_cut_to_the_columns_limits),
        TEST(a_failed_import_is_a_hard_failure),
        TEST(a_vanished_project_is_an_error),
        TEST(a_receipt_records_a_failure_once),
        TEST(without_receipts_every_failure_is_recorded),
        TEST(receipts_are_kept_per_project_and_kind),
        TEST(a_receipt_is_rolled_back_with_its_rows),
        TEST(processes_may_install_the_table_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
