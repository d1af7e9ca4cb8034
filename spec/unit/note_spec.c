/* Comments: the row, what GitLab's model refuses, and how they travel. */
#include "importers/objects/note.h"

#include "importers/objects/note_representation.h"
#include "protocol/log.h"
#include "spec/support/timeline_import.h"

#include <fcntl.h>

#define CLASS  "Gitlab::GithubImport::ImportNoteWorker"
#define SOURCE "Gitlab::GithubImport::Importer::NoteImporter"
#define TIMES  "\"created_at\":\"2024-03-02 08:00:00 UTC\",\"updated_at\":\"2024-03-03 09:00:00 UTC\""
#define MONA   "{\"id\":501,\"login\":\"mona\"}"
#define NOTE(id, type, iid, author, text)                                                                    \
    "{\"noteable_type\":\"" type "\",\"noteable_id\":" iid ",\"author\":" author ",\"note\":" text "," TIMES \
    ",\"note_id\":" id "}"

static int create(void **state)
{
    *state = timeline_import_new(CLASS, &note_importer, "{}");
    return 0;
}

static int clear(void **state)
{
    timeline_import_clear(*state);
    return 0;
}

static void assert_failure(const char *expected)
{
    assert_sql("SELECT source = '" SOURCE "', exception_class, exception_message, external_identifiers"
               " FROM import_failures",
               expected);
    assert_sql("SELECT count(*) FROM notes", "0");
}

/* --- the row --- */

static void a_comment_becomes_a_plain_note(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "\"done\""));
    assert_sql(
        "SELECT noteable_type, noteable_id = (SELECT id FROM issues), project_id = (SELECT id FROM"
        " projects), u.username, n.note, system, type, imported_from, n.created_at, n.updated_at,"
        " internal, note_html, line_code, n.namespace_id FROM notes n JOIN users u ON u.id = author_id",
        "Issue|t|t|mona|done|f||4|2024-03-02 08:00:00|2024-03-03 09:00:00|f|||");
    timeline_import_assert_references(*state, "Note.author_id of mona");
    object_import_assert_counted(*state, "note", "1");
}

static void the_number_of_a_pull_request_is_one_of_merge_requests(void **state)
{
    object_import_succeeds(*state, NOTE("992", "MergeRequest", "15", MONA, "\"done\""));
    assert_sql("SELECT noteable_type, noteable_id = (SELECT id FROM merge_requests) FROM notes",
               "MergeRequest|t");
}

static void a_deleted_account_is_the_ghost_without_reference(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", "null", "\"done\""));
    assert_sql("SELECT u.user_type, n.note FROM notes n JOIN users u ON u.id = author_id", "5|done");
    timeline_import_assert_references(*state, "");
}

static void discussions_have_an_id_of_40_hex_digits_each(void **state)
{
    const char *const notes[] = {NOTE("1", "Issue", "12", MONA, "\"a\""),
                                 NOTE("2", "Issue", "12", MONA, "\"a\""), NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, notes);
    assert_sql("SELECT count(DISTINCT discussion_id), bool_and(discussion_id ~ '^[0-9a-f]{40}$') FROM notes",
               "2|t");
}

static void texts_are_rewritten_as_markdown(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA,
                                        "\"ask @hubot, see https://github.com/acme/rocket/pull/9\\u0000\""));
    assert_sql("SELECT note FROM notes",
               "ask `@hubot`, see https://gitlab.example.com/imports/rocket/-/merge_requests/9");
}

static void texts_keep_emoji_and_line_ends(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "\"a\\r\\n\xf0\x9f\x9a\x80\""));
    assert_sql("SELECT note = E'a\\r\\n\\U0001F680' FROM notes", "t");
}

static void a_bot_is_an_ordinary_user(void **state)
{
    object_import_create_source_user(49699333, "dependabot");
    object_import_succeeds(
        *state, NOTE("991", "Issue", "12", "{\"id\":49699333,\"login\":\"dependabot[bot]\"}", "\"done\""));
    assert_sql("SELECT u.username FROM notes JOIN users u ON u.id = author_id", "dependabot");
    timeline_import_assert_references(*state, "Note.author_id of dependabot");
}

