/* Review comments as they travel: the argument, the discussion ids of threads, and the collections. */
#include "importers/objects/diff_note_collection.h"

#include "protocol/json.h"
#include "spec/support/older_gitlab.h"

#define URL        "\"html_url\":\"https://github.com/acme/rocket/pull/7#discussion_r1\""
#define OWN_KEY    "cache:gitlab:github-importer/discussion-id-map/rocket/7/"
#define TAKEN_SET  "already-imported/%" G_GINT64_FORMAT "/pull_requests_comments"
#define NOBODY_KEY "cache:gitlab:github-importer/discussion-id-map/*"

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    return value;
}

/* The arguments of a page's jobs; `comments` is an array. (transfer full) */
static json_t *arguments_of(const GitlabContext *context, const char *comments)
{
    Stage stage = {.session = context->session, .project = context->project};
    g_autoptr(json_t) page = parse(comments);
    g_autoptr(GError) error = NULL;
    json_t *arguments = json_array();
    assert_true(diff_notes_collection.prepare(&stage, page, &error));
    for (size_t i = 0; i < json_array_size(page); i++) {
        json_t *argument =
            diff_notes_collection.representation(&stage, json_array_get(page, i), NULL, &error);
        assert_no_error(error);
        if (argument)
            json_array_append_new(arguments, argument);
    }
    return arguments;
}

static const char *discussion(const json_t *arguments, size_t index)
{
    return json_string_field(json_array_get(arguments, index), "discussion_id");
}

/* --- the argument --- */

static void the_api_s_comment_becomes_ruby_s_argument(void **state)
{
    g_autofree char *written = private_gitlab_redis("SET", OWN_KEY "11", "d11", NULL);
    g_autoptr(json_t) arguments = arguments_of(
        *state,
        "[{\"id\":11," URL ",\"path\":\"lib/a.rb\",\"commit_id\":\"c1\",\"original_commit_id\":\"c0\","
        "\"diff_hunk\":\"@@ -1,2 +1,3 @@\\n one\\n+two\",\"user\":{\"id\":501,\"login\":\"mona\","
        "\"type\":\"User\"},\"body\":\"why?\",\"created_at\":\"2024-05-06T07:08:09Z\","
        "\"updated_at\":\"2024-05-06T07:08:10Z\",\"line\":4,\"start_line\":2,\"original_line\":3,"
        "\"original_start_line\":1,\"side\":\"RIGHT\",\"subject_type\":\"line\",\"position\":2}]");
    g_autofree char *text = json_dump(json_array_get(arguments, 0));
    assert_string_equal(
        text,
        "{\"noteable_id\":7,\"commit_id\":\"c1\",\"original_commit_id\":\"c0\",\"file_path\":\"lib/a.rb\","
        "\"diff_hunk\":\"@@ -1,2 +1,3 @@\\n one\\n+two\",\"author\":{\"id\":501,\"login\":\"mona\"},"
        "\"note\":\"why?\",\"created_at\":\"2024-05-06 07:08:09 UTC\","
        "\"updated_at\":\"2024-05-06 07:08:10 UTC\",\"note_id\":11,\"end_line\":4,\"start_line\":2,"
        "\"original_end_line\":3,\"original_start_line\":1,\"side\":\"RIGHT\",\"in_reply_to_id\":null,"
        "\"discussion_id\":\"d11\",\"subject_type\":\"line\"}");
}

static void what_github_leaves_out_is_null(void **state)
{
    g_autofree char *written = private_gitlab_redis("SET", OWN_KEY "11", "d11", NULL);
    g_autoptr(json_t) arguments = arguments_of(*state, "[{\"id\":11," URL ",\"user\":null}]");
    g_autofree char *text = json_dump(json_array_get(arguments, 0));
    assert_string_equal(
        text, "{\"noteable_id\":7,\"commit_id\":null,\"original_commit_id\":null,\"file_path\":null,"
              "\"diff_hunk\":null,\"author\":null,\"note\":null,\"created_at\":null,\"updated_at\":null,"
              "\"note_id\":11,\"end_line\":null,\"start_line\":null,\"original_end_line\":null,"
              "\"original_start_line\":null,\"side\":null,\"in_reply_to_id\":null,"
              "\"discussion_id\":\"d11\",\"subject_type\":null}");
}

