/* Timeline events as they travel: the hash, its id, what is dropped, who is looked up, and the parents. */
#include "importers/objects/issue_event_representation.h"

#include "importers/objects/replay_events.h"
#include "spec/support/object_import.h"

#define ISSUE         "{\"iid\":12,\"issuable_type\":\"Issue\"}"
#define MERGE_REQUEST "{\"iid\":15,\"issuable_type\":\"MergeRequest\"}"
#define MONA          "{\"id\":501,\"login\":\"mona\",\"type\":\"User\"}"

static json_t *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    json_t *value = json_parse(text, strlen(text), &error);
    assert_no_error(error);
    return value;
}

/* The job argument of an event; NULL: none. (transfer full) */
static json_t *argument_of(const char *event_text, const char *parent_text)
{
    g_autoptr(json_t) event = parse(event_text), parent = parse(parent_text);
    return issue_events_collection.representation(NULL, event, parent, NULL);
}

static void assert_argument(const char *event, const char *parent, const char *expected)
{
    g_autoptr(json_t) argument = argument_of(event, parent);
    g_autofree char *text = json_dump(argument);
    assert_string_equal(text, expected);
}

/* One field of the argument as JSON. */
static void assert_field(const char *event, const char *field, const char *expected)
{
    g_autoptr(json_t) argument = argument_of(event, ISSUE);
    g_autofree char *text = json_dumps(json_object_get(argument, field), JSON_ENCODE_ANY | JSON_COMPACT);
    assert_string_equal(text, expected);
}

static void assert_id(const char *event_text, const char *expected)
{
    g_autoptr(json_t) event = parse(event_text), parent = parse(ISSUE);
    g_autofree char *id = issue_events_collection.id(event, parent);
    if (expected)
        assert_string_equal(id, expected);
    else
        assert_null(id);
}

static void the_api_s_event_becomes_ruby_s_argument(G_GNUC_UNUSED void **state)
{
    assert_argument(
        "{\"id\":9001,\"event\":\"closed\",\"actor\":" MONA ",\"commit_id\":null,"
        "\"created_at\":\"2024-05-06T07:08:09Z\",\"url\":\"https://api.github.com/x\",\"state_reason\":null}",
        ISSUE,
        "{\"id\":9001,\"actor\":{\"id\":501,\"login\":\"mona\"},\"event\":\"closed\",\"commit_id\":null,"
        "\"label_title\":null,\"old_title\":null,\"new_title\":null,\"milestone_title\":null,"
        "\"issue\":{\"number\":12,\"pull_request\":false},\"source\":null,\"assignee\":null,"
        "\"requested_reviewer\":null,\"review_requester\":null,\"created_at\":\"2024-05-06 07:08:09 UTC\","
        "\"updated_at\":null,\"submitted_at\":null,\"state\":null,\"body\":null}");
}

static void nested_fields_are_taken_apart(G_GNUC_UNUSED void **state)
{
    assert_field("{\"id\":1,\"event\":\"labeled\",\"label\":{\"name\":\"bug\",\"color\":\"d73a4a\"}}",
                 "label_title", "\"bug\"");
    assert_field("{\"id\":1,\"event\":\"renamed\",\"rename\":{\"from\":\"a\",\"to\":\"b\"}}", "old_title",
                 "\"a\"");
    assert_field("{\"id\":1,\"event\":\"renamed\",\"rename\":{\"from\":\"a\",\"to\":\"b\"}}", "new_title",
                 "\"b\"");
    assert_field("{\"id\":1,\"event\":\"milestoned\",\"milestone\":{\"title\":\"v1\"}}", "milestone_title",
                 "\"v1\"");
    assert_field("{\"id\":1,\"event\":\"assigned\",\"assignee\":" MONA "}", "assignee",
                 "{\"id\":501,\"login\":\"mona\"}");
}

static void a_review_has_only_a_user_and_its_own_time(G_GNUC_UNUSED void **state)
{
#define REVIEW                                                                                               \
    "{\"id\":1,\"event\":\"reviewed\",\"user\":" MONA ",\"state\":\"changes_requested\",\"body\":\"no\","    \
    "\"submitted_at\":\"2024-05-06T07:08:09Z\"}"
    assert_field(REVIEW, "actor", "{\"id\":501,\"login\":\"mona\"}");
    assert_field(REVIEW, "submitted_at", "\"2024-05-06 07:08:09 UTC\"");
    assert_field(REVIEW, "created_at", "null");
    assert_field(REVIEW, "state", "\"changes_requested\"");
    assert_field(REVIEW, "body", "\"no\"");
}

