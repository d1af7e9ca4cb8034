/* What all jobs that import one object have in common, shown with an importer that writes labels. */
#include "importers/objects/object_importer.h"

#include "importers/gitlab/import_watch.h"
#include "importers/objects/representation.h"
#include "protocol/log.h"
#include "spec/support/object_import.h"

#include <fcntl.h>

#define CLASS    "Gitlab::GithubImport::ImportLabelWorker"
#define IMPORTER "Gitlab::GithubImport::Importer::LabelImporter"

static const TableColumns label_table = {
    .table = "labels",
    .columns = COLUMNS("id", "project_id", "title", "color", "type", "created_at", "updated_at", "template",
                       "lock_on_merge", "archived"),
};
static const RowTable labels = {.columns = &label_table, .sequence = "labels_id_seq"};
static const RowTable *const tables[] = {&labels, NULL};

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:O}", "title", json_object_get(representation, "title"));
}

static char *receipt(const json_t *representation)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(representation, "id", 0));
}

/* Somebody cancels the import, and the work notices it. */
static gboolean cancel(ObjectBatch *batch, GError **error)
{
    g_autofree char *canceled = private_gitlab_sql("UPDATE project_mirror_data SET status = 'canceled'");
    batch->session->import_watch->next_look = 0;
    return session_check_stopping(batch->session, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const char *title = json_string_field(object->representation, "title");
    const FoundUser author = {.user_id = 2, .source_user_id = 31};
    gint64 id;
    if (!title) {
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                            "Validation failed: Title can't be blank");
        return FALSE;
    }
    if (g_str_equal(title, "limited")) {
        g_set_error_literal(error, USER_FINDER_ERROR, USER_FINDER_ERROR_LOCK, "the lease is taken");
        return FALSE;
    }
    if (g_str_equal(title, "canceled") && !cancel(batch, error))
        return FALSE;
    if (!object_next_id(batch, &labels, &id, error))
        return FALSE;
    object_insert(object, &labels,
                  json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b}", "id", (json_int_t)id,
                            "project_id", (json_int_t)batch->project->id, "title", title, "color", "#ffffff",
                            "type", "ProjectLabel", "created_at", batch->now, "updated_at", batch->now,
                            "template", 0, "lock_on_merge", 0, "archived", 0));
    object_refer(batch, object, &author, "Label", id, "author_id");
    return TRUE;
}

static guint n_committed;

static gboolean committed(ObjectBatch *batch, G_GNUC_UNUSED GError **error)
{
    n_committed += batch->objects->len;
    return TRUE;
}

static const ObjectImporter label_importer = {
    .class_name = IMPORTER,
    .object_type = "label",
    .identifiers = identifiers,
    .receipt = receipt,
    .build = build,
    .committed = committed,
    .tables = tables,
};

static int set_up(void **state)
{
    n_committed = 0;
    *state = object_import_new(CLASS, &label_importer, NULL, "{}");
    return 0;
}

static void assert_notified(const char *expected)
{
    assert_redis(expected, "LLEN", OBJECT_WAITER);
}

static void a_batch_writes_rows_references_counters_and_tells_the_waiter(void **state)
{
    ObjectImport *import = *state;
    const char *const jobs[] = {"{\"id\":1,\"title\":\"one\"}", "{\"id\":2,\"title\":\"two\"}", NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql("SELECT string_agg(title, ',' ORDER BY id) FROM labels", "one,two");
    g_autofree char *key = g_strdup_printf("cache:gitlab:placeholder-references:github:%" G_GINT64_FORMAT,
                                           import->project->import_state_id);
    assert_redis("2", "SCARD", key);
    object_import_assert_counted(import, "label", "2");
    assert_notified("2");
    assert_ttl(OBJECT_WAITER, 604800);
    assert_int_equal(n_committed, 2);
}

static void a_job_executed_twice_has_its_effects_once(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0; /* the same jid */
        object_import_succeeds(import, "{\"id\":1,\"title\":\"one\"}");
    }
    assert_sql("SELECT count(*) FROM labels", "1");
    object_import_assert_counted(import, "label", "1");
    assert_notified("1");
    assert_int_equal(n_committed, 2);
}

