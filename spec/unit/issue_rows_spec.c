/* The rows of issues and their assignees, from job to database. */
#include "spec/support/issue_import.h"

#define MEGABYTE 1048576

static void the_sample_becomes_its_rows(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(
        import, "{\"iid\":7,\"title\":\"Pump leaks\","
                "\"description\":\"ask @mira, see https://github.com/acme/rocket/issues/3\","
                "\"milestone_number\":3,\"state\":\"closed\",\"assignees\":[" MIRA "],"
                "\"label_names\":[\"bug\"],\"author\":" MIRA ",\"created_at\":\"2024-03-01 10:00:00 UTC\","
                "\"updated_at\":\"2024-03-05 11:00:00 UTC\",\"pull_request\":false,\"work_item_type_id\":1}");
    assert_sql("SELECT issues.iid, issues.title, issues.description, u.username, milestones.iid, "
               "issues.state_id, closed_at,"
               " issues.created_at, issues.updated_at, work_item_type_id, imported_from FROM issues"
               " JOIN users u ON u.id = author_id JOIN milestones ON milestones.id = milestone_id",
               "7|Pump leaks|ask `@mira`, see https://gitlab.example.com/imports/rocket/-/issues/3|"
               "mira|3|2||2024-03-01 10:00:00|2024-03-05 11:00:00|1|4");
}

static void the_namespace_is_the_project_s_own(void **state)
{
    object_import_succeeds(*state, WITH_PEOPLE("7", "null", "[" MIRA "]"));
    object_import_succeeds(*state, WITH_LABELS("8", "[\"bug\"]"));
    assert_sql("SELECT DISTINCT issues.namespace_id = project_namespace_id,"
               " a.namespace_id = project_namespace_id, l.namespace_id = project_namespace_id,"
               " s.namespace_id = project_namespace_id FROM projects JOIN issues ON project_id = projects.id"
               " JOIN issue_search_data s ON s.issue_id = issues.id, issue_assignees a, label_links l",
               "t|t|t|t");
}

static void what_ruby_leaves_to_the_defaults_has_them(void **state)
{
    object_import_succeeds(*state, ISSUE("7", "t"));
    assert_sql("SELECT relative_position, lock_version, confidential, closed_by_id, title_html,"
               " cached_markdown_version, time_estimate, upvotes_count, namespace_traversal_ids FROM issues",
               "|0|f||||0|0|{}");
}

static void no_metrics_and_no_number_are_kept(void **state)
{
    object_import_succeeds(*state, ISSUE("7", "t"));
    assert_sql("SELECT (SELECT count(*) FROM issue_metrics), (SELECT count(*) FROM internal_ids),"
               " (SELECT count(*) FROM issue_user_mentions), (SELECT count(*) FROM events)",
               "0|0|0|0");
}

static void a_closed_issue_has_no_closed_at(void **state)
{
    object_import_succeeds(*state, "{\"iid\":7,\"title\":\"t\",\"state\":\"closed\",\"assignees\":[],"
                                   "\"label_names\":[],\"pull_request\":false," TIMES "}");
    assert_sql("SELECT state_id, closed_at IS NULL, closed_by_id IS NULL FROM issues", "2|t|t");
}

static void times_may_be_iso_8601(void **state)
{
    object_import_succeeds(*state, "{\"iid\":7,\"title\":\"t\",\"state\":\"opened\",\"assignees\":[],"
                                   "\"label_names\":[],\"created_at\":\"2024-03-01T10:00:00Z\","
                                   "\"updated_at\":\"2024-03-05T11:00:00+02:00\"}");
    assert_sql("SELECT created_at, updated_at FROM issues", "2024-03-01 10:00:00|2024-03-05 09:00:00");
}

static void a_missing_type_is_the_default_type(void **state)
{
    object_import_succeeds(*state, WITH_LABELS("7", "[]"));
    assert_sql("SELECT work_item_type_id FROM issues", "1");
}

static void a_milestone_that_is_missing_is_none(void **state)
{
    object_import_succeeds(*state, ISSUE_WITH("7", "\"title\":\"t\",\"milestone_number\":4,\"assignees\":[],"
                                                   "\"label_names\":[]"));
    assert_sql("SELECT count(*), count(milestone_id) FROM issues", "1|0");
}

static void a_blank_body_is_null(void **state)
{
    object_import_succeeds(*state, WITH_DESCRIPTION("7", "null"));
    object_import_succeeds(*state, WITH_DESCRIPTION("8", "\"\""));
    object_import_succeeds(*state, WITH_DESCRIPTION("9", "\" \\r\\n\""));
    assert_sql("SELECT count(*), count(description) FROM issues", "3|0");
}