static void a_requested_team_is_no_reviewer(G_GNUC_UNUSED void **state)
{
    assert_field("{\"id\":1,\"event\":\"review_requested\",\"requested_team\":{\"id\":5,\"name\":\"t\"}}",
                 "requested_reviewer", "null");
}

static void the_source_passes_through_unmodified(G_GNUC_UNUSED void **state)
{
    assert_field("{\"event\":\"cross-referenced\",\"source\":{\"type\":\"issue\",\"issue\":{\"id\":880011,"
                 "\"number\":15,\"created_at\":\"2024-05-06T07:08:09Z\"}}}",
                 "source",
                 "{\"type\":\"issue\",\"issue\":{\"id\":880011,\"number\":15,"
                 "\"created_at\":\"2024-05-06T07:08:09Z\"}}");
}

static void what_github_sends_as_issue_is_replaced(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) argument =
        argument_of("{\"id\":1,\"event\":\"closed\",\"issue\":{\"number\":99}}", MERGE_REQUEST);
    g_autofree char *issue = json_dump(json_object_get(argument, "issue"));
    assert_string_equal(issue, "{\"number\":15,\"pull_request\":true}");
}

static void cross_references_get_a_composed_id(G_GNUC_UNUSED void **state)
{
#define CROSS_REFERENCE "{\"event\":\"cross-referenced\",\"source\":{\"issue\":{\"id\":880011}}}"
    assert_id(CROSS_REFERENCE, "cross-reference#12-in-880011");
    assert_field(CROSS_REFERENCE, "id", "\"cross-reference#12-in-880011\"");
}

static void other_events_have_their_own_id_or_none(G_GNUC_UNUSED void **state)
{
    assert_id("{\"id\":9001,\"event\":\"closed\"}", "9001");
    assert_id("{\"event\":\"committed\",\"sha\":\"abc\"}", NULL);
    assert_id("{\"event\":\"cross-referenced\",\"source\":null}", NULL);
}

static void only_fifteen_kinds_of_events_are_scheduled(G_GNUC_UNUSED void **state)
{
    g_auto(GStrv) supported =
        g_strsplit("assigned closed cross-referenced demilestoned labeled merged milestoned renamed reopened"
                   " review_request_removed review_requested unassigned unlabeled commented reviewed",
                   " ", -1);
    g_auto(GStrv) dropped =
        g_strsplit("mentioned subscribed referenced committed head_ref_deleted locked pinned"
                   " converted_note_to_issue convert_to_draft ready_for_review review_dismissed"
                   " line-commented connected transferred added_to_project_v2",
                   " ", -1);
    for (char **name = supported; *name; name++) {
        g_autofree char *event = g_strdup_printf("{\"id\":1,\"event\":\"%s\"}", *name);
        g_autoptr(json_t) argument = argument_of(event, ISSUE);
        assert_int_equal(json_object_size(argument), 18);
    }
    for (char **name = dropped; *name; name++) {
        g_autofree char *event = g_strdup_printf("{\"id\":1,\"event\":\"%s\"}", *name);
        assert_null(argument_of(event, ISSUE));
    }
}

static void assert_counted_as(const char *name, const char *expected)
{
    g_autoptr(json_t) event = json_pack("{s:s}", "event", name);
    assert_string_equal(issue_events_collection.fetched_as(event), expected);
}

static void the_counter_is_split_by_kind(G_GNUC_UNUSED void **state)
{
    assert_counted_as("commented", "note");
    assert_counted_as("reviewed", "pull_request_review");
    assert_counted_as("merged", "pull_request_merged_by");
    assert_counted_as("closed", "issue_event");
}

/* The logins of those who are looked up for an event. */
static void assert_people(const char *event_text, const char *expected)
{
    g_autoptr(json_t) event = parse(event_text), users = json_array();
    g_autoptr(GString) logins = g_string_new(NULL);
    issue_events_collection.people(event, users);
    for (size_t i = 0; i < json_array_size(users); i++) {
        const json_t *user = json_array_get(users, i);
        assert_non_null(json_string_field(user, "login"));
        g_string_append_printf(logins, "%s ", json_string_field(user, "login"));
    }
    assert_string_equal(logins->str, expected);
}

