/* The labels of issues and pull requests, from job to database. */
#include "spec/support/issue_import.h"

static void labels_are_linked_in_their_order(void **state)
{
    object_import_succeeds(*state, WITH_LABELS("7", "[\"needs work\",\"unknown\",\"bug\",\"bug\"]"));
    assert_sql("SELECT labels.title, target_type, issues.iid, l.created_at = l.updated_at FROM label_links l"
               " JOIN labels ON labels.id = label_id JOIN issues ON issues.id = target_id ORDER BY l.id",
               "needs work|Issue|7|t\nbug|Issue|7|t");
}

static gint64 create_merge_request(const ObjectImport *import, int iid)
{
    return private_gitlab_integer(
        "INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id,"
        " source_project_id, author_id, created_at, updated_at) VALUES (%d, 't', 'main', 'x',"
        " %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, now(), now()) RETURNING id",
        iid, import->project->id, import->project->id);
}

static void a_pull_request_only_gets_its_labels(void **state)
{
    ObjectImport *import = *state;
    create_merge_request(import, 9);
    object_import_succeeds(import, PULL_REQUEST("9", "[\"bug\",\"unknown\"]"));
    assert_sql(
        "SELECT labels.title, target_type, m.iid FROM label_links l JOIN labels ON labels.id = label_id"
        " JOIN merge_requests m ON m.id = target_id",
        "bug|MergeRequest|9");
    assert_sql("SELECT count(*) FROM issues", "0");
    object_import_assert_counted(import, "issue", "");
    assert_references(import, "");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_pull_request_that_was_not_imported_gets_nothing(void **state)
{
    object_import_succeeds(*state, PULL_REQUEST("9", "[\"bug\"]"));
    assert_sql("SELECT count(*) FROM label_links", "0");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void what_is_linked_already_is_not_linked_again(void **state)
{
    ObjectImport *import = *state;
    private_gitlab_configuration()->receipts = FALSE;
    create_merge_request(import, 9);
    object_import_succeeds(import, PULL_REQUEST("9", "[\"bug\"]"));
    object_import_succeeds(import, PULL_REQUEST("9", "[\"bug\",\"needs work\"]"));
    assert_sql("SELECT string_agg(title, ',' ORDER BY l.id) FROM label_links l JOIN labels ON labels.id = "
               "label_id",
               "bug,needs work");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(labels_are_linked_in_their_order),
        TEST(a_pull_request_only_gets_its_labels),
        TEST(a_pull_request_that_was_not_imported_gets_nothing),
        TEST(what_is_linked_already_is_not_linked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
