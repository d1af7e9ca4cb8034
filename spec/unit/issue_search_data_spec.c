/* Search vectors of issues, from job to database. */
#include "spec/support/issue_import.h"

static void title_and_description_are_found_with_their_weights(void **state)
{
    object_import_succeeds(*state, WITH_DESCRIPTION("7", "\"L\xc3\xa9"
                                                         "aking <b>pumps</b>\""));
    assert_sql(
        "SELECT s.search_vector = setweight(to_tsvector('english', 't'), 'A')"
        " || setweight(to_tsvector('english', 'Leaking  b pumps b '), 'B'), s.project_id = i.project_id"
        " FROM issue_search_data s JOIN issues i ON i.id = s.issue_id",
        "t|t");
}

static void an_issue_without_body_is_found_by_its_title(void **state)
{
    object_import_succeeds(*state, ISSUE("7", "leaking pumps"));
    assert_sql("SELECT search_vector FROM issue_search_data", "'leak':1A 'pump':2A");
}

static void a_text_too_long_for_a_vector_costs_no_other_issue_its_vector(void **state)
{
    ObjectImport *import = *state;
    g_autoptr(GString) body = g_string_new(NULL);
    for (guint i = 0; i < 140000; i++)
        g_string_append_printf(body, "x%05x ", i);
    g_autofree char *long_issue = issue_with_body("8", body->str, 1);
    const char *const jobs[] = {ISSUE("7", "leak"), long_issue, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, jobs);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql("SELECT iid, search_vector FROM issues LEFT JOIN issue_search_data ON issue_id = issues.id"
               " ORDER BY iid",
               "7|'leak':1A\n8|");
    object_import_assert_counted(import, "issue", "2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(title_and_description_are_found_with_their_weights),
        TEST(an_issue_without_body_is_found_by_its_title),
        TEST(a_text_too_long_for_a_vector_costs_no_other_issue_its_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