static void people_are_those_whom_the_jobs_will_look_up(G_GNUC_UNUSED void **state)
{
    assert_people("{\"event\":\"closed\",\"actor\":" MONA "}", "mona ");
    assert_people("{\"event\":\"reviewed\",\"user\":" MONA "}", "mona ");
    assert_people("{\"event\":\"review_requested\",\"actor\":" MONA
                  ",\"review_requester\":{\"id\":1,\"login\":\"a\"},"
                  "\"requested_reviewer\":{\"id\":2,\"login\":\"b\"}}",
                  "a b ");
    assert_people("{\"event\":\"closed\",\"actor\":null}", "");
}

static void an_event_that_is_dropped_needs_nobody(G_GNUC_UNUSED void **state)
{
    assert_people("{\"event\":\"subscribed\",\"actor\":" MONA "}", "");
}

/* What the events cache holds for merge request 15 after an event of it was scheduled. */
static void assert_cached(const char *event_text, const char *expected)
{
    ObjectImport *import = object_import_new("Spec", NULL, NULL, "{}");
    Stage stage = {.session = import->session, .project = import->project};
    g_autoptr(json_t) event = parse(event_text), parent = parse(MERGE_REQUEST);
    g_autofree char *key = g_strdup_printf(
        "cache:gitlab:github-importer/events/%" G_GINT64_FORMAT "/MergeRequest/15", import->project->id);
    assert_true(issue_events_collection.scheduling(&stage, event, parent, NULL));
    g_autofree char *list = private_gitlab_redis("LRANGE", key, "0", "-1", NULL);
    assert_string_equal(list, expected);
    object_import_free(import);
}

static void review_requests_are_cached_with_what_github_sent_as_issue(G_GNUC_UNUSED void **state)
{
    assert_cached("{\"id\":1,\"event\":\"review_requested\",\"created_at\":\"2024-05-06T07:08:09Z\"}",
                  "{\"id\":1,\"actor\":null,\"event\":\"review_requested\",\"commit_id\":null,"
                  "\"label_title\":null,\"old_title\":null,\"new_title\":null,\"milestone_title\":null,"
                  "\"issue\":null,\"source\":null,\"assignee\":null,\"requested_reviewer\":null,"
                  "\"review_requester\":null,\"created_at\":\"2024-05-06 07:08:09 UTC\",\"updated_at\":null,"
                  "\"submitted_at\":null,\"state\":null,\"body\":null}");
    assert_cached("{\"id\":1,\"event\":\"closed\"}", "");
}

static void the_collection_is_ruby_s(G_GNUC_UNUSED void **state)
{
    const ParentCollection *const parents[] = {&issue_parents, &merge_request_parents};
    assert_string_equal(issue_events_collection.name, "issue_timeline");
    assert_string_equal(issue_events_collection.path, "issues/%s/timeline");
    assert_string_equal(issue_events_collection.query, "state=all&sort=created&direction=asc");
    assert_string_equal(issue_events_collection.worker, "Gitlab::GithubImport::ImportIssueEventWorker");
    for (guint i = 0; i < G_N_ELEMENTS(parents); i++) {
        assert_string_equal(parents[i]->done_set,
                            "github-importer/issues/issue_timeline/already-imported/%" G_GINT64_FORMAT);
        assert_string_equal(parents[i]->page_counter, "issues/%s/issue_timeline");
        assert_ptr_equal(parents[i]->parent_done, replay_events_parent_done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_api_s_event_becomes_ruby_s_argument),
        cmocka_unit_test(nested_fields_are_taken_apart),
        cmocka_unit_test(a_review_has_only_a_user_and_its_own_time),
        cmocka_unit_test(a_requested_team_is_no_reviewer),
        cmocka_unit_test(the_source_passes_through_unmodified),
        cmocka_unit_test(what_github_sends_as_issue_is_replaced),
        cmocka_unit_test(cross_references_get_a_composed_id),
        cmocka_unit_test(other_events_have_their_own_id_or_none),
        cmocka_unit_test(only_fifteen_kinds_of_events_are_scheduled),
        cmocka_unit_test(the_counter_is_split_by_kind),
        cmocka_unit_test(people_are_those_whom_the_jobs_will_look_up),
        cmocka_unit_test(an_event_that_is_dropped_needs_nobody),
        cmocka_unit_test(review_requests_are_cached_with_what_github_sent_as_issue),
        cmocka_unit_test(the_collection_is_ruby_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