static void the_url_tells_the_pull_request_whatever_its_letters(void **state)
{
    g_autoptr(json_t) arguments =
        arguments_of(*state, "[{\"id\":1,\"html_url\":\"https://github.com/acme/pull/PULL/12\"},"
                             "{\"id\":2,\"html_url\":\"https://github.com/pull/pull/pull/13#r2\"}]");
    assert_int_equal(json_integer_field(json_array_get(arguments, 0), "noteable_id", 0), 12);
    assert_int_equal(json_integer_field(json_array_get(arguments, 1), "noteable_id", 0), 13);
    assert_redis("1", "EXISTS", "cache:gitlab:github-importer/discussion-id-map/pull/12/1");
    assert_redis("1", "EXISTS", "cache:gitlab:github-importer/discussion-id-map/pull/13/2");
}

static void another_url_fails_the_stage(void **state)
{
    const GitlabContext *context = *state;
    Stage stage = {.session = context->session, .project = context->project};
    g_autoptr(json_t) page = parse("[{\"id\":1,\"html_url\":\"https://github.com/acme/rocket/pull/x\"}]");
    g_autoptr(GError) error = NULL;
    assert_true(diff_notes_collection.prepare(&stage, page, NULL));
    assert_null(diff_notes_collection.representation(&stage, json_array_get(page, 0), NULL, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS);
}

/* --- threads --- */

static void a_reply_has_its_thread_s_discussion_and_none_of_its_own(void **state)
{
    g_autoptr(json_t) arguments =
        arguments_of(*state, "[{\"id\":11," URL "},{\"id\":12,\"in_reply_to_id\":11," URL "},"
                             "{\"id\":13," URL "}]");
    assert_int_equal(strlen(discussion(arguments, 0)), 40);
    assert_string_equal(discussion(arguments, 1), discussion(arguments, 0));
    assert_string_not_equal(discussion(arguments, 2), discussion(arguments, 0));
    assert_redis("0", "EXISTS", OWN_KEY "12");
    assert_redis(discussion(arguments, 0), "GET", OWN_KEY "11");
    assert_ttl(OWN_KEY "11", 86400);
}

static void a_reply_on_a_later_page_has_too(void **state)
{
    g_autoptr(json_t) first = arguments_of(*state, "[{\"id\":11," URL "}]");
    g_autoptr(json_t) second = arguments_of(*state, "[{\"id\":12,\"in_reply_to_id\":11," URL "}]");
    assert_string_equal(discussion(second, 0), discussion(first, 0));
}

static void a_reply_before_its_thread_begins_one_of_its_own(void **state)
{
    g_autoptr(json_t) arguments =
        arguments_of(*state, "[{\"id\":12,\"in_reply_to_id\":11," URL "},{\"id\":11," URL "},"
                             "{\"id\":14,\"in_reply_to_id\":11," URL "}]");
    assert_string_not_equal(discussion(arguments, 0), discussion(arguments, 1));
    assert_string_equal(discussion(arguments, 2), discussion(arguments, 1));
    assert_redis(discussion(arguments, 0), "GET", OWN_KEY "12");
}

static void what_ruby_has_begun_goes_on(void **state)
{
    g_autofree char *written = private_gitlab_redis("SET", OWN_KEY "11", "ruby's", NULL);
    g_autoptr(json_t) arguments =
        arguments_of(*state, "[{\"id\":11," URL "},{\"id\":12,\"in_reply_to_id\":11," URL "}]");
    assert_string_equal(discussion(arguments, 0), "ruby's");
    assert_string_equal(discussion(arguments, 1), "ruby's");
}

static void a_page_that_is_listed_anew_has_the_same_discussions(void **state)
{
    g_autoptr(json_t) first = arguments_of(*state, "[{\"id\":11," URL "}]");
    g_autofree char *flushed = private_gitlab_redis("FLUSHALL", NULL);
    g_autoptr(json_t) second = arguments_of(*state, "[{\"id\":11," URL "}]");
    assert_string_equal(discussion(second, 0), discussion(first, 0));
}

static void two_projects_of_one_repository_share_no_discussion(void **state)
{
    GitlabContext *context = *state;
    g_autoptr(json_t) first = arguments_of(context, "[{\"id\":11," URL "}]");
    g_autofree char *flushed = private_gitlab_redis("FLUSHALL", NULL);
    context->project->id++;
    g_autoptr(json_t) second = arguments_of(context, "[{\"id\":11," URL "}]");
    assert_string_not_equal(discussion(second, 0), discussion(first, 0));
}

static void an_empty_page_asks_for_nothing(void **state)
{
    g_autoptr(json_t) arguments = arguments_of(*state, "[]");
    assert_int_equal(json_array_size(arguments), 0);
    assert_redis("", "KEYS", NOBODY_KEY);
}

/* --- the collections --- */

static void comments_are_identified_counted_and_ascribed(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) comment = parse("{\"id\":11,\"user\":{\"id\":501,\"login\":\"mona\"}}");
    g_autoptr(json_t) users = json_array();
    g_autofree char *id = diff_notes_collection.id(comment, NULL);
    diff_notes_collection.people(comment, users);
    assert_string_equal(id, "11");
    assert_string_equal(diff_notes_collection.fetched_as(comment), "diff_note");
    assert_int_equal(json_array_size(users), 1);
}