static void an_older_gitlab_wants_the_namespace(G_GNUC_UNUSED void **state)
{
    ObjectImport *import = timeline_import_new(CLASS, &note_importer, "{}");
    object_import_make_older(import);
    object_import_succeeds(import, NOTE("991", "Issue", "12", MONA, "\"done\""));
    assert_sql("SELECT n.namespace_id = p.project_namespace_id FROM notes n JOIN projects p"
               " ON p.id = n.project_id",
               "t");
    object_import_free(import);
}

static void times_may_be_iso_8601(void **state)
{
    object_import_succeeds(*state, "{\"noteable_type\":\"Issue\",\"noteable_id\":12,\"author\":null,"
                                   "\"note\":\"x\",\"created_at\":\"2024-03-02T08:00:00Z\","
                                   "\"updated_at\":\"2024-03-02T10:00:00+02:00\",\"note_id\":1}");
    assert_sql("SELECT created_at = updated_at FROM notes", "t");
}

static void a_comment_is_imported_once(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "\"done\""));
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "\"done\""));
    assert_sql("SELECT count(*) FROM notes", "1");
    object_import_assert_counted(*state, "note", "1");
}

/* --- what is refused --- */

static void a_blank_comment_is_refused(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "\" \\n\""));
    assert_failure("t|ActiveRecord::RecordInvalid|Validation failed: Note can't be blank|"
                   "{\"note_id\": 991, \"object_type\": \"note\", \"noteable_iid\": 12, \"noteable_type\": "
                   "\"Issue\"}");
}

static void a_comment_without_text_is_refused(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "null"));
    assert_sql("SELECT exception_message FROM import_failures", "Validation failed: Note can't be blank");
}

static void a_comment_of_nothing_but_nul_is_blank(void **state)
{
    object_import_succeeds(*state, NOTE("991", "Issue", "12", MONA, "\"\\u0000\""));
    assert_sql("SELECT exception_message FROM import_failures", "Validation failed: Note can't be blank");
}

/* A note of `length` letters (of two bytes each). */
static void perform_long(ObjectImport *import, guint length)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < length; i++)
        g_string_append(text, "\u00e9");
    g_autofree char *note = g_strdup_printf(NOTE("991", "Issue", "12", "null", "\"%s\""), text->str);
    object_import_succeeds(import, note);
}

static void a_million_characters_are_accepted(void **state)
{
    perform_long(*state, 1000000);
    assert_sql("SELECT length(note) FROM notes", "1000000");
}

static void more_than_a_million_characters_are_refused(void **state)
{
    perform_long(*state, 1000001);
    assert_sql("SELECT exception_message FROM import_failures",
               "Validation failed: Note is too long (maximum is 1000000 characters)");
}

static void a_comment_from_before_1970_is_refused(void **state)
{
    object_import_succeeds(*state, "{\"noteable_type\":\"Issue\",\"noteable_id\":12,\"author\":null,"
                                   "\"note\":\"x\",\"created_at\":\"1969-12-31 23:59:59 UTC\","
                                   "\"updated_at\":\"2024-03-02 08:00:00 UTC\",\"note_id\":1}");
    assert_sql("SELECT exception_message FROM import_failures",
               "Validation failed: Created at The created date provided is too far in the past.");
}

static void a_comment_of_an_unknown_issue_is_retried(void **state)
{
    g_autoptr(GError) error = object_import_perform(*state, NOTE("991", "Issue", "13", MONA, "\"done\""));
    assert_error(error, OBJECT_ERROR, OBJECT_ERROR_NOTEABLE_NOT_FOUND);
    assert_sql("SELECT exception_message FROM import_failures", "Error to find noteable_id for note");
    g_autofree char *created = private_gitlab_sql("UPDATE issues SET iid = 13");
    object_import_succeeds(*state, NOTE("991", "Issue", "13", MONA, "\"done\""));
    assert_sql("SELECT count(*) FROM notes", "1");
}

static void a_comment_of_a_pull_request_that_was_skipped_is_retried(void **state)
{
    g_autoptr(GError) error =
        object_import_perform(*state, NOTE("991", "MergeRequest", "16", MONA, "\"done\""));
    assert_error(error, OBJECT_ERROR, OBJECT_ERROR_NOTEABLE_NOT_FOUND);
    assert_failure("t|Gitlab::GithubImport::Exceptions::NoteableNotFound|Error to find noteable_id for note|"
                   "{\"note_id\": 991, \"object_type\": \"note\", \"noteable_iid\": 16, \"noteable_type\": "
                   "\"MergeRequest\"}");
}

