/* Review comments: the rows of both kinds of note, and what is refused. */
#include "importers/objects/diff_note.h"

#include "protocol/log.h"
#include "spec/support/timeline_import.h"

#include <unistd.h>

#define CLASS  "Gitlab::GithubImport::ImportDiffNoteWorker"
#define SOURCE "Gitlab::GithubImport::Importer::DiffNoteImporter"
#define COMMIT "1111111111111111111111111111111111111111"
#define THREAD "0123456789abcdef0123456789abcdef01234567"
#define HUNK   "\"@@ -1,2 +1,3 @@\\n one\\n+two\""
#define PATH   "82159df5eac2037318d0e00bb37bde7aa2143832" /* of lib/a.rb */
#define MONA   "{\"id\":501,\"login\":\"mona\"}"
/* `more` are further fields. */
#define COMMENT(id, text, hunk, more) COMMENT_BY(MONA, id, text, hunk, more)
#define COMMENT_BY(author, id, text, hunk, more)                                                             \
    "{\"noteable_id\":15,\"commit_id\":\"" COMMIT "\",\"original_commit_id\":\"" COMMIT "\","                \
    "\"file_path\":\"lib/a.rb\",\"diff_hunk\":" hunk ",\"author\":" author ",\"note\":" text ","             \
    "\"created_at\":\"2024-03-02 08:00:00 UTC\",\"updated_at\":\"2024-03-03 09:00:00 UTC\",\"note_id\":" id  \
    ",\"discussion_id\":\"" THREAD "\"," more "}"
#define ON_LINE      "\"end_line\":2,\"start_line\":null,\"side\":\"RIGHT\",\"subject_type\":\"line\""
#define A_REPLY      ON_LINE ",\"in_reply_to_id\":11"
#define A_SUGGESTION "\"so:\\n```suggestion\\nzwei\\n```\""

static int log_file; /* what is logged */

/* A storage without repositories. */
static GHashTable *no_repositories(void)
{
    GHashTable *storages = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(storages, (gpointer) "default", (gpointer) "/nonexistent");
    return storages;
}

static int create(void **state)
{
    private_gitlab_configuration()->storages = no_repositories();
    *state = timeline_import_new(CLASS, &diff_note_importer, "{}");
    return 0;
}

static int clear(void **state)
{
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM suggestions; DELETE FROM note_diff_files;"
                                                  "DELETE FROM merge_request_diff_files;"
                                                  "DELETE FROM merge_request_diffs");
    assert_int_equal(ftruncate(log_file, 0), 0);
    assert_int_equal(lseek(log_file, 0, SEEK_SET), 0);
    timeline_import_clear(*state);
    return 0;
}

/* The merge request's diff: lib/a.rb, of which line 2 is new. */
static void create_diff(void)
{
    g_autofree char *created = private_gitlab_sql(
        "WITH diff AS (INSERT INTO merge_request_diffs (merge_request_id, project_id, state, sorted,"
        " diff_type, base_commit_sha, start_commit_sha, head_commit_sha, external_diff_store, created_at,"
        " updated_at) SELECT id, target_project_id, 'collected', TRUE, 1, repeat('c', 40), repeat('b', 40),"
        " repeat('a', 40), 1, now(), now() FROM merge_requests RETURNING id, merge_request_id, project_id),"
        " latest AS (UPDATE merge_requests SET latest_merge_request_diff_id = diff.id FROM diff"
        " WHERE merge_requests.id = diff.merge_request_id)"
        "INSERT INTO merge_request_diff_files (merge_request_diff_id, relative_order, project_id, old_path,"
        " new_path, a_mode, b_mode, new_file, renamed_file, deleted_file, too_large, diff)"
        " SELECT id, 0, project_id, 'lib/a.rb', 'lib/a.rb', '100644', '100755', FALSE, FALSE, FALSE, FALSE,"
        " E'@@ -1,2 +1,3 @@\\n one\\n+two\\n three\\n' FROM diff");
}

/* The lines of the log whose message is `message`, one field of each, separated by commas. (transfer full) */
static char *logged(const char *message, const char *field)
{
    char text[16384] = "";
    g_autoptr(GString) values = g_string_new(NULL);
    assert_true(pread(log_file, text, sizeof(text) - 1, 0) >= 0);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] && *lines[i]; i++) {
        g_autoptr(json_t) line = json_loads(lines[i], 0, NULL);
        const json_t *value = json_object_get(line, field);
        g_autofree char *other = json_is_object(value) ? json_dump(value) : NULL;
        if (g_strcmp0(json_string_field(line, "message"), message) == 0)
            g_string_append_printf(values, "%s%s", values->len > 0 ? "," : "",
                                   other ? other : json_string_value(value));
    }
    return g_string_free(g_steal_pointer(&values), FALSE);
}

