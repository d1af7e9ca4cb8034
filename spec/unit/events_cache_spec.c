/* Review requests between the timeline and their replay: Gitlab::GithubImport::EventsCache. */
#include "importers/gitlab/events_cache.h"

#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

#include <glib/gstdio.h>

#define PROJECT 42
#define RECORD  "MergeRequest/15"
#define KEY     "cache:gitlab:github-importer/events/42/MergeRequest/15"

static Session *session;

static int set_up(G_GNUC_UNUSED void **state)
{
    private_gitlab_reset();
    session = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    return 0;
}

static int tear_down(G_GNUC_UNUSED void **state)
{
    session_free(session);
    return 0;
}

static void add(json_t *event)
{
    g_autoptr(json_t) owned = event;
    g_autoptr(GError) error = NULL;
    events_cache_add(session, PROJECT, RECORD, owned, &error);
    assert_no_error(error);
}

static json_t *event_at(int id, const char *created_at)
{
    return json_pack("{s:i, s:s, s:s}", "id", id, "event", "review_requested", "created_at", created_at);
}

static GPtrArray *records(const char *first, const char *second)
{
    GPtrArray *both = g_ptr_array_new();
    g_ptr_array_add(both, (gpointer)first);
    if (second)
        g_ptr_array_add(both, (gpointer)second);
    return both;
}

/* The ids of the record's events, in their order, as JSON. */
static void assert_events(const char *expected)
{
    g_autoptr(GPtrArray) asked = records("Issue/1", RECORD);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) lists = events_cache_events(session, PROJECT, asked, &error);
    assert_no_error(error);
    assert_int_equal(json_array_size(json_array_get(lists, 0)), 0);
    g_autoptr(json_t) ids = json_array();
    json_t *event;
    size_t index;
    json_array_foreach (json_array_get(lists, 1), index, event)
        json_array_append(ids, json_object_get(event, "id"));
    g_autofree char *text = json_dump(ids);
    assert_string_equal(text, expected);
}

static void events_are_a_list_of_json_texts_for_a_day(G_GNUC_UNUSED void **state)
{
    add(event_at(1, "2024-05-06 08:00:00 UTC"));
    assert_redis("{\"id\":1,\"event\":\"review_requested\",\"created_at\":\"2024-05-06 08:00:00 UTC\"}",
                 "LINDEX", KEY, "0");
    assert_ttl(KEY, 86400);
}

static void a_page_that_is_read_again_adds_nothing(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < 2; i++) {
        add(event_at(1, "2024-05-06 08:00:00 UTC"));
        add(event_at(2, "2024-05-06 09:00:00 UTC"));
    }
    assert_events("[1,2]");
}

static void the_newest_hundred_are_kept(G_GNUC_UNUSED void **state)
{
    for (int i = 1; i <= 103; i++)
        add(event_at(i, "2024-05-06 08:00:00 UTC"));
    assert_redis("100", "LLEN", KEY);
    g_autofree char *first = private_gitlab_redis("LINDEX", KEY, "0", NULL);
    assert_non_null(strstr(first, "\"id\":4,"));
}

static void events_come_by_time_and_those_of_one_time_as_added(G_GNUC_UNUSED void **state)
{
    add(event_at(1, "2024-05-06 09:00:00 UTC"));
    add(event_at(2, "2024-05-06 08:00:00 UTC"));
    add(event_at(3, "2024-05-06T08:00:00Z"));
    add(event_at(4, "2024-05-06T10:00:00+02:00"));
    assert_events("[2,3,4,1]");
}

static void an_event_of_more_than_100_kib_is_not_stored_and_warned_about(G_GNUC_UNUSED void **state)
{
    g_autofree char *body = g_strnfill(102401, 'x'), *line = NULL;
    g_autofree char *path = g_strdup("/tmp/events_cache_spec_XXXXXX");
    int fd = g_mkstemp(path);
    log_configure(fd, LOG_WARN);
    add(json_pack("{s:i, s:s, s:s}", "id", 9, "event", "review_requested", "body", body));
    log_configure(1, LOG_INFO);
    assert_true(g_file_get_contents(path, &line, NULL, NULL));
    g_unlink(path);
    g_close(fd, NULL);
    assert_redis("0", "EXISTS", KEY);
    assert_non_null(strstr(line, "\"message\":\"Event too large to cache\""));
    assert_non_null(strstr(line, "\"github_identifiers\":{\"id\":9,\"issuable_iid\":15,"
                                 "\"event\":\"review_requested\"}"));
}

static void a_record_says_whether_it_has_events(G_GNUC_UNUSED void **state)
{
    gboolean any;
    assert_true(events_cache_any(session, PROJECT, RECORD, &any, NULL) && !any);
    add(event_at(1, "2024-05-06 08:00:00 UTC"));
    assert_true(events_cache_any(session, PROJECT, RECORD, &any, NULL) && any);
}

static void deleted_events_are_gone(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) both = records(RECORD, "Issue/1");
    add(event_at(1, "2024-05-06 08:00:00 UTC"));
    assert_true(events_cache_delete(session, PROJECT, both, NULL));
    assert_redis("0", "EXISTS", KEY);
}

static void what_is_no_json_is_an_error_that_names_the_record(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) asked = records(RECORD, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *pushed = private_gitlab_redis("RPUSH", KEY, "{", NULL);
    assert_null(events_cache_events(session, PROJECT, asked, &error));
    assert_non_null(strstr(error->message, RECORD));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_are_a_list_of_json_texts_for_a_day),
        TEST(a_page_that_is_read_again_adds_nothing),
        TEST(the_newest_hundred_are_kept),
        TEST(events_come_by_time_and_those_of_one_time_as_added),
        TEST(an_event_of_more_than_100_kib_is_not_stored_and_warned_about),
        TEST(a_record_says_whether_it_has_events),
        TEST(deleted_events_are_gone),
        TEST(what_is_no_json_is_an_error_that_names_the_record),
    };
    return cmocka_run_group_tests_name("events_cache", tests, NULL, NULL);
}
