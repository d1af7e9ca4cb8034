#include "protocol/error_class.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"

#include <unistd.h>

static int lines[2]; /* a pipe */

static int open_pipe(G_GNUC_UNUSED void **state)
{
    log_set_context(NULL);
    if (pipe(lines) != 0)
        return -1;
    log_configure(lines[1], LOG_INFO);
    return 0;
}

static int close_pipe(G_GNUC_UNUSED void **state)
{
    close(lines[0]);
    close(lines[1]);
    return 0;
}

/* The next line as JSON, its time checked and removed. */
static json_t *read_line(void)
{
    char text[4096];
    gssize length = read(lines[0], text, sizeof text);
    assert_true(length > 0);
    assert_int_equal(text[length - 1], '\n');
    g_autoptr(GError) error = NULL;
    json_t *line = json_parse(text, (gsize)length, &error);
    assert_no_error(error);
    assert_true(g_regex_match_simple("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
                                     json_string_field(line, "time"), 0, 0));
    json_object_del(line, "time");
    return line;
}

static void assert_line(const char *expected)
{
    g_autoptr(json_t) line = read_line();
    assert_text(json_dump(line), expected);
}

static void writes_context_message_and_fields(G_GNUC_UNUSED void **state)
{
    log_set_context(json_pack("{s:s, s:i}", "jid", "abc", "project_id", 7));
    log_add_context("class", json_string("Worker"));
    log_info("stage finished", "{s:s, s:f, s:n}", "import_stage", "issues", "duration_s", 0.25, "nothing");
    assert_line("{\"severity\":\"INFO\",\"jid\":\"abc\",\"project_id\":7,\"class\":\"Worker\","
                "\"message\":\"stage finished\",\"import_stage\":\"issues\",\"duration_s\":0.25}");
}

static json_t *count_and_answer(gconstpointer data)
{
    (*(int *)data)++;
    return json_pack("{s:s}", "jid", "asked");
}

static void asks_for_the_context_once_and_only_if_needed(G_GNUC_UNUSED void **state)
{
    int asked = 0;
    log_set_context_source(count_and_answer, &asked);
    log_debug("not written", NULL);
    assert_int_equal(asked, 0);
    log_info("first", NULL);
    assert_line("{\"severity\":\"INFO\",\"jid\":\"asked\",\"message\":\"first\"}");
    log_info("second", NULL);
    assert_line("{\"severity\":\"INFO\",\"jid\":\"asked\",\"message\":\"second\"}");
    assert_int_equal(asked, 1);
}

static void a_context_source_can_be_withdrawn(G_GNUC_UNUSED void **state)
{
    int asked = 0;
    log_set_context_source(count_and_answer, &asked);
    log_set_context(NULL);
    log_info("m", NULL);
    assert_line("{\"severity\":\"INFO\",\"message\":\"m\"}");
    assert_int_equal(asked, 0);
}

static void fields_win_over_the_context(G_GNUC_UNUSED void **state)
{
    log_add_context("jid", json_string("outer"));
    log_warn("m", "{s:s}", "jid", "inner");
    assert_line("{\"severity\":\"WARN\",\"jid\":\"inner\",\"message\":\"m\"}");
}

static void lines_below_the_level_are_not_written(G_GNUC_UNUSED void **state)
{
    log_debug("quiet", NULL);
    log_write(LOG_DEBUG, "quiet", json_object());
    log_info("loud", NULL);
    assert_line("{\"severity\":\"INFO\",\"message\":\"loud\"}");
    assert_false(log_enabled(LOG_DEBUG));
}

static void errors_carry_class_and_message(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = g_error_new_literal(JSON_ERROR, JSON_ERROR_SYNTAX, "broken");
    log_error("failed", error, "{s:i}", "retry_count", 2);
    assert_line("{\"severity\":\"ERROR\",\"message\":\"failed\",\"retry_count\":2,"
                "\"exception.class\":\"JSON::ParserError\",\"exception.message\":\"broken\"}");
}

static void text_that_is_not_utf8_loses_no_line(G_GNUC_UNUSED void **state)
{
    log_info("caf\xe9", "{s:s}", "name", "\xff");
    g_autoptr(json_t) line = read_line();
    assert_string_equal(json_string_field(line, "message"), "caf\xef\xbf\xbd");
    assert_non_null(json_string_field(line, "fields_error"));
}

static gpointer log_from_a_thread(G_GNUC_UNUSED gpointer data)
{
    log_info("other", NULL);
    return NULL;
}

static void each_thread_has_its_own_context(G_GNUC_UNUSED void **state)
{
    log_add_context("jid", json_string("main"));
    g_thread_join(g_thread_new("other", log_from_a_thread, NULL));
    assert_line("{\"severity\":\"INFO\",\"message\":\"other\"}");
}

static void a_line_that_cannot_be_written_is_dropped(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_INFO);
    log_info("lost", NULL);
}

static void levels_have_names(G_GNUC_UNUSED void **state)
{
    LogLevel level;
    assert_true(log_level_parse("warn", &level));
    assert_int_equal(level, LOG_WARN);
    assert_false(log_level_parse("loud", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_context_message_and_fields, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(asks_for_the_context_once_and_only_if_needed, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_context_source_can_be_withdrawn, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(fields_win_over_the_context, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(lines_below_the_level_are_not_written, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(errors_carry_class_and_message, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(text_that_is_not_utf8_loses_no_line, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(each_thread_has_its_own_context, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_line_that_cannot_be_written_is_dropped, open_pipe, close_pipe),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
