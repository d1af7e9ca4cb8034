/* GitHub's issues as job arguments, in the words of Ruby. */
#include "importers/objects/issue.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

static Schema *schema;

static void read_schema(Session *session)
{
    g_clear_pointer(&schema, schema_free);
    schema = schema_read(session_database(session), NULL);
    assert_non_null(schema);
    session->schema = schema;
}

static int set_up(void **state)
{
    *state = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    read_schema(*state);
    return 0;
}

static int tear_down(void **state)
{
    session_free(*state);
    g_clear_pointer(&schema, schema_free);
    return 0;
}

static json_t *object_of(const char *text)
{
    json_t *object = json_parse(text, strlen(text), NULL);
    assert_non_null(object);
    return object;
}

/* (transfer full) */
static json_t *represent(Session *session, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) object = object_of(text);
    Stage stage = {.session = session};
    json_t *representation = issues_collection.representation(&stage, object, NULL, &error);
    assert_no_error(error);
    return representation;
}

static void assert_field(Session *session, const char *text, const char *field, const char *expected)
{
    g_autoptr(json_t) representation = represent(session, text);
    g_autofree char *value = json_dump(json_object_get(representation, field));
    assert_string_equal(value, expected);
}

static void an_issue_is_written_as_ruby_writes_it(void **state)
{
    g_autoptr(json_t) representation = represent(
        *state, "{\"number\":7,\"title\":\"Pump leaks\","
                "\"body\":\"ask @mira, see https://github.com/acme/rocket/issues/3\",\"state\":\"closed\","
                "\"user\":{\"id\":1042,\"login\":\"mira\",\"type\":\"User\"},"
                "\"assignees\":[{\"login\":\"mira\",\"id\":1042}],\"labels\":[{\"name\":\"bug\"}],"
                "\"milestone\":{\"number\":3},"
                "\"created_at\":\"2024-03-01T10:00:00Z\",\"updated_at\":\"2024-03-05T11:00:00Z\"}");
    assert_text(json_dump(representation),
                "{\"iid\":7,\"title\":\"Pump leaks\","
                "\"description\":\"ask @mira, see https://github.com/acme/rocket/issues/3\","
                "\"milestone_number\":3,\"state\":\"closed\","
                "\"assignees\":[{\"id\":1042,\"login\":\"mira\"}],\"label_names\":[\"bug\"],"
                "\"author\":{\"id\":1042,\"login\":\"mira\"},\"created_at\":\"2024-03-01 10:00:00 UTC\","
                "\"updated_at\":\"2024-03-05 11:00:00 UTC\",\"pull_request\":false,\"work_item_type_id\":1}");
}

static void what_github_leaves_out_is_null(void **state)
{
    g_autoptr(json_t) representation =
        represent(*state, "{\"number\":8,\"title\":\"t\",\"body\":null,\"state\":\"open\",\"user\":null,"
                          "\"assignees\":[],\"labels\":[],\"milestone\":null}");
    assert_text(json_dump(representation),
                "{\"iid\":8,\"title\":\"t\",\"description\":null,\"milestone_number\":null,"
                "\"state\":\"opened\",\"assignees\":[],\"label_names\":[],\"author\":null,"
                "\"created_at\":null,\"updated_at\":null,\"pull_request\":false,\"work_item_type_id\":1}");
}

static void any_state_but_open_is_closed(void **state)
{
    assert_field(*state, "{\"number\":8,\"state\":\"open\"}", "state", "\"opened\"");
    assert_field(*state, "{\"number\":8,\"state\":\"closed\"}", "state", "\"closed\"");
    assert_field(*state, "{\"number\":8,\"state\":\"all\"}", "state", "\"closed\"");
}

static void a_label_may_be_a_plain_text(void **state)
{
    assert_field(*state, "{\"number\":8,\"labels\":[\"a\",{\"name\":\"b: \xc3\xa9/c\"},{\"name\":null}]}",
                 "label_names", "[\"a\",\"b: \xc3\xa9/c\",null]");
}

