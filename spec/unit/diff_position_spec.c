#include "importers/objects/diff_notes/diff_position.h"
#include "protocol/error_class.h"
#include "protocol/json.h"
#include "spec/support/gitlab_context.h"

#define HEAD       "aa11111111111111111111111111111111111111"
#define START      "bb22222222222222222222222222222222222222"
#define BASE       "cc33333333333333333333333333333333333333"
#define NOT_A_LINE "Validation failed: Line code can't be blank, Line code must be a valid line code"

/* Lines 11 and 12 are new, and 32; 11 and 31 are gone. */
#define MODIFIED                                                                                             \
    "@@ -10,4 +10,5 @@ class A\n ten\n-old eleven\n+new eleven\n+new twelve\n thirteen\n fourteen\n"         \
    "@@ -30,2 +31,2 @@\n thirty\n-old thirty-one\n+new thirty-two\n\\ No newline at end of file\n"

/* new, renamed, deleted, too large, binary */
#define CHANGED   "FALSE, FALSE, FALSE, FALSE, FALSE"
#define NEW       "TRUE, FALSE, FALSE, FALSE, FALSE"
#define RENAMED   "FALSE, TRUE, FALSE, FALSE, FALSE"
#define DELETED   "FALSE, FALSE, TRUE, FALSE, FALSE"
#define TOO_LARGE "FALSE, FALSE, FALSE, TRUE, FALSE"
#define BINARY    "FALSE, FALSE, FALSE, FALSE, TRUE"

static GitlabContext *context;
static gint64 merge_request;

static gint64 integer(const char *sql)
{
    g_autoptr(PGresult) rows = gitlab_context_run(context, sql);
    return database_integer(rows, 0, "id");
}

static gint64 create_merge_request(int iid)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id,"
        " source_project_id, author_id, lock_version, created_at, updated_at)"
        " SELECT %d, 'Mend it', 'main', 'topic', id, id, 1, 0, now(), now() FROM projects RETURNING id",
        iid);
    return integer(sql);
}

/* It becomes the latest one; `base` is SQL. */
static gint64 create_diff(gint64 merge_request_id, const char *base)
{
    g_autofree char *sql = g_strdup_printf(
        "WITH diff AS (INSERT INTO merge_request_diffs (merge_request_id, project_id, state, sorted, "
        "diff_type,"
        " base_commit_sha, start_commit_sha, head_commit_sha, external_diff_store, created_at, updated_at)"
        " SELECT %" G_GINT64_FORMAT ", id, 'collected', TRUE, 1, %s, '" START "', '" HEAD "', 1, now(), now()"
        " FROM projects RETURNING id)"
        " UPDATE merge_requests SET latest_merge_request_diff_id = diff.id FROM diff"
        " WHERE merge_requests.id = %" G_GINT64_FORMAT " RETURNING diff.id",
        merge_request_id, base, merge_request_id);
    return integer(sql);
}

static void create_file(gint64 diff_id, const char *old_path, const char *new_path, const char *flags,
                        const char *diff)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO merge_request_diff_files (merge_request_diff_id, relative_order, project_id, old_path,"
        " new_path, a_mode, b_mode, new_file, renamed_file, deleted_file, too_large, \"binary\", diff)"
        " SELECT %" G_GINT64_FORMAT ", (SELECT count(*) FROM merge_request_diff_files), id, '%s', '%s',"
        " '100644', '100755', %s, $$%s$$ FROM projects",
        diff_id, old_path, new_path, flags, diff);
    g_autoptr(PGresult) inserted = gitlab_context_run(context, sql);
}