/* --- how they travel --- */

static char *representation_of(const char *comment_text, GError **error)
{
    g_autoptr(json_t) comment = json_loads(comment_text, 0, NULL);
    g_autoptr(json_t) representation = notes_collection.representation(NULL, comment, NULL, error);
    return representation ? json_dump(representation) : NULL;
}

static void the_api_s_comment_becomes_ruby_s_argument(G_GNUC_UNUSED void **state)
{
    g_autofree char *text = representation_of(
        "{\"id\":991,\"html_url\":\"https://github.com/acme/rocket/pull/9#issuecomment-991\",\"user\":null,"
        "\"body\":\"done\",\"created_at\":\"2024-03-02T08:00:00Z\",\"updated_at\":\"2024-03-02T08:00:00Z\"}",
        NULL);
    assert_string_equal(text, "{\"noteable_type\":\"MergeRequest\",\"noteable_id\":9,\"author\":null,"
                              "\"note\":\"done\",\"created_at\":\"2024-03-02 08:00:00 UTC\","
                              "\"updated_at\":\"2024-03-02 08:00:00 UTC\",\"note_id\":991}");
}

static void assert_noteable(const char *path, const char *type, int iid)
{
    g_autoptr(json_t) comment =
        json_pack("{s:o}", "html_url", json_sprintf("https://github.com/acme/rocket%s", path));
    g_autoptr(json_t) note = notes_collection.representation(NULL, comment, NULL, NULL);
    assert_string_equal(json_string_field(note, "noteable_type"), type);
    assert_int_equal(json_integer_field(note, "noteable_id", 0), iid);
}

static void the_url_says_what_was_commented_on(G_GNUC_UNUSED void **state)
{
    assert_noteable("/issues/12#issuecomment-5", "Issue", 12);
    assert_noteable("/pull/9#issuecomment-5", "MergeRequest", 9);
    assert_noteable("/PULL/9", "Issue", 9);
    assert_noteable("/pull/x/issues/7", "Issue", 7);
}

static void another_url_fails_the_stage(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(representation_of("{\"html_url\":\"https://github.com/acme/rocket/commit/1\"}", &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS);
}

static void the_collection_is_ruby_s(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) comment = json_pack("{s:i, s:{s:i, s:s}}", "id", 991, "user", "id", 1, "login", "m");
    g_autoptr(json_t) users = json_array();
    g_autofree char *id = notes_collection.id(comment, NULL);
    notes_collection.people(comment, users);
    assert_string_equal(id, "991");
    assert_int_equal(json_array_size(users), 1);
    assert_string_equal(notes_collection.name, "issues_comments");
    assert_string_equal(notes_collection.path, "issues/comments");
    assert_string_equal(notes_collection.worker, CLASS);
    assert_string_equal(notes_collection.fetched_as(comment), "note");
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(a_comment_becomes_a_plain_note),
        TEST(the_number_of_a_pull_request_is_one_of_merge_requests),
        TEST(a_deleted_account_is_the_ghost_without_reference),
        TEST(discussions_have_an_id_of_40_hex_digits_each),
        TEST(texts_are_rewritten_as_markdown),
        TEST(texts_keep_emoji_and_line_ends),
        TEST(a_bot_is_an_ordinary_user),
        TEST(times_may_be_iso_8601),
        TEST(a_comment_is_imported_once),
        TEST(a_blank_comment_is_refused),
        TEST(a_comment_without_text_is_refused),
        TEST(a_comment_of_nothing_but_nul_is_blank),
        TEST(a_million_characters_are_accepted),
        TEST(more_than_a_million_characters_are_refused),
        TEST(a_comment_from_before_1970_is_refused),
        TEST(a_comment_of_an_unknown_issue_is_retried),
        TEST(a_comment_of_a_pull_request_that_was_skipped_is_retried),
        cmocka_unit_test(the_api_s_comment_becomes_ruby_s_argument),
        cmocka_unit_test(the_url_says_what_was_commented_on),
        cmocka_unit_test(another_url_fails_the_stage),
        cmocka_unit_test(the_collection_is_ruby_s),
    };
    const struct CMUnitTest older[] = {
        cmocka_unit_test(an_older_gitlab_wants_the_namespace),
    };
    return cmocka_run_group_tests(tests, create, object_import_tear_down) +
           cmocka_run_group_tests(older, NULL, NULL);
}