static void texts_travel_unchanged(void **state)
{
    assert_field(*state, "{\"number\":8,\"title\":\"a\\u0000b\"}", "title", "\"a\\u0000b\"");
    assert_field(*state, "{\"number\":8,\"body\":\"a\\r\\n\xf0\x9f\x9a\x80 </b>\"}", "description",
                 "\"a\\r\\n\xf0\x9f\x9a\x80 </b>\"");
}

static void a_pull_request_is_one_when_github_says_more_of_it(void **state)
{
    assert_field(*state, "{\"number\":9,\"pull_request\":{\"url\":\"u\"}}", "pull_request", "true");
    assert_field(*state, "{\"number\":9,\"pull_request\":null}", "pull_request", "false");
}

static void a_pull_request_is_scheduled_but_not_counted(void **state)
{
    g_autoptr(json_t) issue = object_of("{\"number\":8}");
    g_autoptr(json_t) pull_request = object_of("{\"number\":9,\"pull_request\":{}}");
    g_autoptr(json_t) representation = represent(*state, "{\"number\":9,\"pull_request\":{}}");
    assert_non_null(representation);
    assert_text(issues_collection.id(pull_request, NULL), "9");
    assert_null(issues_collection.fetched_as(pull_request));
    assert_string_equal(issues_collection.fetched_as(issue), "issue");
}

static void an_object_without_number_is_skipped(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) object = object_of("{\"title\":\"t\"}");
    assert_null(issues_collection.id(object, NULL));
}

static void assert_people(const char *text, const char *expected)
{
    g_autoptr(json_t) object = object_of(text);
    g_autoptr(json_t) users = json_array();
    issues_collection.people(object, users);
    assert_text(json_dump(users), expected);
}

static void an_issue_s_job_looks_up_author_and_assignees(G_GNUC_UNUSED void **state)
{
    assert_people("{\"user\":{\"id\":1,\"login\":\"a\",\"type\":\"Bot\"},"
                  "\"assignees\":[{\"id\":2,\"login\":\"b\"}]}",
                  "[{\"id\":1,\"login\":\"a\",\"type\":\"Bot\"},{\"id\":2,\"login\":\"b\"}]");
    assert_people("{\"user\":null}", "[null]");
    assert_people("{\"pull_request\":{},\"user\":{\"id\":1,\"login\":\"a\"}}", "[]");
}

static void older_gitlabs_number_the_type_themselves(void **state)
{
    g_autofree char *created =
        private_gitlab_sql("CREATE TABLE work_item_types (id bigint, base_type smallint);"
                           "INSERT INTO work_item_types VALUES (31, 1), (5, 0), (77, 0)");
    read_schema(*state);
    assert_field(*state, "{\"number\":8}", "work_item_type_id", "5");
    g_autofree char *dropped = private_gitlab_sql("DROP TABLE work_item_types");
}

static void the_collection_is_asked_for_as_ruby_asks(G_GNUC_UNUSED void **state)
{
    assert_string_equal(issues_collection.path, "issues");
    assert_string_equal(issues_collection.query, "state=all&sort=created&direction=asc");
    assert_string_equal(issues_collection.name, "issues");
    assert_string_equal(issues_collection.worker, "Gitlab::GithubImport::ImportIssueWorker");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_issue_is_written_as_ruby_writes_it),
        TEST(what_github_leaves_out_is_null),
        TEST(any_state_but_open_is_closed),
        TEST(a_label_may_be_a_plain_text),
        TEST(texts_travel_unchanged),
        TEST(a_pull_request_is_one_when_github_says_more_of_it),
        TEST(a_pull_request_is_scheduled_but_not_counted),
        TEST(an_object_without_number_is_skipped),
        TEST(an_issue_s_job_looks_up_author_and_assignees),
        TEST(older_gitlabs_number_the_type_themselves),
        TEST(the_collection_is_asked_for_as_ruby_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
