#include "importers/git/error.h"
#include "importers/objects/diff_notes/suggestions.h"
#include "protocol/json.h"
#include "spec/support/git_context.h"

#include <string.h>

/* Of a file of 300 lines "line N", where line 150 is new and 200 and 201 are gone. What it shows has another
 * text than in the repository, to tell them apart. */
#define DIFF                                                                                                 \
    "@@ -148,4 +148,5 @@\n shown 148\n shown 149\n+shown 150\n shown 151\n\n@@ -200,3 +201,1 "               \
    "@@\n-gone\n-gone\n shown 201\n"

static DiffFile *new_file(const char *head, const char *path, const char *diff)
{
    DiffFile *file = g_rc_box_new0(DiffFile);
    file->head_sha = g_strdup(head);
    file->old_path = g_strdup(path);
    file->new_path = g_strdup(path);
    file->diff = g_strdup(diff);
    file->lines = hunk_parse(file->diff);
    return file;
}

/* The suggestions of a comment at a line of the file, as JSON; `file` is consumed. (transfer full) */
static char *suggestions(GitContext *context, DiffFile *file, char type, gint64 line, const char *text)
{
    g_autoptr(GError) error = NULL;
    DiffPosition position = {.file = file, .line = diff_file_line(file, type, line)};
    assert_non_null(position.line);
    g_autoptr(json_t) rows = suggestion_rows(context->session, &context->project, &position, text, &error);
    assert_no_error(error);
    char *dump = json_dump(rows);
    diff_file_unref(file);
    return dump;
}

static void assert_suggestions(GitContext *context, DiffFile *file, gint64 line, const char *text,
                               const char *expected)
{
    g_autofree char *rows = suggestions(context, file, '+', line, text);
    assert_string_equal(rows, expected);
}

/* A repository whose only commit has lines.txt, last.txt without a line feed at its end, dos.txt, and
 * latin.txt in ISO 8859-1. (transfer full: its id) */
static char *create_repository(const GitContext *context)
{
    g_autofree char *script = g_strdup_printf(
        "git init -q --bare '%s'; cd '%s'\n"
        "lines=$(seq -f 'line %%.0f' 300 | git hash-object -w --stdin)\n"
        "last=$(printf 'one\\ntwo' | git hash-object -w --stdin)\n"
        "dos=$(printf 'one\\r\\ntwo\\r\\nthree\\r\\n' | git hash-object -w --stdin)\n"
        "latin=$(printf 'Die \\304nderung geh\\366rt zu den gr\\366\\337ten, die f\\374r das "
        "n\\344chste Jahr m\\366glich sind.\\n\\304nderung\\n' | git hash-object -w --stdin)\n"
        "tree=$(printf '100644 blob %%s\\t%%s\\n' $dos dos.txt $last last.txt $latin latin.txt"
        " $lines lines.txt | git mktree)\n"
        "git commit-tree -m all $tree",
        context->mirror, context->mirror);
    char *id = shell(context, script);
    return g_strchomp(id);
}

static void reads_the_lines_from_the_repository(void **state)
{
    g_autofree char *head = create_repository(*state);
    assert_suggestions(*state, new_file(head, "lines.txt", DIFF), 150, "```suggestion:-1+1\nx\n```",
                       "[{\"relative_order\":0,\"from_content\":\"line 149\\nline 150\\nline 151\\n\","
                       "\"to_content\":\"x\\n\",\"lines_above\":1,\"lines_below\":1}]");
}

/* The encoding of so short a diff could not be guessed. */
static void decodes_the_file_as_a_whole(void **state)
{
    g_autofree char *head = create_repository(*state);
    DiffFile *file = new_file(head, "latin.txt", "@@ -2,0 +2,1 @@\n+nderung\n");
    assert_suggestions(*state, file, 2, "```suggestion:-0+0\nx\n```",
                       "[{\"relative_order\":0,\"from_content\":\"\u00c4nderung\\n\",\"to_content\":\"x\\n\","
                       "\"lines_above\":0,\"lines_below\":0}]");
}

static void without_the_file_takes_a_line_from_the_diff(void **state)
{
    DiffFile *file = new_file("no such commit", "lines.txt", DIFF);
    assert_suggestions(
        *state, file, 150, "Better:\n```suggestion:-0+0\nline one hundred and fifty\n```\n",
        "[{\"relative_order\":0,\"from_content\":\"shown 150\\n\","
        "\"to_content\":\"line one hundred and fifty\\n\",\"lines_above\":0,\"lines_below\":0}]");
}

static void without_the_file_takes_all_lines_that_the_diff_shows(void **state)
{
    DiffFile *file = new_file("no such commit", "lines.txt", DIFF);
    assert_suggestions(*state, file, 150, "```suggestion:-2+2\nx\n```",
                       "[{\"relative_order\":0,\"from_content\":"
                       "\"shown 148\\nshown 149\\nshown 150\\nshown 151\\n\\n\",\"to_content\":\"x\\n\","
                       "\"lines_above\":2,\"lines_below\":2}]");
}

static void reads_lines_beyond_the_diff(void **state)
{
    g_autofree char *head = create_repository(*state);
    assert_suggestions(*state, new_file(head, "lines.txt", DIFF), 150, "```suggestion:-3+0\nx\n```",
                       "[{\"relative_order\":0,\"from_content\":"
                       "\"line 147\\nline 148\\nline 149\\nline 150\\n\",\"to_content\":\"x\\n\","
                       "\"lines_above\":3,\"lines_below\":0}]");
}

