/* What another collection has scheduled. */
#include "importers/stages/scheduled_elsewhere.h"

#include "protocol/json.h"
#include "spec/support/gitlab_context.h"

static void add(const GitlabContext *context, const char *collection, const char *id)
{
    g_autofree char *format = g_strconcat("already-imported/%" G_GINT64_FORMAT "/", collection, NULL);
    g_autofree char *set = import_key(context, format);
    g_autofree char *added = private_gitlab_redis("SADD", set, id, NULL);
}

static json_t *find(const GitlabContext *context, const char *objects_text, const char *const *collections)
{
    Stage stage = {.session = context->session, .project = context->project};
    json_t *objects = json_loads(objects_text, 0, NULL);
    g_autoptr(GError) error = NULL;
    assert_true(scheduled_elsewhere_find(&stage, objects, collections, &error));
    assert_no_error(error);
    return objects;
}

static void objects_that_any_of_the_collections_has_are_noted(void **state)
{
    static const char *const collections[] = {"issue_timeline", "issues_comments", NULL};
    add(*state, "issue_timeline", "11");
    add(*state, "issues_comments", "13");
    add(*state, "another", "12");
    g_autoptr(json_t) objects = find(*state, "[{\"id\":11},{\"id\":12},{\"id\":13}]", collections);
    assert_true(scheduled_elsewhere(json_array_get(objects, 0)));
    assert_false(scheduled_elsewhere(json_array_get(objects, 1)));
    assert_true(scheduled_elsewhere(json_array_get(objects, 2)));
}

static void an_empty_page_has_none(void **state)
{
    static const char *const collections[] = {"issue_timeline", NULL};
    g_autoptr(json_t) objects = find(*state, "[]", collections);
    assert_int_equal(json_array_size(objects), 0);
}

static void what_was_not_looked_for_is_not_scheduled(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) object = json_pack("{s:i}", "id", 11);
    assert_false(scheduled_elsewhere(object));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gitlab_context_setup, gitlab_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(objects_that_any_of_the_collections_has_are_noted),
        TEST(an_empty_page_has_none),
        cmocka_unit_test(what_was_not_looked_for_is_not_scheduled),
    };
    return cmocka_run_group_tests_name("scheduled_elsewhere", tests, NULL, NULL);
}
