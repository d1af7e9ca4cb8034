/* Who merged a merge request, by the stage of GitLabs up to 17.x. */
#include "importers/objects/pull_requests/merged_by.h"

#include "importers/objects/issue_event.h"
#include "protocol/log.h"
#include "spec/support/captured_collection.h"
#include "spec/support/pull_request_import.h"

#include <fcntl.h>

#define CLASS "Gitlab::GithubImport::PullRequests::ImportMergedByWorker"
#define MONA  "{\"id\":501,\"login\":\"mona\"}"
#define JOB                                                                                                  \
    "{\"iid\":15,\"title\":\"Mend it\",\"merged_at\":\"2024-02-01 10:00:00 UTC\",\"merged_by\":" MONA "}"
/* The same from the timeline. */
#define EVENT                                                                                                \
    "{\"id\":9001,\"event\":\"merged\",\"actor\":" MONA ",\"created_at\":\"2024-02-01 10:00:00 UTC\","       \
    "\"issue\":{\"number\":15,\"pull_request\":true}}"

static int create(void **state)
{
    *state = pull_request_import_new(CLASS, &merged_by_importer, "{}");
    return 0;
}

static int clear(void **state)
{
    pull_request_import_clear(*state);
    return 0;
}

static void assert_metrics(const char *expected)
{
    assert_sql("SELECT merge_request_id = (SELECT id FROM merge_requests WHERE iid = 15), target_project_id ="
               " (SELECT id FROM projects), u.username, merged_at, m.created_at > now() - interval '1 hour',"
               " m.updated_at = m.created_at FROM merge_request_metrics m LEFT JOIN users u"
               " ON u.id = merged_by_id",
               expected);
}