static int create_records(void **state)
{
    (void)state;
    context = g_new0(GitlabContext, 1);
    gitlab_context_begin(context, NULL);
    merge_request = create_merge_request(7);
    gint64 outdated = create_diff(merge_request, "'" BASE "'");
    create_file(outdated, "lib/a.rb", "lib/a.rb", CHANGED, "@@ -70 +70 @@\n-then\n+now\n");
    gint64 diff = create_diff(merge_request, "'" BASE "'");
    create_file(diff, "lib/a.rb", "lib/b.rb", RENAMED, "@@ -3 +3 @@\n-renamed from\n+renamed to\n");
    create_file(diff, "lib/a.rb", "lib/a.rb", CHANGED, MODIFIED);
    create_file(diff, "new.txt", "new.txt", NEW, "@@ -0,0 +1,3 @@\n+one\n+two\n+three\n");
    create_file(diff, "gone.txt", "gone.txt", DELETED, "@@ -1,2 +0,0 @@\n-one\n-two\n");
    create_file(diff, "big.sql", "big.sql", TOO_LARGE, "");
    create_file(diff, "logo.png", "logo.png", CHANGED, "Binary files a/logo.png and b/logo.png differ\n");
    /* "@@ -5 +5 @@\n-a\n+b\0c\n" */
    create_file(diff, "nul.txt", "nul.txt", BINARY, "QEAgLTUgKzUgQEAKLWEKK2IAYwo=");
    return 0;
}

static int forget(void **state)
{
    (void)state;
    gitlab_context_end(context);
    g_free(context);
    return 0;
}

static DiffFile *load(gint64 merge_request_id, const char *path)
{
    g_autoptr(GError) error = NULL;
    DiffTarget target = {merge_request_id, path};
    g_autoptr(GPtrArray) files = diff_files_load(context->session, &target, 1, &error);
    assert_no_error(error);
    return diff_file_ref(files->pdata[0]);
}

static DiffPosition *find(gint64 merge_request_id, const char *path, const char *line, GError **error)
{
    g_autofree char *text = g_strdup_printf("{\"file_path\":\"%s\",%s}", path, line);
    g_autoptr(json_t) note = json_parse(text, strlen(text), NULL);
    assert_non_null(note);
    g_autoptr(DiffFile) file = load(merge_request_id, json_string_field(note, "file_path"));
    return diff_position_find(file, note, error);
}

static DiffPosition *found(const char *path, const char *line)
{
    g_autoptr(GError) error = NULL;
    DiffPosition *position = find(merge_request, path, line, &error);
    assert_no_error(error);
    return position;
}

static void assert_refused_of(gint64 merge_request_id, const char *path, const char *line,
                              const char *expected)
{
    g_autoptr(GError) error = NULL;
    assert_null(find(merge_request_id, path, line, &error));
    assert_string_equal(error->message, expected);
    assert_string_equal(error_class(error),
                        "Gitlab::GithubImport::Importer::DiffNoteImporter::DiffNoteCreationError");
}

static void assert_refused(const char *path, const char *line, const char *expected)
{
    assert_refused_of(merge_request, path, line, expected);
}

static void assert_line_code(const DiffPosition *position, const char *path, const char *lines)
{
    g_autofree char *file = g_compute_checksum_for_string(G_CHECKSUM_SHA1, path, -1);
    g_autofree char *expected = g_strconcat(file, lines, NULL);
    assert_string_equal(position->line_code, expected);
}

static void assert_file_row(const DiffPosition *position, const char *expected)
{
    g_autoptr(json_t) row = note_diff_file_row(position);
    g_autofree char *text = json_dump(row);
    assert_string_equal(text, expected);
}

