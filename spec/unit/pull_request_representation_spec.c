/* GitHub's pull requests as job arguments, in the words of Ruby, and what is read back from them. */
#include "importers/objects/pull_request_representation.h"

#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"

#include <string.h>

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static json_t *object_of(const char *text)
{
    json_t *object = json_parse(text, strlen(text), NULL);
    assert_non_null(object);
    return object;
}

/* (transfer full) */
static json_t *represent(const char *text)
{
    g_autoptr(json_t) object = object_of(text);
    return pull_request_representation(object);
}

static void assert_field(const char *text, const char *field, const char *expected)
{
    g_autoptr(json_t) representation = represent(text);
    g_autofree char *value = json_dump(json_object_get(representation, field));
    assert_string_equal(value, expected);
}

/* --- from GitHub's answer --- */

static void a_pull_request_is_written_as_ruby_writes_it(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) representation = represent(
        "{\"number\":7,\"title\":\"Fix it\",\"body\":\"Closes #3\",\"state\":\"open\",\"merged_at\":null,"
        "\"created_at\":\"2024-01-02T03:04:05Z\",\"updated_at\":\"2024-01-03T03:04:05Z\","
        "\"head\":{\"ref\":\"fix\",\"sha\":\"" ONE "\",\"repo\":{\"id\":900},\"user\":{\"login\":\"eve\"}},"
        "\"base\":{\"ref\":\"main\",\"sha\":\"" TWO "\",\"repo\":{\"id\":800}},"
        "\"user\":{\"id\":5,\"login\":\"eve\",\"type\":\"User\"},\"assignee\":{\"id\":6,\"login\":\"bob\"},"
        "\"milestone\":{\"number\":2},\"labels\":[{\"name\":\"bug\"}],\"draft\":true}");
    assert_text(json_dump(representation),
                "{\"iid\":7,\"title\":\"Fix it\",\"description\":\"Closes #3\",\"source_branch\":\"fix\","
                "\"target_branch\":\"main\",\"source_branch_sha\":\"" ONE "\","
                "\"target_branch_sha\":\"" TWO "\",\"source_repository_id\":900,"
                "\"target_repository_id\":800,\"source_repository_owner\":\"eve\",\"state\":\"opened\","
                "\"milestone_number\":2,\"author\":{\"id\":5,\"login\":\"eve\"},"
                "\"assignee\":{\"id\":6,\"login\":\"bob\"},\"created_at\":\"2024-01-02 03:04:05 UTC\","
                "\"updated_at\":\"2024-01-03 03:04:05 UTC\",\"merged_at\":null,\"merged_by\":null}");
}

static void what_github_leaves_out_is_null(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) representation =
        represent("{\"number\":8,\"title\":\"t\",\"body\":null,\"state\":\"open\",\"user\":null,"
                  "\"assignee\":null,\"milestone\":null,"
                  "\"head\":{\"ref\":\"fix\",\"sha\":\"" ONE "\",\"repo\":null,\"user\":null},"
                  "\"base\":{\"ref\":\"main\",\"sha\":\"" TWO "\"}}");
    assert_text(json_dump(representation),
                "{\"iid\":8,\"title\":\"t\",\"description\":null,\"source_branch\":\"fix\","
                "\"target_branch\":\"main\",\"source_branch_sha\":\"" ONE "\","
                "\"target_branch_sha\":\"" TWO "\",\"source_repository_id\":null,"
                "\"target_repository_id\":null,\"source_repository_owner\":null,\"state\":\"opened\","
                "\"milestone_number\":null,\"author\":null,\"assignee\":null,\"created_at\":null,"
                "\"updated_at\":null,\"merged_at\":null,\"merged_by\":null}");
}

static void any_state_but_open_is_closed(G_GNUC_UNUSED void **state)
{
    assert_field("{\"state\":\"open\"}", "state", "\"opened\"");
    assert_field("{\"state\":\"closed\"}", "state", "\"closed\"");
    assert_field("{\"state\":\"all\"}", "state", "\"closed\"");
    assert_field("{\"state\":null}", "state", "\"closed\"");
}

static void only_the_first_assignee_travels(G_GNUC_UNUSED void **state)
{
    assert_field("{\"assignee\":{\"id\":6,\"login\":\"bob\"},"
                 "\"assignees\":[{\"id\":6,\"login\":\"bob\"},{\"id\":7,\"login\":\"amy\"}]}",
                 "assignee", "{\"id\":6,\"login\":\"bob\"}");
}

static void the_single_answer_names_who_merged(G_GNUC_UNUSED void **state)
{
    const char *merged = "{\"state\":\"closed\",\"merged_at\":\"2024-01-04T00:00:00Z\","
                         "\"merged_by\":{\"id\":9,\"login\":\"zoe\",\"type\":\"User\"}}";
    assert_field(merged, "merged_by", "{\"id\":9,\"login\":\"zoe\"}");
    assert_field(merged, "merged_at", "\"2024-01-04 00:00:00 UTC\"");
    assert_field(merged, "state", "\"closed\"");
}

static void texts_travel_unchanged(G_GNUC_UNUSED void **state)
{
    assert_field("{\"title\":\"a\\u0000b\"}", "title", "\"a\\u0000b\"");
    assert_field("{\"body\":\"a\\r\\n\xf0\x9f\x9a\x80 </b>\"}", "description",
                 "\"a\\r\\n\xf0\x9f\x9a\x80 </b>\"");
}

/* --- read back --- */

static void assert_state(const char *text, const char *expected)
{
    g_autoptr(json_t) representation = object_of(text);
    assert_string_equal(pull_request_state(representation), expected);
}