static void assert_logged(const char *message, const char *field, const char *expected)
{
    g_autofree char *values = logged(message, field);
    assert_string_equal(values, expected);
}

/* --- LegacyDiffNote --- */

static void a_comment_becomes_a_legacy_diff_note(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"why?\"", HUNK, ON_LINE));
    assert_sql(
        "SELECT type, noteable_type, noteable_id = (SELECT id FROM merge_requests),"
        " project_id = (SELECT id FROM projects), u.username, n.note, system, discussion_id, commit_id,"
        " line_code, imported_from, n.created_at, n.updated_at"
        " FROM notes n JOIN users u ON u.id = author_id",
        "LegacyDiffNote|MergeRequest|t|t|mona|why?|f|" THREAD "|" COMMIT "|" PATH
        "_2_2|4|2024-03-02 08:00:00|2024-03-03 09:00:00");
    assert_sql("SELECT num_nonnulls(n.namespace_id, position, original_position, change_position, note_html,"
               " cached_markdown_version) FROM notes n",
               "0");
    assert_sql("SELECT (SELECT count(*) FROM note_diff_files) + (SELECT count(*) FROM events)", "0");
    timeline_import_assert_references(*state, "LegacyDiffNote.author_id of mona");
    object_import_assert_counted(*state, "diff_note", "1");
}

static void a_deleted_account_is_the_ghost_without_reference(void **state)
{
    create_diff();
    object_import_succeeds(*state, COMMENT_BY("null", "11", "\"x\"", HUNK, ON_LINE));
    object_import_succeeds(*state, COMMENT_BY("null", "12", A_SUGGESTION, HUNK, ON_LINE));
    assert_sql("SELECT string_agg(type, ',' ORDER BY n.id), min(u.user_type), max(u.user_type)"
               " FROM notes n JOIN users u ON u.id = author_id",
               "LegacyDiffNote,DiffNote|5|5");
    timeline_import_assert_references(*state, "");
}

static void its_hunk_is_kept_as_yaml(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"why?\"", HUNK, ON_LINE));
    assert_sql("SELECT st_diff LIKE E'---\\n:diff: \"@@ -1,2 +1,3 @@%one%+two\"\\n:new_path: lib/a.rb\\n%'"
               " FROM notes",
               "t");
}

static void an_older_gitlab_wants_the_namespace(G_GNUC_UNUSED void **state)
{
    ObjectImport *import = timeline_import_new(CLASS, &diff_note_importer, "{}");
    object_import_make_older(import);
    object_import_succeeds(import, COMMENT("11", "\"why?\"", HUNK, ON_LINE));
    assert_sql("SELECT n.namespace_id = p.project_namespace_id FROM notes n JOIN projects p"
               " ON p.id = n.project_id",
               "t");
    object_import_free(import);
}

static void the_line_is_the_last_of_the_hunk(void **state)
{
    object_import_succeeds(*state,
                           COMMENT("11", "\"x\"", "\"@@ -5,3 +7,3 @@ def a\\n one\\n-two\"", ON_LINE));
    assert_sql("SELECT line_code FROM notes", PATH "_6_8");
}

static void a_comment_on_a_file_is_on_its_first_line(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, "\"subject_type\":\"file\""));
    assert_sql("SELECT line_code FROM notes", PATH "_1_1");
}

static void a_comment_without_hunk_gets_one(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"x\"", "null", ON_LINE));
    object_import_succeeds(*state, COMMENT("12", "\"x\"", "\" \\n\"", ON_LINE));
    assert_sql("SELECT DISTINCT line_code, st_diff LIKE '%@@ -2,1 +2,1 @@%context not found%' FROM notes",
               PATH "_2_2|t");
}

static void jobs_of_an_older_gitlab_are_read(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, "\"side\":\"RIGHT\""));
    assert_sql("SELECT line_code FROM notes", PATH "_2_2");
}

static void texts_are_rewritten_as_markdown(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"ask @hubot\\u0000\"", HUNK, ON_LINE));
    assert_sql("SELECT note FROM notes", "ask `@hubot`");
}

