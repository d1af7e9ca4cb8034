/* Optional stages and settings exactly as lib/gitlab/github_import/settings.rb reads what is stored. */
#include "importers/gitlab/import_data.h"

#include "spec/support/gitlab_context.h"

/* What the import's row says, `data` being its text; NULL: SQL's NULL. (transfer full) */
static ImportData *stored(const GitlabContext *context, const char *data)
{
    ImportData *found = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *quoted = data ? g_strdup_printf("'%s'", data) : g_strdup("NULL");
    g_autofree char *sql = g_strdup_printf("UPDATE project_import_data SET data = %s", quoted);
    g_autoptr(PGresult) changed = gitlab_context_run(context, sql);
    import_data_find(context->session, context->project->id, &found, &error);
    assert_no_error(error);
    assert_non_null(found);
    return found;
}

static gboolean attachments(const GitlabContext *context, const char *value)
{
    g_autofree char *data = g_strdup_printf("{\"optional_stages\":{\"attachments_import\":%s}}", value);
    g_autoptr(ImportData) found = stored(context, data);
    return found->attachments_import;
}

static void a_stage_is_enabled_where_true_is_stored(void **state)
{
    assert_true(attachments(*state, "true"));
    assert_false(attachments(*state, "false"));
    assert_false(attachments(*state, "null"));
}

/* GitLab makes booleans of what it is sent before it stores them; of what is stored it asks no more than Ruby
 * does. */
static void a_stage_is_enabled_by_whatever_ruby_holds_for_true(void **state)
{
    assert_true(attachments(*state, "\"false\""));
    assert_true(attachments(*state, "\"\""));
    assert_true(attachments(*state, "0"));
}

static void a_stage_that_is_not_named_is_disabled(void **state)
{
    g_autoptr(ImportData) found = stored(*state, "{\"optional_stages\":{}}");
    assert_false(found->attachments_import || found->collaborators_import ||
                 found->single_endpoint_notes_import || found->issue_events_refused);
}

static void without_settings_every_stage_is_disabled(void **state)
{
    static const char *const texts[] = {"{}", "", NULL, "null"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(ImportData) found = stored(*state, texts[i]);
        assert_false(found->attachments_import || found->collaborators_import);
        assert_string_equal(found->timeout_strategy, "pessimistic");
        assert_int_equal(found->pagination_limit, 100);
    }
}

static void each_stage_has_a_key_of_its_own(void **state)
{
    g_autoptr(ImportData) people =
        stored(*state, "{\"optional_stages\":{\"collaborators_import\":true,\"attachments_import\":false}}");
    assert_true(people->collaborators_import);
    assert_false(people->attachments_import);
    g_autoptr(ImportData) notes =
        stored(*state, "{\"optional_stages\":{\"single_endpoint_notes_import\":true}}");
    assert_true(notes->single_endpoint_notes_import);
    assert_false(notes->collaborators_import || notes->attachments_import);
}

/* Before there was a page of options, keys stood alone; nothing reads them. */
static void a_key_outside_of_the_optional_stages_enables_nothing(void **state)
{
    g_autoptr(ImportData) found =
        stored(*state, "{\"attachments_import\":true,\"collaborators_import\":true}");
    assert_false(found->attachments_import || found->collaborators_import);
}

static gboolean issue_events_refused(const GitlabContext *context, const char *data)
{
    g_autoptr(ImportData) found = stored(context, data);
    return found->issue_events_refused;
}

#define EVENTS(value) "\"optional_stages\":{\"single_endpoint_issue_events_import\":" value "}"

static void issue_events_are_an_option_only_where_gitlab_stores_one(void **state)
{
    assert_true(issue_events_refused(*state, "{" EVENTS("false") "}"));
    assert_true(issue_events_refused(*state, "{" EVENTS("null") "}"));
    assert_false(issue_events_refused(*state, "{" EVENTS("true") "}"));
    assert_false(issue_events_refused(*state, "{}"));
}

static void extended_events_do_not_ask_for_the_option(void **state)
{
    assert_false(issue_events_refused(*state, "{\"extended_events\":true," EVENTS("false") "}"));
}

static void the_timeout_strategy_is_kept_as_it_is_stored(void **state)
{
    g_autoptr(ImportData) optimistic = stored(*state, "{\"timeout_strategy\":\"optimistic\"}");
    assert_true(optimistic->optimistic);
    g_autoptr(ImportData) other = stored(*state, "{\"timeout_strategy\":\"resolute\"}");
    assert_string_equal(other->timeout_strategy, "resolute");
    assert_false(other->optimistic);
}

static void a_page_has_as_many_objects_as_the_settings_say(void **state)
{
    g_autoptr(ImportData) found = stored(*state, "{\"pagination_limit\":25}");
    assert_int_equal(found->pagination_limit, 25);
}

static void mapping_is_refused_only_by_false(void **state)
{
    g_autoptr(ImportData) refused = stored(*state, "{\"user_contribution_mapping_enabled\":false}");
    assert_true(refused->mapping_refused);
    g_autoptr(ImportData) absent = stored(*state, "{}");
    assert_false(absent->mapping_refused);
}

static void without_a_row_there_are_no_settings(void **state)
{
    const GitlabContext *context = *state;
    ImportData *found;
    g_autoptr(PGresult) deleted = gitlab_context_run(context, "DELETE FROM project_import_data");
    assert_true(import_data_find(context->session, context->project->id, &found, NULL));
    assert_null(found);
}

/* All tests share one project, whose row each of them overwrites. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_is_enabled_where_true_is_stored),
        cmocka_unit_test(a_stage_is_enabled_by_whatever_ruby_holds_for_true),
        cmocka_unit_test(a_stage_that_is_not_named_is_disabled),
        cmocka_unit_test(without_settings_every_stage_is_disabled),
        cmocka_unit_test(each_stage_has_a_key_of_its_own),
        cmocka_unit_test(a_key_outside_of_the_optional_stages_enables_nothing),
        cmocka_unit_test(issue_events_are_an_option_only_where_gitlab_stores_one),
        cmocka_unit_test(extended_events_do_not_ask_for_the_option),
        cmocka_unit_test(the_timeout_strategy_is_kept_as_it_is_stored),
        cmocka_unit_test(a_page_has_as_many_objects_as_the_settings_say),
        cmocka_unit_test(mapping_is_refused_only_by_false),
        cmocka_unit_test(without_a_row_there_are_no_settings),
    };
    return cmocka_run_group_tests_name("import_data", tests, gitlab_context_setup, gitlab_context_teardown);
}