/* MAX_LINES_CONTEXT is 100 to either side; the row keeps what was asked for. */
static void changes_a_hundred_lines_to_either_side_at_most(void **state)
{
    g_autofree char *head = create_repository(*state);
    g_autofree char *rows =
        suggestions(*state, new_file(head, "lines.txt", DIFF), '+', 150, "```suggestion:-140+120\n```");
    g_autoptr(json_t) all = json_parse(rows, strlen(rows), NULL);
    const json_t *row = json_array_get(all, 0);
    const char *from = json_string_field(row, "from_content");
    assert_true(g_str_has_prefix(from, "line 50\nline 51\n"));
    assert_true(g_str_has_suffix(from, "line 249\nline 250\n"));
    assert_string_equal(json_string_field(row, "to_content"), "");
    assert_int_equal(json_integer_field(row, "lines_above", 0), 140);
    assert_int_equal(json_integer_field(row, "lines_below", 0), 120);
}

static void stays_within_the_file(void **state)
{
    g_autofree char *head = create_repository(*state);
    DiffFile *file =
        new_file(head, "last.txt", "@@ -1 +1,2 @@\n-eins\n+one\n+two\n\\ No newline at end of file\n");
    assert_suggestions(*state, file, 2, "```suggestion:-9+9\nboth\n```",
                       "[{\"relative_order\":0,\"from_content\":\"one\\ntwo\",\"to_content\":\"both\","
                       "\"lines_above\":9,\"lines_below\":9}]");
}

static void ends_its_last_line_as_the_replaced_one_ends(void **state)
{
    DiffFile *last = new_file("-", "last.txt", "@@ -1 +1,2 @@\n one\n+two\n\\ No newline at end of file\n");
    assert_suggestions(*state, last, 2, "```suggestion:-0+0\r\na\r\nb\r\n```\r\n",
                       "[{\"relative_order\":0,\"from_content\":\"two\",\"to_content\":\"a\\nb\","
                       "\"lines_above\":0,\"lines_below\":0}]");
    DiffFile *dos = new_file("-", "dos.txt", "@@ -1 +1,2 @@\n one\r\n+two\r\n");
    assert_suggestions(*state, dos, 2, "```suggestion:-0+0\na\nb\n```",
                       "[{\"relative_order\":0,\"from_content\":\"two\\r\\n\",\"to_content\":\"a\\nb\\r\\n\","
                       "\"lines_above\":0,\"lines_below\":0}]");
}

static void numbers_several_suggestions(void **state)
{
    DiffFile *file = new_file("-", "lines.txt", DIFF);
    assert_suggestions(*state, file, 150,
                       "```suggestion:-0+0\na\n```\nor\n```ruby\nputs\n```\nor\n```suggestion:-0+0\nb\n```",
                       "[{\"relative_order\":0,\"from_content\":\"shown 150\\n\",\"to_content\":\"a\\n\","
                       "\"lines_above\":0,\"lines_below\":0},"
                       "{\"relative_order\":1,\"from_content\":\"shown 150\\n\",\"to_content\":\"b\\n\","
                       "\"lines_above\":0,\"lines_below\":0}]");
}

static void suggests_nothing_for_a_removed_line(void **state)
{
    g_autofree char *rows =
        suggestions(*state, new_file("-", "lines.txt", DIFF), '-', 200, "```suggestion:-0+0\na\n```");
    assert_string_equal(rows, "[]");
}

static void replaces_nothing_where_the_file_is_not_found(void **state)
{
    g_autofree char *head = create_repository(*state);
    assert_suggestions(*state, new_file(head, "other.txt", DIFF), 150, "```suggestion:-9+0\nx\n```",
                       "[{\"relative_order\":0,\"from_content\":\"\",\"to_content\":\"x\","
                       "\"lines_above\":9,\"lines_below\":0}]");
}

static void fails_where_the_file_is_damaged(void **state)
{
    GitContext *context = *state;
    g_autofree char *head = create_repository(context);
    g_autofree char *damage = g_strdup_printf("cd '%s'; path=$(git rev-parse %s:lines.txt | sed "
                                              "'s|..|objects/&/|'); chmod +w $path; printf x > $path",
                                              context->mirror, head);
    g_autofree char *damaged = shell(context, damage);
    g_autoptr(GError) error = NULL;
    g_autoptr(DiffFile) file = new_file(head, "lines.txt", DIFF);
    DiffPosition position = {.file = file, .line = diff_file_line(file, '+', 150)};
    assert_null(
        suggestion_rows(context->session, &context->project, &position, "```suggestion:-0+0\n```", &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(reads_the_lines_from_the_repository),
        WITH_CONTEXT(reads_lines_beyond_the_diff),
        WITH_CONTEXT(decodes_the_file_as_a_whole),
        WITH_CONTEXT(without_the_file_takes_a_line_from_the_diff),
        WITH_CONTEXT(without_the_file_takes_all_lines_that_the_diff_shows),
        WITH_CONTEXT(changes_a_hundred_lines_to_either_side_at_most),
        WITH_CONTEXT(stays_within_the_file),
        WITH_CONTEXT(ends_its_last_line_as_the_replaced_one_ends),
        WITH_CONTEXT(numbers_several_suggestions),
        WITH_CONTEXT(suggests_nothing_for_a_removed_line),
        WITH_CONTEXT(replaces_nothing_where_the_file_is_not_found),
        WITH_CONTEXT(fails_where_the_file_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