static void texts_keep_emoji_and_line_ends_and_lose_nul(void **state)
{
    object_import_succeeds(*state, WITH_DESCRIPTION("7", "\"a\\u0000b\\r\\n\xf0\x9f\x9a\x80\""));
    assert_sql("SELECT description = E'ab\\r\\n\\U0001F680' FROM issues", "t");
    object_import_succeeds(*state, ISSUE("8", "a\\u0000b \xf0\x9f\x9a\x80"));
    assert_sql("SELECT title = E'ab \\U0001F680' FROM issues WHERE iid = 8", "t");
}

static void a_title_is_cut_by_characters(void **state)
{
    g_autoptr(GString) title = g_string_new(NULL);
    for (guint i = 0; i < 256; i++)
        g_string_append(title, "\xf0\x9f\x9a\x80");
    g_autofree char *longer = g_strdup_printf(ISSUE_WITH("7", "\"title\":\"%s\",\"assignees\":[],"
                                                              "\"label_names\":[]"),
                                              title->str);
    object_import_succeeds(*state, longer);
    assert_sql("SELECT char_length(title), right(title, 4) = E'\\U0001F680...' FROM issues", "255|t");
}

static void a_title_is_stripped(void **state)
{
    object_import_succeeds(*state, ISSUE("7", " \\tPump leaks\\n"));
    assert_sql("SELECT title FROM issues", "Pump leaks");
}