static void references_lost_after_the_commit_are_pushed_again(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(import, "{\"id\":1,\"title\":\"one\"}");
    g_autofree char *pushed = object_import_references(import);
    g_autofree char *lost = private_gitlab_redis("FLUSHALL", NULL);
    object_import_succeeds(import, "{\"id\":1,\"title\":\"one\"}");
    g_autofree char *again = object_import_references(import);
    assert_string_equal(again, pushed);
    assert_non_null(strstr(again, "\"Label\""));
}

static void an_object_that_fails_leaves_no_reference(void **state)
{
    ObjectImport *import = *state;
    g_autofree char *taken = private_gitlab_sql("INSERT INTO labels (title, color, project_id, type)"
                                                " SELECT 'one', '#000000', id, 'ProjectLabel' FROM projects");
    g_autoptr(GError) error = object_import_perform(import, "{\"id\":1,\"title\":\"one\"}");
    assert_error(error, DATABASE_ERROR, DATABASE_ERROR_UNIQUE);
    g_autofree char *references = object_import_references(import);
    assert_string_equal(references, "");
}

static void an_object_scheduled_twice_is_written_once_and_reported_twice(void **state)
{
    ObjectImport *import = *state;
    const char *const jobs[] = {"{\"id\":1,\"title\":\"one\"}", "{\"id\":1,\"title\":\"one\"}", NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    assert_null(errors->pdata[1]);
    assert_sql("SELECT count(*) FROM labels", "1");
    object_import_assert_counted(import, "label", "1");
    assert_notified("2");
}

static void only_the_guilty_one_of_a_batch_fails(void **state)
{
    ObjectImport *import = *state;
    const char *const jobs[] = {"{\"id\":1,\"title\":\"one\"}", "{\"id\":2,\"title\":\"one\"}",
                                "{\"id\":3,\"title\":\"three\"}", NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    assert_null(errors->pdata[0]);
    assert_error((GError *)errors->pdata[1], DATABASE_ERROR, DATABASE_ERROR_UNIQUE);
    assert_null(errors->pdata[2]);
    assert_sql("SELECT string_agg(title, ',' ORDER BY id) FROM labels", "one,three");
    assert_sql(
        "SELECT source, exception_class, external_identifiers, retry_count IS NULL FROM import_failures",
        IMPORTER "|ActiveRecord::RecordNotUnique|{\"title\": \"one\", \"object_type\": \"label\"}|t");
    object_import_assert_counted(import, "label", "2");
    assert_notified("2");
}

static void a_failure_is_recorded_on_every_attempt(void **state)
{
    ObjectImport *import = *state;
    g_autofree char *taken = private_gitlab_sql("INSERT INTO labels (title, color, project_id, type) SELECT "
                                                "'one', '#000000', id, 'ProjectLabel' FROM projects");
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GError) error = object_import_perform(import, "{\"id\":1,\"title\":\"one\"}");
        assert_error(error, DATABASE_ERROR, DATABASE_ERROR_UNIQUE);
    }
    assert_sql("SELECT count(*) FROM import_failures", "2");
    assert_notified("0");
}

static void an_invalid_object_is_recorded_once_and_counts_as_done(void **state)
{
    ObjectImport *import = *state;
    const char *const jobs[] = {"{\"id\":1,\"title\":null}", "{\"id\":2,\"title\":\"two\"}", NULL};
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0;
        g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
        assert_null(errors->pdata[0]);
        assert_null(errors->pdata[1]);
    }
    assert_sql("SELECT exception_class, exception_message FROM import_failures",
               "ActiveRecord::RecordInvalid|Validation failed: Title can't be blank");
    assert_sql("SELECT title FROM labels", "two");
    object_import_assert_counted(import, "label", "1");
    assert_notified("2");
}

static void a_taken_lease_enqueues_the_same_job_again_and_tells_nobody(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(import, "{\"id\":1,\"title\":\"limited\"}");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_notified("0");
    g_autofree char *scheduled = private_gitlab_redis("ZRANGE", "schedule", "0", "-1", NULL);
    assert_non_null(strstr(scheduled, "\"jid\":\"000000000000000000000001\""));
    assert_non_null(strstr(scheduled, OBJECT_WAITER));
    g_autofree char *key = object_import_key(import, "github-importer/enqueued_job_count", "label");
    assert_redis("1", "GET", key);
    assert_ttl(key, 86400);
}

