#include "protocol/error_class.h"
#include "protocol/job.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"

static Job *parse(const char *raw, GError **error)
{
    return job_parse(raw, strlen(raw), "github_importer", error);
}

static void takes_the_fields_and_keeps_the_bytes(G_GNUC_UNUSED void **state)
{
    const char *raw = "{ \"class\":\"W\",\"args\":[42,\"x\",{\"iid\":7}],\"jid\":\"j1\",\"custom\":null}";
    g_autoptr(GError) error = NULL;
    g_autoptr(Job) job = parse(raw, &error);
    assert_no_error(error);
    assert_string_equal(job->class_name, "W");
    assert_string_equal(job->jid, "j1");
    assert_string_equal(job->queue, "github_importer");
    assert_int_equal(job->raw_length, strlen(raw));
    assert_memory_equal(job->raw, raw, job->raw_length);
    assert_text(json_dump(job->payload),
                "{\"class\":\"W\",\"args\":[42,\"x\",{\"iid\":7}],\"jid\":\"j1\",\"custom\":null}");
}

static void the_jid_may_be_missing(G_GNUC_UNUSED void **state)
{
    g_autoptr(Job) job = parse("{\"class\":\"W\",\"args\":[]}", NULL);
    assert_string_equal(job->jid, "");
}

static void assert_refused(const char *raw, JobError code)
{
    g_autoptr(GError) error = NULL;
    assert_null(parse(raw, &error));
    assert_error(error, JOB_ERROR, code);
}

static void other_texts_are_malformed(G_GNUC_UNUSED void **state)
{
    static const char *const texts[] = {"",
                                        "not json",
                                        "[]",
                                        "{}",
                                        "{\"class\":\"W\"}",
                                        "{\"args\":[]}",
                                        "{\"class\":7,\"args\":[]}",
                                        "{\"class\":\"W\",\"args\":{}}",
                                        "{\"class\":\"\",\"args\":[]}"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_refused(texts[i], JOB_ERROR_MALFORMED);
}

static void what_only_ruby_reads_is_not_malformed(G_GNUC_UNUSED void **state)
{
    assert_refused("{\"class\":\"W\",\"args\":[123456789012345678901234567890]}", JOB_ERROR_UNREPRESENTABLE);
    assert_refused("{\"class\":\"W\",\"args\":[\"\xff\"]}", JOB_ERROR_UNREPRESENTABLE);
}

static void nul_in_a_string_is_kept(G_GNUC_UNUSED void **state)
{
    g_autoptr(Job) job = parse("{\"class\":\"W\",\"args\":[\"a\\u0000b\"]}", NULL);
    assert_text(json_dump(job->payload), "{\"class\":\"W\",\"args\":[\"a\\u0000b\"]}");
}

#define COMPRESSED(text)                                                                                     \
    "{\"class\":\"W\",\"args\":[\"" text "\"],\"compressed\":true,\"original_job_size_bytes\":13}"

static void compressed_arguments_are_inflated(G_GNUC_UNUSED void **state)
{
    g_autoptr(Job) job = parse(COMPRESSED("eF6LNtSpVkpUslJKUqqNBQAYHQOT"), NULL);
    assert_text(json_dump(job->args), "[1,{\"a\":\"b\"}]");
    assert_text(json_dump(json_object_get(job->payload, "args")), "[\"eF6LNtSpVkpUslJKUqqNBQAYHQOT\"]");
}

static void corrupt_compression_is_told_and_leaves_a_payload(G_GNUC_UNUSED void **state)
{
    assert_refused(COMPRESSED("eF6LNtSpVkpUslJKUqqNBQAYHQOU"), JOB_ERROR_COMPRESSION);
    assert_refused(COMPRESSED("eF6LNtSpVkpUslJKUq"), JOB_ERROR_COMPRESSION);
    assert_refused(COMPRESSED(""), JOB_ERROR_COMPRESSION);
    assert_refused("{\"class\":\"W\",\"args\":[1,2],\"compressed\":true}", JOB_ERROR_COMPRESSION);
    const char *raw = COMPRESSED("eF6LNtSpVkpUslJKUq");
    g_autoptr(Job) job = job_parse_payload(raw, strlen(raw), "q", NULL);
    assert_string_equal(job->class_name, "W");
}

static void arguments_are_checked(G_GNUC_UNUSED void **state)
{
    g_autoptr(Job) job = parse("{\"class\":\"W\",\"args\":[42,\"x\",{\"iid\":7}]}", NULL);
    g_autoptr(GError) error = NULL;
    gint64 number;
    const char *text;
    json_t *object;
    assert_true(job_arg_integer(job, 0, &number, &error) && number == 42);
    assert_true(job_arg_string(job, 1, &text, &error));
    assert_string_equal(text, "x");
    assert_true(job_arg_object(job, 2, &object, &error));
    assert_int_equal(json_integer_field(object, "iid", 0), 7);
    assert_true(job_check_arity(job, 3, 3, &error));

    assert_false(job_arg_integer(job, 1, &number, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS);
    assert_string_equal(error_class(error), "ArgumentError");
    assert_string_equal(error->message, "W: argument 2 is not an integer");
    g_clear_error(&error);
    assert_false(job_arg_object(job, 3, &object, &error));
    g_clear_error(&error);
    assert_false(job_check_arity(job, 1, 2, &error));
    assert_string_equal(error->message, "wrong number of arguments (given 3, expected 1..2)");
}

static void times_of_every_sidekiq_are_seconds(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) payload = json_pack("{s:f, s:I, s:I}", "seven", 1732199999.5, "eight",
                                          (json_int_t)1732199999500, "foreign", (json_int_t)1732199999);
    assert_true(job_time(payload, "seven") == 1732199999.5);
    assert_true(job_time(payload, "eight") == 1732199999.5);
    assert_true(job_time(payload, "foreign") == 1732199999.0);
    assert_true(job_time(payload, "absent") == 0.0);
}

static void jids_are_24_hex_digits(G_GNUC_UNUSED void **state)
{
    g_autofree char *first = job_new_jid(), *second = job_new_jid();
    assert_true(g_regex_match_simple("^[0-9a-f]{24}$", first, 0, 0));
    assert_string_not_equal(first, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_fields_and_keeps_the_bytes),
        cmocka_unit_test(the_jid_may_be_missing),
        cmocka_unit_test(other_texts_are_malformed),
        cmocka_unit_test(what_only_ruby_reads_is_not_malformed),
        cmocka_unit_test(nul_in_a_string_is_kept),
        cmocka_unit_test(compressed_arguments_are_inflated),
        cmocka_unit_test(corrupt_compression_is_told_and_leaves_a_payload),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(times_of_every_sidekiq_are_seconds),
        cmocka_unit_test(jids_are_24_hex_digits),
    };
    return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