static void it_is_merged_when_it_has_a_merge_time_whatever_its_state(G_GNUC_UNUSED void **state)
{
    assert_state("{\"state\":\"closed\",\"merged_at\":\"2024-01-04 00:00:00 UTC\"}", "merged");
    assert_state("{\"state\":\"opened\",\"merged_at\":\"2024-01-04T00:00:00Z\"}", "merged");
}

static void without_a_merge_time_the_state_says_it(G_GNUC_UNUSED void **state)
{
    assert_state("{\"state\":\"opened\",\"merged_at\":null}", "opened");
    assert_state("{\"state\":\"closed\",\"merged_at\":null}", "closed");
    assert_state("{\"state\":\"opened\",\"merged_at\":\"\"}", "opened");
    assert_state("{\"state\":\"closed\"}", "closed");
}

/* The title of `length` times the letter é. (transfer full) */
static char *truncated(guint length)
{
    g_autoptr(GString) title = g_string_new(NULL);
    for (guint i = 0; i < length; i++)
        g_string_append(title, "\xc3\xa9");
    g_autoptr(json_t) representation = json_pack("{s:s}", "title", title->str);
    return pull_request_truncated_title(representation);
}

static void a_title_of_255_characters_stays(G_GNUC_UNUSED void **state)
{
    g_autofree char *title = truncated(255);
    assert_int_equal(g_utf8_strlen(title, -1), 255);
    assert_true(g_str_has_suffix(title, "\xc3\xa9"));
}

static void a_longer_title_keeps_252_characters_and_gets_three_dots(G_GNUC_UNUSED void **state)
{
    g_autofree char *title = truncated(256);
    assert_int_equal(g_utf8_strlen(title, -1), 255);
    assert_true(g_str_has_suffix(title, "\xc3\xa9..."));
}

static void a_title_loses_nul_characters_before_it_is_measured(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) representation = object_of("{\"title\":\"a\\u0000b\"}");
    assert_text(pull_request_truncated_title(representation), "ab");
}

static void there_may_be_no_title(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) representation = object_of("{\"title\":null}");
    assert_null(pull_request_truncated_title(representation));
}

#define BRANCHES(source, target, source_id, owner)                                                           \
    "{\"iid\":42,\"source_branch\":" source ",\"target_branch\":" target                                     \
    ",\"source_repository_id\":" source_id                                                                   \
    ",\"target_repository_id\":800,\"source_repository_owner\":" owner "}"

static void assert_source_branch(const char *text, const char *expected)
{
    g_autoptr(json_t) representation = object_of(text);
    assert_text(pull_request_source_branch(representation), expected);
}

static void a_branch_of_the_same_repository_keeps_its_name(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"fix\"", "\"main\"", "800", "\"acme\""), "fix");
}

static void a_branch_of_a_fork_gets_its_owner(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"fix/a\"", "\"main\"", "900", "\"eve\""), "github/fork/eve/fix/a");
}

static void a_fork_s_main_gets_its_owner_and_no_number(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"main\"", "\"main\"", "900", "\"eve\""), "github/fork/eve/main");
}

static void a_deleted_fork_with_a_known_owner_is_still_a_fork(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"fix\"", "\"main\"", "null", "\"eve\""), "github/fork/eve/fix");
}

static void a_branch_into_its_own_name_gets_the_number(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"main\"", "\"main\"", "800", "\"acme\""), "main-42");
}

static void a_deleted_account_s_main_gets_the_number(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"main\"", "\"main\"", "null", "null"), "main-42");
}

static void a_deleted_account_s_other_branch_keeps_its_name(G_GNUC_UNUSED void **state)
{
    assert_source_branch(BRANCHES("\"fix\"", "\"main\"", "null", "null"), "fix");
    assert_source_branch(BRANCHES("\"fix\"", "\"main\"", "900", "null"), "fix");
}

static void there_may_be_no_source_branch(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) representation = object_of(BRANCHES("null", "\"main\"", "800", "\"acme\""));
    assert_null(pull_request_source_branch(representation));
}

static void failures_name_the_number_and_the_kind(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) representation = object_of("{\"iid\":42}");
    g_autoptr(json_t) identifiers = pull_request_identifiers(representation);
    assert_text(json_dump(identifiers), "{\"iid\":42,\"issuable_type\":\"MergeRequest\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pull_request_is_written_as_ruby_writes_it),
        cmocka_unit_test(what_github_leaves_out_is_null),
        cmocka_unit_test(any_state_but_open_is_closed),
        cmocka_unit_test(only_the_first_assignee_travels),
        cmocka_unit_test(the_single_answer_names_who_merged),
        cmocka_unit_test(texts_travel_unchanged),
        cmocka_unit_test(it_is_merged_when_it_has_a_merge_time_whatever_its_state),
        cmocka_unit_test(without_a_merge_time_the_state_says_it),
        cmocka_unit_test(a_title_of_255_characters_stays),
        cmocka_unit_test(a_longer_title_keeps_252_characters_and_gets_three_dots),
        cmocka_unit_test(a_title_loses_nul_characters_before_it_is_measured),
        cmocka_unit_test(there_may_be_no_title),
        cmocka_unit_test(a_branch_of_the_same_repository_keeps_its_name),
        cmocka_unit_test(a_branch_of_a_fork_gets_its_owner),
        cmocka_unit_test(a_fork_s_main_gets_its_owner_and_no_number),
        cmocka_unit_test(a_deleted_fork_with_a_known_owner_is_still_a_fork),
        cmocka_unit_test(a_branch_into_its_own_name_gets_the_number),
        cmocka_unit_test(a_deleted_account_s_main_gets_the_number),
        cmocka_unit_test(a_deleted_account_s_other_branch_keeps_its_name),
        cmocka_unit_test(there_may_be_no_source_branch),
        cmocka_unit_test(failures_name_the_number_and_the_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