static void who_merged_is_a_row_of_metrics(void **state)
{
    object_import_succeeds(*state, JOB);
    assert_metrics("t|t|mona|2024-02-01 10:00:00|t|t");
    timeline_import_assert_references(*state, "MergeRequest::Metrics.merged_by_id of mona");
    assert_sql("SELECT count(*) FROM notes", "0");
    assert_sql("SELECT merge_user_id, merge_commit_sha FROM merge_requests", "|");
    object_import_assert_counted(*state, "pull_request_merged_by", "1");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_deleted_account_is_the_ghost(void **state)
{
    object_import_succeeds(*state,
                           "{\"iid\":15,\"merged_at\":\"2024-02-01 10:00:00 UTC\",\"merged_by\":null}");
    assert_sql("SELECT u.user_type FROM merge_request_metrics m JOIN users u ON u.id = merged_by_id", "5");
    timeline_import_assert_references(*state, "");
}

static void metrics_that_exist_are_overwritten(void **state)
{
    gint64 id = private_gitlab_integer(
        "INSERT INTO merge_request_metrics (merge_request_id, target_project_id, merged_at, created_at,"
        " updated_at) SELECT id, target_project_id, '2020-01-01', '2020-01-01', '2020-01-01'"
        " FROM merge_requests RETURNING id");
    object_import_succeeds(*state, JOB);
    assert_metrics("t|t|mona|2024-02-01 10:00:00|t|t");
    assert_int_equal(private_gitlab_integer("SELECT id FROM merge_request_metrics"), id);
    g_autofree char *references = object_import_references(*state);
    assert_non_null(strstr(references, "MergeRequest::Metrics"));
    g_autofree char *key = g_strdup_printf(",%" G_GINT64_FORMAT ",", id);
    assert_non_null(strstr(references, key));
}

static void an_unknown_merge_request_is_recorded(void **state)
{
    object_import_succeeds(*state, "{\"iid\":16,\"title\":\"Gone\",\"merged_by\":" MONA "}");
    assert_sql("SELECT source, exception_class, external_identifiers FROM import_failures",
               "Gitlab::GithubImport::Importer::PullRequests::MergedByImporter|NoMethodError|"
               "{\"iid\": 16, \"object_type\": \"pull_request_merged_by\", \"issuable_type\":"
               " \"MergeRequest\"}");
    assert_metrics("");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void one_that_fails_leaves_the_others_alone(void **state)
{
    const char *const jobs[] = {"{\"iid\":16,\"merged_by\":" MONA "}", JOB, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_metrics("t|t|mona|2024-02-01 10:00:00|t|t");
}

static void without_time_of_merge_the_metrics_have_none(void **state)
{
    object_import_succeeds(*state, "{\"iid\":15,\"merged_at\":null,\"merged_by\":" MONA "}");
    assert_metrics("t|t|mona||t|t");
}

/* --- without user mapping --- */

static int create_unmapped(void **state)
{
    ObjectImport *import =
        pull_request_import_new(CLASS, &merged_by_importer, "{\"user_contribution_mapping_enabled\":false}");
    object_import_make_older(import);
    *state = import;
    return 0;
}

static int clear_unmapped(void **state)
{
    clear(state);
    assert_redis("OK", "SET", "cache:gitlab:github-import/user-finder/email-for-username/mona",
                 "mona@example.org");
    return 0;
}

static void a_note_of_the_projects_creator_says_who_merged(void **state)
{
    object_import_succeeds(*state, JOB);
    assert_metrics("t|t||2024-02-01 10:00:00|t|t");
    assert_sql("SELECT note, system, author_id = (SELECT creator_id FROM projects), noteable_type,"
               " noteable_id = (SELECT id FROM merge_requests), created_at, imported_from,"
               " length(discussion_id), updated_at > now() - interval '1 hour' FROM notes",
               "*Merged by: mona at 2024-02-01 10:00:00 UTC*|f|t|MergeRequest|t|2024-02-01 10:00:00|4|40|t");
    timeline_import_assert_references(*state, "");
}

static void a_deleted_account_is_named_ghost(void **state)
{
    object_import_succeeds(*state,
                           "{\"iid\":15,\"merged_at\":\"2024-02-01 10:00:00 UTC\",\"merged_by\":null}");
    assert_sql("SELECT note FROM notes", "*Merged by: ghost at 2024-02-01 10:00:00 UTC*");
}

static void a_redelivered_job_does_not_write_again(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0;
        object_import_succeeds(import, JOB);
    }
    assert_sql("SELECT count(*) FROM notes", "1");
    object_import_assert_counted(import, "pull_request_merged_by", "1");
}

static void perform_as(ObjectImport *import, const ObjectImporter *importer, const char *representation)
{
    import->classes[0].importer = importer;
    object_import_succeeds(import, representation);
    import->classes[0].importer = &merged_by_importer;
}

static void with_the_timelines_event_there_is_one_note(void **state)
{
    perform_as(*state, &merged_by_importer, JOB);
    perform_as(*state, &issue_event_importer, EVENT);
    assert_sql("SELECT count(*) FROM notes", "1");
    assert_sql("SELECT count(*) FROM resource_state_events", "1");
}

static void after_the_timelines_event_there_is_one_note(void **state)
{
    perform_as(*state, &issue_event_importer, EVENT);
    perform_as(*state, &merged_by_importer, JOB);
    assert_sql("SELECT count(*) FROM notes", "1");
}

/* --- the collection --- */

static void a_pull_request_travels_with_who_merged_it(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) answer = json_loads("{\"number\":15,\"title\":\"Mend it\",\"merged_by\":{\"id\":9,"
                                          "\"login\":\"zoe\",\"type\":\"User\"},\"merged_at\":"
                                          "\"2024-02-01T10:00:00Z\"}",
                                          0, NULL);
    g_autoptr(json_t) parent = json_pack("{s:i, s:i}", "iid", 15, "id", 501);
    capture(merged_by_schedule);
    g_autoptr(json_t) representation = captured.collection->representation(NULL, answer, parent, NULL);
    g_autofree char *merged_by = json_dump(json_object_get(representation, "merged_by"));
    assert_string_equal(merged_by, "{\"id\":9,\"login\":\"zoe\"}");
    assert_string_equal(json_string_field(representation, "merged_at"), "2024-02-01 10:00:00 UTC");
    assert_int_equal(json_integer_field(representation, "iid", 0), 15);
    assert_people("{\"merged_by\":{\"login\":\"zoe\"}}", "zoe ");
    assert_string_equal(captured.collection->fetched_as(answer), "pull_request_merged_by");
    assert_string_equal(captured.collection->worker, CLASS);
}

static void merged_merge_requests_are_asked_for_by_their_database_ids(void **state)
{
    g_autoptr(json_t) parent = json_pack("{s:i, s:i}", "iid", 15, "id", 501);
    pull_request_import_add(*state, 16, 3);
    pull_request_import_add(*state, 17, 2);
    pull_request_import_add(*state, 18, 3);
    capture(merged_by_schedule);
    assert_parents(*state, 0, "16 18 ");
    g_autofree char *id = captured.collection->id(NULL, parent);
    assert_string_equal(id, "501");
    assert_true(captured.parents->single);
    assert_string_equal(captured.collection->path, "pulls/%s");
    assert_string_equal(captured.collection->name, "pull_requests_merged_by");
    assert_string_equal(captured.parents->done_set,
                        "github-importer/pull_requests/pull_requests_merged_by/already-imported/"
                        "%" G_GINT64_FORMAT);
}

#define TEST(name)     cmocka_unit_test_setup(name, clear)
#define UNMAPPED(name) cmocka_unit_test_setup(name, clear_unmapped)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(who_merged_is_a_row_of_metrics),
        TEST(a_deleted_account_is_the_ghost),
        TEST(metrics_that_exist_are_overwritten),
        TEST(an_unknown_merge_request_is_recorded),
        TEST(one_that_fails_leaves_the_others_alone),
        TEST(without_time_of_merge_the_metrics_have_none),
        TEST(a_pull_request_travels_with_who_merged_it),
        TEST(merged_merge_requests_are_asked_for_by_their_database_ids),
    };
    const struct CMUnitTest unmapped[] = {
        UNMAPPED(a_note_of_the_projects_creator_says_who_merged),
        UNMAPPED(a_deleted_account_is_named_ghost),
        UNMAPPED(a_redelivered_job_does_not_write_again),
        UNMAPPED(with_the_timelines_event_there_is_one_note),
        UNMAPPED(after_the_timelines_event_there_is_one_note),
    };
    return cmocka_run_group_tests_name("merged_by", tests, create, object_import_tear_down) +
           cmocka_run_group_tests_name("merged_by without user mapping", unmapped, create_unmapped,
                                       object_import_tear_down);
}