static void a_thread_shares_its_discussion(void **state)
{
    const char *const comments[] = {COMMENT("11", "\"a\"", HUNK, ON_LINE),
                                    COMMENT("12", "\"b\"", HUNK, A_REPLY), NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, comments);
    assert_sql("SELECT count(*), count(DISTINCT discussion_id) FROM notes", "2|1");
}

static void each_attempt_is_logged(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, ON_LINE));
    assert_logged("importing diff note", "model", "LegacyDiffNote");
    assert_logged("importing diff note", "importer", SOURCE);
    assert_logged("importing diff note", "external_identifiers",
                  "{\"note_id\":11,\"noteable_iid\":15,\"noteable_type\":\"MergeRequest\"}");
}

static void a_comment_is_imported_once(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, ON_LINE));
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, ON_LINE));
    assert_sql("SELECT count(*) FROM notes", "1");
    object_import_assert_counted(*state, "diff_note", "1");
}

static void a_note_and_a_diff_note_may_have_the_same_id(void **state)
{
    g_autofree char *receipt = private_gitlab_sql("INSERT INTO hubferry.receipts (project_id, kind, key, jid)"
                                                  " SELECT id, 'note', '11', 'j' FROM projects");
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, ON_LINE));
    assert_sql("SELECT count(*) FROM notes", "1");
}

/* --- DiffNote --- */

static void a_suggestion_becomes_a_diff_note(void **state)
{
    create_diff();
    object_import_succeeds(*state, COMMENT("11", A_SUGGESTION, HUNK, ON_LINE));
    assert_sql("SELECT type, noteable_id = (SELECT id FROM merge_requests), n.note, discussion_id, commit_id,"
               " line_code, st_diff, position = original_position, u.username, imported_from"
               " FROM notes n JOIN users u ON u.id = author_id",
               "DiffNote|t|so:\n```suggestion:-0+0\nzwei\n```|" THREAD "|" COMMIT "|" PATH "_2_2||t|mona|4");
    assert_sql("SELECT position LIKE '%:new_line: 2%', noteable_type, system, n.created_at, n.updated_at,"
               " n.namespace_id FROM notes n",
               "t|MergeRequest|f|2024-03-02 08:00:00|2024-03-03 09:00:00|");
    timeline_import_assert_references(*state, "DiffNote.author_id of mona");
    assert_logged("importing diff note", "model", "DiffNote");
}

static void its_suggestions_and_its_diff_are_kept(void **state)
{
    create_diff();
    object_import_succeeds(*state, COMMENT("11", A_SUGGESTION, HUNK, ON_LINE));
    assert_sql("SELECT note_id = n.id, relative_order, from_content, to_content, lines_above, lines_below,"
               " applied, outdated, s.namespace_id IS NOT NULL FROM suggestions s, notes n",
               "t|0|two\n|zwei\n|0|0|f|f|t");
    assert_sql("SELECT diff_note_id = n.id, new_path, b_mode, diff LIKE '%+two%', f.namespace_id IS NOT NULL"
               " FROM note_diff_files f, notes n",
               "t|lib/a.rb|100755|t|t");
}

static void a_reply_keeps_no_diff_of_its_own(void **state)
{
    create_diff();
    object_import_succeeds(*state, COMMENT("12", A_SUGGESTION, HUNK, A_REPLY));
    assert_sql("SELECT type FROM notes", "DiffNote");
    assert_sql("SELECT count(*) FROM note_diff_files", "0");
    assert_sql("SELECT count(*) FROM suggestions", "1");
}

static void a_reply_to_a_comment_that_is_gone_keeps_its_diff(void **state)
{
    create_diff();
    g_autofree char *kept = private_gitlab_redis(
        "SET", "cache:gitlab:github-importer/discussion-id-map/rocket/15/12", THREAD, NULL);
    object_import_succeeds(*state, COMMENT("12", A_SUGGESTION, HUNK, A_REPLY));
    assert_sql("SELECT count(*) FROM note_diff_files", "1");
}

static void outside_of_the_diff_it_becomes_a_legacy_diff_note(void **state)
{
    create_diff();
    object_import_succeeds(*state, COMMENT("11", A_SUGGESTION, HUNK, "\"end_line\":9,\"side\":\"RIGHT\""));
    assert_sql("SELECT type, note, line_code FROM notes",
               "LegacyDiffNote|so:\n```suggestion:-0+0\nzwei\n```|" PATH "_2_2");
    assert_sql("SELECT count(*) FROM suggestions", "0");
    timeline_import_assert_references(*state, "LegacyDiffNote.author_id of mona");
    assert_logged("importing diff note", "model", "DiffNote,LegacyDiffNote");
    assert_logged("Validation failed: Line code can't be blank, Line code must be a valid line code",
                  "error.class", SOURCE "::DiffNoteCreationError");
}