static void finds_an_added_line(void **state)
{
    (void)state;
    g_autoptr(DiffPosition) position = found("lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":12");
    assert_string_equal(position->yaml, "--- !ruby/object:Gitlab::Diff::Position\nattributes:\n"
                                        "  :base_sha: " BASE "\n  :start_sha: " START "\n  :head_sha: " HEAD
                                        "\n  :old_path: lib/a.rb\n  :new_path: lib/a.rb\n"
                                        "  :position_type: text\n  :old_line:\n  :new_line: 12\n"
                                        "  :line_range:\n  :ignore_whitespace_change: false\n");
    assert_line_code(position, "lib/a.rb", "_12_12");
    assert_file_row(position,
                    "{\"diff\":\"@@ -10,4 +10,5 @@ class A\\n ten\\n-old eleven\\n+new eleven\\n"
                    "+new twelve\",\"new_file\":false,\"renamed_file\":false,\"deleted_file\":false,"
                    "\"a_mode\":\"100644\",\"b_mode\":\"100755\",\"old_path\":\"lib/a.rb\","
                    "\"new_path\":\"lib/a.rb\"}");
}

static void finds_a_removed_line_on_the_left_side(void **state)
{
    (void)state;
    g_autoptr(DiffPosition) position = found("lib/a.rb", "\"side\":\"LEFT\",\"end_line\":31");
    assert_non_null(strstr(position->yaml, "  :old_line: 31\n  :new_line:\n"));
    assert_line_code(position, "lib/a.rb", "_31_32");
    g_autofree char *hunk = diff_file_hunk(position->file, position->line);
    assert_true(g_str_has_suffix(hunk, "\n fourteen\n@@ -30,2 +31,2 @@\n thirty\n-old thirty-one"));
}

/* note_diff_files has no first header then, and one line more (diff_hunk). */
static void keeps_a_line_more_of_a_diff_from_the_top_of_the_file(void **state)
{
    (void)state;
    g_autoptr(DiffPosition) position = found("new.txt", "\"side\":\"RIGHT\",\"end_line\":1");
    assert_line_code(position, "new.txt", "_0_1");
    assert_file_row(position, "{\"diff\":\"+one\\n+two\",\"new_file\":true,\"renamed_file\":false,"
                              "\"deleted_file\":false,\"a_mode\":\"100644\",\"b_mode\":\"100755\","
                              "\"old_path\":\"new.txt\",\"new_path\":\"new.txt\"}");
    g_autoptr(DiffPosition) last = found("new.txt", "\"side\":\"RIGHT\",\"end_line\":3");
    g_autofree char *hunk = diff_file_hunk(last->file, last->line);
    assert_string_equal(hunk, "+one\n+two\n+three");
}

static void finds_lines_of_renamed_and_deleted_files(void **state)
{
    (void)state;
    g_autoptr(DiffPosition) renamed = found("lib/b.rb", "\"side\":\"RIGHT\",\"end_line\":3");
    assert_line_code(renamed, "lib/b.rb", "_4_3");
    assert_string_equal(renamed->file->old_path, "lib/a.rb");
    assert_true(renamed->file->renamed_file);
    assert_non_null(strstr(renamed->yaml, "  :old_path: lib/b.rb\n  :new_path: lib/b.rb\n"));
    g_autoptr(DiffPosition) deleted = found("gone.txt", "\"side\":\"LEFT\",\"end_line\":2");
    assert_line_code(deleted, "gone.txt", "_2_0");
}

static void looks_for_the_original_line_of_an_outdated_comment(void **state)
{
    (void)state;
    g_autoptr(DiffPosition) position =
        found("lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":null,\"original_end_line\":11");
    assert_non_null(strstr(position->yaml, "  :new_line: 11\n"));
}

static void refuses_a_line_that_was_not_changed(void **state)
{
    (void)state;
    assert_refused("lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":13", NOT_A_LINE);
    assert_refused("lib/a.rb", "\"side\":\"LEFT\",\"end_line\":10", NOT_A_LINE);
}

static void refuses_a_line_outside_of_the_diff(void **state)
{
    (void)state;
    assert_refused("lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":20", NOT_A_LINE);
    assert_refused("lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":70", NOT_A_LINE);
    assert_refused("lib/other.rb", "\"side\":\"RIGHT\",\"end_line\":1", NOT_A_LINE);
}

static void refuses_lines_of_files_without_text(void **state)
{
    (void)state;
    assert_refused("big.sql", "\"side\":\"RIGHT\",\"end_line\":1", NOT_A_LINE);
    assert_refused("logo.png", "\"side\":\"RIGHT\",\"end_line\":1", NOT_A_LINE);
}

/* In GitLab's words (spec/lib/gitlab/github_import/importer/diff_note_importer_spec.rb). */
static void refuses_a_comment_without_line(void **state)
{
    (void)state;
    assert_refused("lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":null,\"original_end_line\":null",
                   NOT_A_LINE ", Position is incomplete");
    assert_refused("lib/a.rb", "\"side\":\"RIGHT\",\"subject_type\":\"file\"",
                   NOT_A_LINE ", Position is incomplete");
}

static void refuses_where_the_merge_request_has_no_diff(void **state)
{
    (void)state;
    assert_refused_of(create_merge_request(8), "lib/a.rb", "\"side\":\"RIGHT\",\"end_line\":12",
                      NOT_A_LINE ", Position is incomplete, Noteable doesn't support new-style diff notes");
}

static void reads_diffs_that_are_stored_as_base64(void **state)
{
    (void)state;
    g_autoptr(DiffPosition) position = found("nul.txt", "\"side\":\"RIGHT\",\"end_line\":5");
    g_autofree char *hunk = diff_file_hunk(position->file, position->line);
    assert_string_equal(hunk, "@@ -5 +5 @@\n-a\n+bc");
}

static void has_no_base_where_histories_have_nothing_in_common(void **state)
{
    (void)state;
    gint64 other = create_merge_request(9);
    create_file(create_diff(other, "NULL"), "a", "a", NEW, "@@ -0,0 +1 @@\n+a\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(DiffPosition) position = find(other, "a", "\"side\":\"RIGHT\",\"end_line\":1", &error);
    assert_no_error(error);
    assert_non_null(strstr(position->yaml, "  :base_sha:\n  :start_sha: " START "\n"));
}

static void reads_a_file_once_for_all_its_comments(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    const DiffTarget targets[] = {
        {merge_request, "lib/a.rb"}, {merge_request, "new.txt"}, {merge_request, "lib/a.rb"}};
    g_autoptr(GPtrArray) files = diff_files_load(context->session, targets, G_N_ELEMENTS(targets), &error);
    assert_no_error(error);
    assert_int_equal(files->len, 3);
    assert_ptr_equal(files->pdata[0], files->pdata[2]);
    assert_string_equal(((DiffFile *)files->pdata[0])->diff, MODIFIED);
    assert_string_equal(((DiffFile *)files->pdata[1])->new_path, "new.txt");
    g_autoptr(GPtrArray) none = diff_files_load(context->session, NULL, 0, &error);
    assert_int_equal(none->len, 0);
}

static void writes_yaml_that_ruby_reads_as_a_position(void **state)
{
    (void)state;
    gint64 other = create_merge_request(10);
    create_file(create_diff(other, "NULL"), "a: \"b\" #c.rb", "a: \"b\" #c.rb", NEW, "@@ -0,0 +1 @@\n+a\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(DiffPosition) position =
        find(other, "a: \\\"b\\\" #c.rb", "\"side\":\"RIGHT\",\"end_line\":1", &error);
    assert_no_error(error);
    char *argv[] = {(char *)"ruby",
                    (char *)"-ryaml",
                    (char *)"-e",
                    (char *)"module Gitlab; module Diff; class Position\n"
                            "def init_with(coder) = puts(coder['attributes'].values.inspect)\nend; end; end\n"
                            "YAML.unsafe_load(ARGV[0])",
                    (char *)"--",
                    position->yaml,
                    NULL};
    g_autofree char *loaded = NULL;
    assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &loaded, NULL, NULL, &error));
    assert_string_equal(loaded, "[nil, \"" START "\", \"" HEAD "\", \"a: \\\"b\\\" #c.rb\", "
                                "\"a: \\\"b\\\" #c.rb\", \"text\", nil, 1, nil, false]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_an_added_line),
        cmocka_unit_test(finds_a_removed_line_on_the_left_side),
        cmocka_unit_test(keeps_a_line_more_of_a_diff_from_the_top_of_the_file),
        cmocka_unit_test(finds_lines_of_renamed_and_deleted_files),
        cmocka_unit_test(looks_for_the_original_line_of_an_outdated_comment),
        cmocka_unit_test(refuses_a_line_that_was_not_changed),
        cmocka_unit_test(refuses_a_line_outside_of_the_diff),
        cmocka_unit_test(refuses_lines_of_files_without_text),
        cmocka_unit_test(refuses_a_comment_without_line),
        cmocka_unit_test(refuses_where_the_merge_request_has_no_diff),
        cmocka_unit_test(reads_diffs_that_are_stored_as_base64),
        cmocka_unit_test(has_no_base_where_histories_have_nothing_in_common),
        cmocka_unit_test(reads_a_file_once_for_all_its_comments),
        cmocka_unit_test(writes_yaml_that_ruby_reads_as_a_position),
    };
    return cmocka_run_group_tests(tests, create_records, forget);
}
