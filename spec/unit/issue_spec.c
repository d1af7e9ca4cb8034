/* Issues that are there already, and what is done for an issue once and again. */
#include "spec/support/issue_import.h"

static void an_issue_that_ruby_imported_is_completed(void **state)
{
    ObjectImport *import = *state;
    g_autofree char *created = private_gitlab_sql(
        "INSERT INTO issues (iid, title, author_id, project_id, namespace_id, work_item_type_id,"
        " imported_from, created_at, updated_at) SELECT 7, 'by Ruby', 1, id, project_namespace_id, 1, 4,"
        " now(), now() FROM projects");
    g_autofree char *key = finder_key(import, "7");
    assert_redis("OK", "SET", key, "-1");
    object_import_succeeds(import, ISSUE("7", "by hubferry"));
    assert_sql("SELECT title, (SELECT count(*) FROM label_links WHERE target_id = issues.id),"
               " (SELECT count(*) FROM issue_search_data WHERE issue_id = issues.id) FROM issues",
               "by Ruby|1|1");
    assert_found(import, "7");
    object_import_assert_counted(import, "issue", "1");
}

static void a_number_that_a_user_has_taken_fails_alone_and_again(void **state)
{
    ObjectImport *import = *state;
    g_autofree char *created = private_gitlab_sql(
        "INSERT INTO issues (iid, title, author_id, project_id, namespace_id, work_item_type_id, created_at,"
        " updated_at) SELECT 7, 'a user''s', 1, id, project_namespace_id, 1, now(), now() FROM projects");
    const char *const jobs[] = {ISSUE("6", "six"), ISSUE("7", "seven"), ISSUE("8", "eight"), NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    assert_null(errors->pdata[0]);
    assert_error((GError *)errors->pdata[1], OBJECT_ERROR, OBJECT_ERROR_NOT_UNIQUE);
    assert_null(errors->pdata[2]);
    assert_sql("SELECT string_agg(title, ',' ORDER BY iid) FROM issues", "six,a user's,eight");
    assert_sql("SELECT count(*) FROM label_links", "2");
    assert_failure(
        "t|ActiveRecord::RecordNotUnique|PG::UniqueViolation: ERROR:  duplicate key value violates "
        "unique constraint \"index_issues_on_project_id_and_iid\"|{\"iid\": 7, \"title\": "
        "\"seven\", \"object_type\": \"issue\", \"issuable_type\": \"Issue\"}|t");
    assert_redis("2", "LLEN", OBJECT_WAITER);
}

static void a_job_executed_twice_has_its_effects_once(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0; /* the same jid */
        object_import_succeeds(import, WITH_PEOPLE("7", MIRA, "[" MIRA "]"));
        object_import_succeeds(import, ISSUE("8", "t"));
    }
    assert_sql("SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM issue_assignees),"
               " (SELECT count(*) FROM label_links), (SELECT count(*) FROM issue_search_data)",
               "2|1|1|2");
    object_import_assert_counted(import, "issue", "2");
    assert_redis("2", "LLEN", OBJECT_WAITER);
}

static void what_follows_the_commit_is_done_again(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(import, ISSUE("7", "t"));
    g_autofree char *key = finder_key(import, "7");
    assert_redis("1", "DEL", key);
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM issue_search_data; DELETE FROM label_links");
    object_import_succeeds(import, ISSUE("7", "t"));
    assert_found(import, "7");
    assert_sql("SELECT count(*) FROM issue_search_data", "1");
    assert_sql("SELECT count(*) FROM label_links", "0"); /* its receipt is there: a user removed the label */
}

static void an_issue_twice_in_a_batch_is_one(void **state)
{
    ObjectImport *import = *state;
    const char *const jobs[] = {ISSUE("7", "t"), ISSUE("7", "t"), NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql("SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM label_links)", "1|1");
    assert_found(import, "7");
}

static void a_representation_of_another_shape_is_recorded(void **state)
{
    object_import_succeeds(*state, "{\"iid\":7,\"title\":\"t\"}");
    assert_sql("SELECT exception_class FROM import_failures", "NoMethodError");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void the_finder_key_replaces_a_miss(void **state)
{
    ObjectImport *import = *state;
    g_autofree char *key = finder_key(import, "7");
    assert_redis("OK", "SET", key, "-1");
    object_import_succeeds(import, ISSUE("7", "t"));
    assert_found(import, "7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_issue_that_ruby_imported_is_completed),
        TEST(a_number_that_a_user_has_taken_fails_alone_and_again),
        TEST(a_job_executed_twice_has_its_effects_once),
        TEST(what_follows_the_commit_is_done_again),
        TEST(an_issue_twice_in_a_batch_is_one),
        TEST(a_representation_of_another_shape_is_recorded),
        TEST(the_finder_key_replaces_a_miss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
