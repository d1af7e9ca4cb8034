#include "worker/job_logger.h"

#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"

#include <unistd.h>

#define PAYLOAD                                                                                              \
    "{\"class\":\"Gitlab::GithubImport::ImportNoteWorker\",\"jid\":\"j1\",\"queue\":\"elsewhere\","          \
    "\"args\":[42,{\"body\":\"secret\"},\"gitlab:job_waiter:01234567-89ab-cdef-0123-456789abcdef\"],"        \
    "\"retry\":true,\"created_at\":1732199999.5,\"enqueued_at\":1732200000123,\"failed_at\":1732200000.0,"   \
    "\"error_message\":\"old\",\"error_class\":\"Old\",\"exception.message\":\"old\","                       \
    "\"correlation_id\":\"c1\",\"meta.user\":\"root\",\"retry_count\":1}"

static int pipe_ends[2];
static WorkOptions work;
static Job *job;
static JobLogger logger;

static void parse(const char *payload)
{
    g_clear_pointer(&job, job_free);
    g_autoptr(GError) error = NULL;
    job = job_parse(payload, strlen(payload), "github_importer", &error);
    assert_no_error(error);
}

static int open_log(G_GNUC_UNUSED void **state)
{
    work = (WorkOptions){.log_arguments = TRUE};
    log_configure(-1, LOG_INFO);
    return pipe(pipe_ends);
}

static int close_log(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_INFO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    g_clear_pointer(&job, job_free);
    return 0;
}

static json_t *read_line(void)
{
    char text[8192];
    ssize_t length = read(pipe_ends[0], text, sizeof text);
    assert_true(length > 0);
    json_t *line = json_parse(text, (gsize)length, NULL);
    assert_non_null(line);
    return line;
}

static json_t *start(const char *payload)
{
    parse(payload);
    log_configure(pipe_ends[1], LOG_INFO);
    job_logger_start(&logger, job, 1, &work);
    return read_line();
}

static void assert_string(const json_t *line, const char *field, const char *expected)
{
    assert_non_null(json_string_field(line, field));
    assert_string_equal(json_string_field(line, field), expected);
}

static void assert_json(const json_t *line, const char *field, const char *expected)
{
    assert_text(json_dump(json_object_get(line, field)), expected);
}

static void start_lines_have_the_payload(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) line = start(PAYLOAD);
    assert_string(line, "message", "Gitlab::GithubImport::ImportNoteWorker JID-j1: start");
    assert_string(line, "job_status", "start");
    assert_string(line, "severity", "INFO");
    assert_string(line, "queue", "github_importer");
    assert_string(line, "meta.user", "root");
    assert_string(line, "correlation_id", "c1");
    assert_json(line, "retry_count", "1");
    assert_json(line, "job_size_bytes", "79");
    assert_non_null(json_object_get(line, "scheduling_latency_s"));
}

static void times_are_iso_8601_whatever_sidekiq_wrote_them(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) line = start(PAYLOAD);
    assert_string(line, "created_at", "2024-11-21T14:39:59.500Z");
    assert_string(line, "enqueued_at", "2024-11-21T14:40:00.123Z");
    assert_string(line, "failed_at", "2024-11-21T14:40:00.000Z");
}

static void arguments_are_filtered(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) line = start(PAYLOAD);
    assert_json(line, "args",
                "[\"42\",\"[FILTERED]\",\"gitlab:job_waiter:01234567-89ab-cdef-0123-456789abcdef\"]");

    work.log_arguments = FALSE;
    g_autoptr(json_t) without = start(PAYLOAD);
    assert_null(json_object_get(without, "args"));
}

static void compressed_arguments_are_not_shown(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) line = start("{\"class\":\"A\",\"jid\":\"j\",\"compressed\":true,"
                                   "\"args\":[\"eF6LNtSpVkpUslJKUqqNBQAYHQOT\"]}");
    assert_json(line, "args", "[\"[COMPRESSED]\"]");
}

static void earlier_errors_are_left_out(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) line = start(PAYLOAD);
    assert_null(json_object_get(line, "error_message"));
    assert_null(json_object_get(line, "error_class"));
    assert_null(json_object_get(line, "exception.message"));
}

static void assert_retry(const char *retry, const char *expected)
{
    g_autofree char *payload = g_strdup_printf("{\"class\":\"A\",\"args\":[],\"retry\":%s}", retry);
    g_autoptr(json_t) line = start(payload);
    assert_json(line, "retry", expected);
}

static void retry_is_a_number(G_GNUC_UNUSED void **state)
{
    assert_retry("true", "25");
    assert_retry("false", "0");
    assert_retry("null", "0");
    assert_retry("5", "5");
    assert_retry("\"often\"", "-1");
}

static void end_lines_have_the_duration(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) begin = start(PAYLOAD);
    job_logger_done(&logger);
    g_autoptr(json_t) done = read_line();
    assert_string(done, "job_status", "done");
    assert_true(json_is_real(json_object_get(done, "duration_s")));
    assert_true(json_is_real(json_object_get(done, "cpu_s")));
    assert_non_null(json_string_field(done, "completed_at"));
}

static void failures_have_class_and_message(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) begin = start(PAYLOAD);
    g_autoptr(GError) error = g_error_new_literal(JOB_ERROR, JOB_ERROR_ARGUMENTS, "wrong \xff");
    job_logger_fail(&logger, error);
    g_autoptr(json_t) fail = read_line();
    assert_string(fail, "severity", "WARN");
    assert_string(fail, "job_status", "fail");
    assert_string(fail, "exception.class", "ArgumentError");
    assert_string(fail, "exception.message", "wrong \xef\xbf\xbd");
}

static void cpu_time_is_measured_only_if_somebody_sees_it(G_GNUC_UNUSED void **state)
{
    parse(PAYLOAD);
    log_configure(pipe_ends[1], LOG_WARN);
    job_logger_start(&logger, job, 1, &work);
    assert_false(logger.measures_cpu);
    assert_true(job_logger_cpu_seconds(&logger) == 0);

    work.metrics_address = (char *)"*";
    job_logger_start(&logger, job, 1, &work);
    assert_true(logger.measures_cpu);
}

static void jobs_performed_together_share_the_processor_time(G_GNUC_UNUSED void **state)
{
    JobLogger alone;
    parse(PAYLOAD);
    log_configure(pipe_ends[1], LOG_WARN);
    work.metrics_address = (char *)"*";
    job_logger_start(&alone, job, 1, &work);
    job_logger_start(&logger, job, 10, &work);
    logger.started_cpu = alone.started_cpu -= G_USEC_PER_SEC;
    assert_true(job_logger_cpu_seconds(&alone) >= 1);
    assert_true(job_logger_cpu_seconds(&logger) < 1);
}

#define LOGGER_TEST(function) cmocka_unit_test_setup_teardown(function, open_log, close_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOGGER_TEST(start_lines_have_the_payload),
        LOGGER_TEST(times_are_iso_8601_whatever_sidekiq_wrote_them),
        LOGGER_TEST(arguments_are_filtered),
        LOGGER_TEST(compressed_arguments_are_not_shown),
        LOGGER_TEST(earlier_errors_are_left_out),
        LOGGER_TEST(retry_is_a_number),
        LOGGER_TEST(end_lines_have_the_duration),
        LOGGER_TEST(failures_have_class_and_message),
        LOGGER_TEST(jobs_performed_together_share_the_processor_time),
        LOGGER_TEST(cpu_time_is_measured_only_if_somebody_sees_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