static void an_import_that_ended_only_tells_the_waiter(void **state)
{
    ObjectImport *import = *state;
    g_autofree char *failed = private_gitlab_sql("UPDATE project_mirror_data SET status = 'canceled'");
    object_import_succeeds(import, "{\"id\":1,\"title\":\"one\"}");
    assert_sql("SELECT count(*) FROM labels", "0");
    assert_notified("1");
}

static void an_import_that_ends_meanwhile_keeps_what_it_has_and_enqueues_nothing(void **state)
{
    ObjectImport *import = *state;
    const char *const jobs[] = {"{\"id\":1,\"title\":\"one\"}", "{\"id\":2,\"title\":\"canceled\"}",
                                "{\"id\":3,\"title\":\"limited\"}", "{\"id\":4}", NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    for (guint i = 0; i < errors->len; i++)
        assert_null(errors->pdata[i]);
    assert_sql("SELECT title FROM labels", "one");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_redis("0", "EXISTS", "schedule");
    assert_notified("4");
}

static void a_vanished_project_only_tells_the_waiter(void **state)
{
    ObjectImport *import = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Job) job = job_parse(
        "{\"class\":\"" CLASS "\",\"args\":[4711,{\"id\":1,\"title\":\"one\"},\"" OBJECT_WAITER
        "\"],\"jid\":\"000000000000000000000001\"}",
        strlen("{\"class\":\"" CLASS "\",\"args\":[4711,{\"id\":1,\"title\":\"one\"},\"" OBJECT_WAITER
               "\"],\"jid\":\"000000000000000000000001\"}"),
        "github_importer", &error);
    import->session->worker = &import->classes[0];
    assert_true(object_importer_perform(import->session, job, &error));
    assert_notified("1");
}

static void arguments_of_another_shape_are_an_error(void **state)
{
    ObjectImport *import = *state;
    g_autoptr(GError) error = object_import_perform(import, "7");
    assert_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS);
}

static void exhausted_retries_tell_the_waiter(void **state)
{
    ObjectImport *import = *state;
    g_autoptr(Job) job = object_import_job(import, "000000000000000000000001", "{}");
    import->session->worker = &import->classes[0];
    object_importer_retries_exhausted(import->session, job, NULL);
    assert_notified("1");
}

static void without_receipts_rows_are_written_all_the_same(void **state)
{
    ObjectImport *import = *state;
    private_gitlab_configuration()->receipts = FALSE;
    object_import_succeeds(import, "{\"id\":1,\"title\":\"one\"}");
    assert_sql("SELECT count(*) FROM labels", "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, object_import_tear_down)

int main(void)
{
    int null = open("/dev/null", O_WRONLY);
    const struct CMUnitTest tests[] = {
        TEST(a_batch_writes_rows_references_counters_and_tells_the_waiter),
        TEST(a_job_executed_twice_has_its_effects_once),
        TEST(references_lost_after_the_commit_are_pushed_again),
        TEST(an_object_that_fails_leaves_no_reference),
        TEST(an_object_scheduled_twice_is_written_once_and_reported_twice),
        TEST(only_the_guilty_one_of_a_batch_fails),
        TEST(a_failure_is_recorded_on_every_attempt),
        TEST(an_invalid_object_is_recorded_once_and_counts_as_done),
        TEST(a_taken_lease_enqueues_the_same_job_again_and_tells_nobody),
        TEST(an_import_that_ended_only_tells_the_waiter),
        TEST(an_import_that_ends_meanwhile_keeps_what_it_has_and_enqueues_nothing),
        TEST(a_vanished_project_only_tells_the_waiter),
        TEST(arguments_of_another_shape_are_an_error),
        TEST(exhausted_retries_tell_the_waiter),
        TEST(without_receipts_rows_are_written_all_the_same),
    };
    log_configure(null, LOG_INFO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
