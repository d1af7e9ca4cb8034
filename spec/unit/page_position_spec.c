#include "importers/stages/page_position.h"

#include "spec/support/gitlab_context.h"

static void assert_position(const GitlabContext *context, const char *url, gint64 number)
{
    g_auto(PagePosition) position = {0};
    assert_true(
        page_position_read(context->session, context->project->id, "issues/7/timeline", &position, NULL));
    assert_int_equal(position.number, number);
    if (url)
        assert_string_equal(position.url, url);
    else
        assert_null(position.url);
}

static void write_position(const GitlabContext *context, const char *url, gint64 number)
{
    const PagePosition position = {.url = (char *)url, .number = number};
    assert_true(
        page_position_write(context->session, context->project->id, "issues/7/timeline", &position, NULL));
}

static void an_unread_collection_has_no_position(void **state)
{
    assert_position(*state, NULL, 0);
}

static void both_generations_find_their_key(void **state)
{
    const GitlabContext *context = *state;
    g_autofree char *counter = import_key(context, "page-counter/%" G_GINT64_FORMAT "/issues/7/timeline");
    g_autofree char *keyset = import_key(context, "page-keyset/%" G_GINT64_FORMAT "/issues/7/timeline");
    write_position(context, "https://h/p?page=3", 3);
    assert_redis("3", "GET", counter);
    assert_redis("https://h/p?page=3", "GET", keyset);
    assert_ttl(counter, 86400);
    assert_ttl(keyset, 86400);
    assert_position(context, "https://h/p?page=3", 3);
}

static void both_generations_are_read(void **state)
{
    const GitlabContext *context = *state;
    g_autofree char *counter = import_key(context, "page-counter/%" G_GINT64_FORMAT "/issues/7/timeline");
    g_autofree char *keyset = import_key(context, "page-keyset/%" G_GINT64_FORMAT "/issues/7/timeline");
    assert_redis("OK", "SET", counter, "12");
    assert_position(context, NULL, 12);
    assert_redis("OK", "SET", keyset, "https://h/p?after=x");
    assert_position(context, "https://h/p?after=x", 12);
}

static void the_number_is_never_lowered(void **state)
{
    const GitlabContext *context = *state;
    write_position(context, "https://h/p?page=9", 9);
    write_position(context, "https://h/p?page=2", 2);
    assert_position(context, "https://h/p?page=2", 9);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, gitlab_context_setup, gitlab_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unread_collection_has_no_position),
        TEST(both_generations_find_their_key),
        TEST(both_generations_are_read),
        TEST(the_number_is_never_lowered),
    };
    return cmocka_run_group_tests_name("page_position", tests, NULL, NULL);
}