static void the_names_are_ruby_s(G_GNUC_UNUSED void **state)
{
    assert_string_equal(diff_notes_collection.name, "pull_request_comments");
    assert_string_equal(diff_notes_collection.path, "pulls/%s/comments");
    assert_string_equal(diff_notes_collection.worker, "Gitlab::GithubImport::ImportDiffNoteWorker");
    assert_string_equal(diff_notes_parents.page_counter, "merge_request/%s/pull_request_comments");
    assert_string_equal(diff_notes_parents.page_counter_key, "id");
    assert_string_equal(diff_notes_parents.done_set,
                        "github-importer/merge_request/diff_notes/already-imported/%" G_GINT64_FORMAT);
    assert_null(diff_notes_parents.done_set_key);
    assert_string_equal(repository_diff_notes_collection.name, "pull_requests_comments");
    assert_string_equal(repository_diff_notes_collection.path, "pulls/comments");
}

static void parents_are_merge_requests_in_order_of_iid(void **state)
{
    const GitlabContext *context = *state;
    g_autoptr(PGresult) inserted = gitlab_context_run(
        context,
        "INSERT INTO merge_requests (id, iid, title, target_branch, source_branch, target_project_id,"
        " source_project_id, author_id, lock_version, created_at, updated_at)"
        " SELECT 900 - n, n, 'Mend it', 'main', 'topic', id, id, 1, 0, now(), now()"
        " FROM projects, generate_series(1, 3) AS n");
    g_autoptr(PGresult) rows = database_run(session_database(context->session), NULL, diff_notes_parents.next,
                                            SQL_INTEGER(context->project->id), SQL_INTEGER(1), DATABASE_END);
    g_autoptr(json_t) parent = diff_notes_parents.parent(rows, 0);
    g_autofree char *text = json_dump(parent);
    assert_int_equal(PQntuples(rows), 2);
    assert_string_equal(text, "{\"iid\":2,\"id\":898}");
}

static void take(const GitlabContext *context)
{
    g_autofree char *set = import_key(context, TAKEN_SET);
    g_autofree char *added = private_gitlab_redis("SADD", set, "11", NULL);
}

static void an_older_gitlab_has_scheduled_some_already(void **state)
{
    take(*state);
    g_autoptr(json_t) arguments = arguments_of(*state, "[{\"id\":11," URL "},{\"id\":12," URL "}]");
    assert_int_equal(json_array_size(arguments), 1);
    assert_int_equal(json_integer_field(json_array_get(arguments, 0), "note_id", 0), 12);
}

static void the_newest_does_not_ask(void **state)
{
    take(*state);
    g_autoptr(json_t) arguments = arguments_of(*state, "[{\"id\":11," URL "}]");
    assert_int_equal(json_array_size(arguments), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, gitlab_context_setup, gitlab_context_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_api_s_comment_becomes_ruby_s_argument),
        TEST(what_github_leaves_out_is_null),
        TEST(the_url_tells_the_pull_request_whatever_its_letters),
        TEST(another_url_fails_the_stage),
        TEST(a_reply_has_its_thread_s_discussion_and_none_of_its_own),
        TEST(a_reply_on_a_later_page_has_too),
        TEST(a_reply_before_its_thread_begins_one_of_its_own),
        TEST(what_ruby_has_begun_goes_on),
        TEST(a_page_that_is_listed_anew_has_the_same_discussions),
        TEST(two_projects_of_one_repository_share_no_discussion),
        TEST(an_empty_page_asks_for_nothing),
        cmocka_unit_test(comments_are_identified_counted_and_ascribed),
        cmocka_unit_test(the_names_are_ruby_s),
        TEST(parents_are_merge_requests_in_order_of_iid),
        cmocka_unit_test_setup_teardown(an_older_gitlab_has_scheduled_some_already, older_gitlab_setup,
                                        older_gitlab_teardown),
        TEST(the_newest_does_not_ask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