static void without_a_diff_it_becomes_one_too(void **state)
{
    object_import_succeeds(*state, COMMENT("11", A_SUGGESTION, HUNK, ON_LINE));
    assert_sql("SELECT type FROM notes", "LegacyDiffNote");
}

static void both_kinds_may_come_in_one_batch(void **state)
{
    const char *const comments[] = {COMMENT("11", A_SUGGESTION, HUNK, ON_LINE),
                                    COMMENT("12", "\"b\"", HUNK, A_REPLY),
                                    COMMENT("13", A_SUGGESTION, HUNK, "\"end_line\":9"),
                                    COMMENT("14", A_SUGGESTION, HUNK, A_REPLY), NULL};
    create_diff();
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, comments);
    assert_sql("SELECT string_agg(type, ',' ORDER BY id) FROM notes",
               "DiffNote,LegacyDiffNote,LegacyDiffNote,DiffNote");
}

/* --- what is refused --- */

static void a_comment_on_a_pull_request_that_is_not_here_is_done(void **state)
{
    g_autofree char *moved = private_gitlab_sql("UPDATE merge_requests SET iid = 16");
    object_import_succeeds(*state, COMMENT("11", "\"x\"", HUNK, ON_LINE));
    object_import_succeeds(*state, COMMENT("12", A_SUGGESTION, HUNK, ON_LINE));
    g_autofree char *back = private_gitlab_sql("UPDATE merge_requests SET iid = 15");
    assert_sql("SELECT count(*) FROM notes", "0");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    object_import_assert_counted(*state, "diff_note", "2");
}

static void a_blank_comment_is_refused(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\" \"", HUNK, ON_LINE));
    assert_sql("SELECT source, exception_class, exception_message, external_identifiers FROM import_failures",
               SOURCE "|ActiveRecord::RecordInvalid|Validation failed: Note can't be blank|"
                      "{\"note_id\": 11, \"object_type\": \"diff_note\", \"noteable_iid\": 15, "
                      "\"noteable_type\": \"MergeRequest\"}");
    assert_sql("SELECT count(*) FROM notes", "0");
}

static void a_hunk_without_lines_is_refused(void **state)
{
    object_import_succeeds(*state, COMMENT("11", "\"x\"", "\"@@ -1 +1 @@\"", ON_LINE));
    assert_sql("SELECT exception_class, exception_message FROM import_failures",
               "NoMethodError|undefined method `new_pos' for nil");
    assert_sql("SELECT count(*) FROM notes", "0");
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
    g_autofree char *path = NULL;
    log_file = g_file_open_tmp("diff_note_log_XXXXXX", &path, NULL);
    unlink(path);
    log_configure(log_file, LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(a_comment_becomes_a_legacy_diff_note),
        TEST(a_deleted_account_is_the_ghost_without_reference),
        TEST(its_hunk_is_kept_as_yaml),
        TEST(the_line_is_the_last_of_the_hunk),
        TEST(a_comment_on_a_file_is_on_its_first_line),
        TEST(a_comment_without_hunk_gets_one),
        TEST(jobs_of_an_older_gitlab_are_read),
        TEST(texts_are_rewritten_as_markdown),
        TEST(a_thread_shares_its_discussion),
        TEST(each_attempt_is_logged),
        TEST(a_comment_is_imported_once),
        TEST(a_note_and_a_diff_note_may_have_the_same_id),
        TEST(a_suggestion_becomes_a_diff_note),
        TEST(its_suggestions_and_its_diff_are_kept),
        TEST(a_reply_keeps_no_diff_of_its_own),
        TEST(a_reply_to_a_comment_that_is_gone_keeps_its_diff),
        TEST(outside_of_the_diff_it_becomes_a_legacy_diff_note),
        TEST(without_a_diff_it_becomes_one_too),
        TEST(both_kinds_may_come_in_one_batch),
        TEST(a_comment_on_a_pull_request_that_is_not_here_is_done),
        TEST(a_blank_comment_is_refused),
        TEST(a_hunk_without_lines_is_refused),
    };
    const struct CMUnitTest older[] = {
        cmocka_unit_test(an_older_gitlab_wants_the_namespace),
    };
    return cmocka_run_group_tests(tests, create, object_import_tear_down) +
           cmocka_run_group_tests(older, NULL, NULL);
}