static void a_blank_title_is_recorded_and_not_tried_again(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(import, ISSUE("7", "  "));
    assert_failure("t|ActiveRecord::RecordInvalid|Validation failed: Title can't be blank|"
                   "{\"iid\": 7, \"title\": \"  \", \"object_type\": \"issue\", "
                   "\"issuable_type\": \"Issue\"}|t");
    assert_sql("SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM label_links)", "0|0");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_title_of_null_is_recorded(void **state)
{
    object_import_succeeds(*state, ISSUE_WITH("7", "\"title\":null,\"assignees\":[],\"label_names\":[]"));
    assert_sql("SELECT (SELECT count(*) FROM issues), (SELECT count(*) FROM import_failures)", "0|1");
}

static void a_body_of_a_megabyte_is_kept(void **state)
{
    g_autofree char *issue = issue_with_body("7", "word ", 200000);
    object_import_succeeds(*state, issue);
    assert_sql("SELECT char_length(description) FROM issues", "1000000");
    assert_sql("SELECT search_vector IS NOT NULL FROM issue_search_data", "t");
}

static void a_longer_body_is_cut(void **state)
{
    g_autofree char *issue = issue_with_body("7", "word ", 250000);
    object_import_succeeds(*state, issue);
    assert_sql("SELECT char_length(description) FROM issues", G_STRINGIFY(1048576));
}

static void a_body_of_more_bytes_than_a_megabyte_is_refused(void **state)
{
    g_autofree char *issue = issue_with_body("7", "\xf0\x9f\x9a\x80", MEGABYTE / 2);
    object_import_succeeds(*state, issue);
    assert_sql("SELECT exception_message FROM import_failures",
               "Validation failed: Description is too long (2 MB). The maximum size is 1 MB.");
}

static void nobody_s_issue_is_the_ghost_s(void **state)
{
    object_import_succeeds(*state, WITH_PEOPLE("7", "null", "[]"));
    object_import_succeeds(*state, WITH_PEOPLE("8", "{\"id\":10137,\"login\":\"ghost\"}", "[]"));
    assert_sql("SELECT DISTINCT username FROM issues JOIN users ON users.id = author_id", "ghost");
    assert_references(*state, "");
}

static void a_ghost_is_assigned_to_nothing(void **state)
{
    object_import_succeeds(*state,
                           WITH_PEOPLE("7", "null", "[{\"id\":10137,\"login\":\"ghost\"}," MIRA ",null]"));
    assert_sql("SELECT username FROM issue_assignees JOIN users ON users.id = user_id", "mira");
}

static void a_bot_is_an_ordinary_user(void **state)
{
    object_import_create_source_user(49699333, "dependabot[bot]");
    object_import_succeeds(*state, WITH_PEOPLE("7", "{\"id\":49699333,\"login\":\"dependabot[bot]\"}", "[]"));
    assert_sql("SELECT name FROM issues JOIN users ON users.id = author_id", "dependabot[bot]");
}

static void users_of_github_who_are_one_of_gitlab_are_assigned_once(void **state)
{
    ObjectImport *import = *state;
    object_import_create_source_user(1043, "nora");
    g_autofree char *same = private_gitlab_sql(
        "UPDATE import_source_users SET placeholder_user_id = (SELECT id FROM users WHERE username = "
        "'mira')");
    object_import_succeeds(import, WITH_PEOPLE("7", "null", "[" MIRA ",{\"id\":1043,\"login\":\"nora\"}]"));
    assert_sql("SELECT count(*) FROM issue_assignees", "1");
    g_autofree char *reference = private_gitlab_sql(
        "SELECT format('[{\"user_id\":%s,\"issue_id\":%s},\"IssueAssignee\",%s,null,%s,\"user_id\",1]',"
        " user_id, issue_id, s.namespace_id, s.id)"
        " FROM issue_assignees, import_source_users s WHERE source_username = 'nora'");
    assert_references(import, reference);
}

static void in_a_personal_namespace_everybody_is_the_owner(void **state)
{
    g_autofree char *personal =
        private_gitlab_sql("UPDATE namespaces SET type = 'User', owner_id = 1 WHERE path = 'imports'");
    object_import_succeeds(*state, WITH_PEOPLE("7", MIRA, "[" MIRA ",{\"id\":1043,\"login\":\"nora\"}]"));
    assert_sql("SELECT author_id, user_id FROM issues JOIN issue_assignees ON issue_id = id", "1|1");
    assert_references(*state, "");
}

static void author_and_assignees_are_referred_to(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(import, WITH_PEOPLE("7", MIRA, "[" MIRA "]"));
    g_autofree char *references = private_gitlab_sql(
        "SELECT format('[null,\"Issue\",%s,%s,%s,\"author_id\",1]', s.namespace_id, issues.id, s.id)"
        " FROM issues, import_source_users s UNION ALL SELECT"
        " format('[{\"user_id\":%s,\"issue_id\":%s},\"IssueAssignee\",%s,null,%s,\"user_id\",1]', user_id,"
        " issue_id, s.namespace_id, s.id) FROM issue_assignees, import_source_users s");
    assert_references(import, references);
}

static void older_gitlabs_number_the_type_twice(void **state)
{
    ObjectImport *import = *state;
    object_import_change_schema(
        import, "CREATE TABLE work_item_types (id bigint, base_type smallint, correct_id bigint);"
                "INSERT INTO work_item_types VALUES (3, 0, 1), (4, 1, 2);"
                "ALTER TABLE issues ADD COLUMN correct_work_item_type_id bigint");
    object_import_succeeds(import, WITH_LABELS("7", "[]"));
    object_import_succeeds(import, ISSUE_WITH("8", "\"title\":\"t\",\"assignees\":[],\"label_names\":[],"
                                                   "\"work_item_type_id\":4"));
    assert_sql("SELECT iid, work_item_type_id, correct_work_item_type_id FROM issues ORDER BY iid",
               "7|3|1\n8|4|2");
    object_import_change_schema(import, "DROP TABLE work_item_types;"
                                        "ALTER TABLE issues DROP COLUMN correct_work_item_type_id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_sample_becomes_its_rows),
        TEST(the_namespace_is_the_project_s_own),
        TEST(what_ruby_leaves_to_the_defaults_has_them),
        TEST(no_metrics_and_no_number_are_kept),
        TEST(a_closed_issue_has_no_closed_at),
        TEST(times_may_be_iso_8601),
        TEST(a_missing_type_is_the_default_type),
        TEST(a_milestone_that_is_missing_is_none),
        TEST(a_blank_body_is_null),
        TEST(texts_keep_emoji_and_line_ends_and_lose_nul),
        TEST(a_title_is_cut_by_characters),
        TEST(a_title_is_stripped),
        TEST(a_blank_title_is_recorded_and_not_tried_again),
        TEST(a_title_of_null_is_recorded),
        TEST(a_body_of_a_megabyte_is_kept),
        TEST(a_longer_body_is_cut),
        TEST(a_body_of_more_bytes_than_a_megabyte_is_refused),
        TEST(nobody_s_issue_is_the_ghost_s),
        TEST(a_ghost_is_assigned_to_nothing),
        TEST(a_bot_is_an_ordinary_user),
        TEST(users_of_github_who_are_one_of_gitlab_are_assigned_once),
        TEST(in_a_personal_namespace_everybody_is_the_owner),
        TEST(author_and_assignees_are_referred_to),
        TEST(older_gitlabs_number_the_type_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
