#include "protocol/job_retry.h"
#include "protocol/json.h"
#include "protocol/redis.h"
#include "spec/support/cmocka_glib.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#define NOW 1732200003.5

static const WorkerClass FIVE = {.name = "W", .retry = 5}, OFF = {.name = "W", .retry = WORKER_RETRY_OFF};

typedef struct Decision {
    JobRetryFate fate;
    double at;
    json_t *payload;
} Decision;

static void decision_clear(Decision *decision)
{
    json_decref(decision->payload);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Decision, decision_clear)

static Decision decide(const char *raw, const WorkerClass *worker, const char *message)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Job) job = job_parse(raw, strlen(raw), "fetched_from", &failure);
    assert_no_error(failure);
    g_autoptr(GError) error = g_error_new_literal(REDIS_ERROR, REDIS_ERROR_REPLY, message);
    Decision decision = {0};
    decision.fate = job_retry_decide(job, worker, error, NOW, &decision.payload, &decision.at);
    return decision;
}

static void assert_payload(const Decision *decision, const char *expected)
{
    g_autofree char *text = json_dump(decision->payload);
    assert_string_equal(text, expected);
}

static void the_first_failure(G_GNUC_UNUSED void **state)
{
    g_auto(Decision) first =
        decide("{\"retry\":5,\"queue\":\"q\",\"extra\":[1],\"class\":\"W\",\"args\":[],\"jid\":\"j\"}", &FIVE,
               "boom");
    assert_int_equal(first.fate, JOB_RETRY_LATER);
    assert_payload(&first,
                   "{\"retry\":5,\"queue\":\"fetched_from\",\"extra\":[1],\"class\":\"W\",\"args\":[],"
                   "\"jid\":\"j\",\"error_message\":\"boom\",\"error_class\":\"RedisClient::CommandError\","
                   "\"failed_at\":1732200003.5,\"retry_count\":0}");
    assert_true(first.at >= NOW + 15 && first.at <= NOW + 24);
}

static void a_later_failure(G_GNUC_UNUSED void **state)
{
    g_auto(Decision) later = decide("{\"retry\":5,\"class\":\"W\",\"args\":[],\"error_message\":\"before\","
                                    "\"error_class\":\"E\",\"failed_at\":1732199999.0,\"retry_count\":3}",
                                    &FIVE, "boom");
    assert_int_equal(later.fate, JOB_RETRY_LATER);
    assert_payload(&later, "{\"retry\":5,\"class\":\"W\",\"args\":[],\"error_message\":\"boom\","
                           "\"error_class\":\"RedisClient::CommandError\",\"failed_at\":1732199999.0,"
                           "\"retry_count\":4,\"queue\":\"fetched_from\",\"retried_at\":1732200003.5}");
    assert_true(later.at >= NOW + 271 && later.at <= NOW + 271 + 45);
}

static void six_executions_with_five_retries(G_GNUC_UNUSED void **state)
{
    g_auto(Decision) last =
        decide("{\"retry\":5,\"class\":\"W\",\"args\":[],\"retry_count\":4}", &FIVE, "boom");
    assert_int_equal(last.fate, JOB_RETRY_EXHAUSTED);
    assert_int_equal(json_integer_field(last.payload, "retry_count", -1), 5);
}

static JobRetryFate fate_of(const char *fields, const WorkerClass *worker)
{
    g_autofree char *raw = g_strdup_printf("{\"class\":\"W\",\"args\":[]%s}", fields);
    g_auto(Decision) decision = decide(raw, worker, "boom");
    return decision.fate;
}

static void what_retry_means(G_GNUC_UNUSED void **state)
{
    assert_int_equal(fate_of(",\"retry\":0", &FIVE), JOB_RETRY_EXHAUSTED);
    assert_int_equal(fate_of(",\"retry\":-1", &FIVE), JOB_RETRY_EXHAUSTED);
    assert_int_equal(fate_of(",\"retry\":false", &FIVE), JOB_RETRY_NONE);
    assert_int_equal(fate_of(",\"retry\":true,\"retry_count\":23", &FIVE), JOB_RETRY_LATER);
    assert_int_equal(fate_of(",\"retry\":true,\"retry_count\":24", &FIVE), JOB_RETRY_EXHAUSTED);
    assert_int_equal(fate_of(",\"retry_count\":3", &FIVE), JOB_RETRY_LATER);
    assert_int_equal(fate_of(",\"retry_count\":4", &FIVE), JOB_RETRY_EXHAUSTED);
    assert_int_equal(fate_of(",\"retry\":null", &OFF), JOB_RETRY_NONE);
    assert_int_equal(fate_of(",\"retry_count\":23", NULL), JOB_RETRY_LATER);
    assert_int_equal(fate_of(",\"retry_count\":24", NULL), JOB_RETRY_EXHAUSTED);
    assert_int_equal(fate_of(",\"retry_count\":9223372036854775807", &FIVE), JOB_RETRY_EXHAUSTED);
}

static void without_retry_the_payload_is_untouched(G_GNUC_UNUSED void **state)
{
    g_auto(Decision) none = decide("{\"retry\":false,\"class\":\"W\",\"args\":[]}", &FIVE, "boom");
    assert_payload(&none, "{\"retry\":false,\"class\":\"W\",\"args\":[]}");
}

static void retry_for_ends_the_retries(G_GNUC_UNUSED void **state)
{
    assert_int_equal(fate_of(",\"retry_for\":60,\"retry_count\":0,\"failed_at\":1732199944.0", &FIVE),
                     JOB_RETRY_LATER);
    assert_int_equal(fate_of(",\"retry_for\":60,\"retry_count\":0,\"failed_at\":1732199943.0", &FIVE),
                     JOB_RETRY_EXHAUSTED);
    /* as Sidekiq 8 writes it */
    assert_int_equal(fate_of(",\"retry_for\":60,\"retry_count\":0,\"failed_at\":1732199944000", &FIVE),
                     JOB_RETRY_LATER);
    assert_int_equal(fate_of(",\"retry_for\":60,\"retry_count\":0,\"failed_at\":1732199943000", &FIVE),
                     JOB_RETRY_EXHAUSTED);
}

static void retries_have_their_own_queue(G_GNUC_UNUSED void **state)
{
    g_auto(Decision) slow =
        decide("{\"queue\":\"q\",\"retry_queue\":\"slow\",\"class\":\"W\",\"args\":[]}", &FIVE, "boom");
    assert_string_equal(json_string_field(slow.payload, "queue"), "slow");
}

static void the_message_is_cut_and_valid(G_GNUC_UNUSED void **state)
{
    g_autoptr(GString) message = g_string_new("\xff");
    for (int i = 0; i < 10001; i++)
        g_string_append(message, "\xc3\xa9");
    g_auto(Decision) cut = decide("{\"class\":\"W\",\"args\":[]}", &FIVE, message->str);
    const char *text = json_string_field(cut.payload, "error_message");
    assert_int_equal(g_utf8_strlen(text, -1), 10000);
    assert_true(g_str_has_prefix(text, "\xef\xbf\xbd\xc3\xa9"));
}

static void assert_backtrace(const char *fields, const char *expected)
{
    g_autofree char *raw = g_strdup_printf("{\"class\":\"W\",\"args\":[]%s}", fields);
    g_auto(Decision) decision = decide(raw, &FIVE, "boom");
    const char *base64 = json_string_field(decision.payload, "error_backtrace");
    if (!expected) {
        assert_null(base64);
        return;
    }
    gsize size;
    g_autofree guchar *deflated = g_base64_decode(base64, &size);
    char lines[200] = "";
    uLongf length = sizeof lines - 1;
    assert_int_equal(uncompress((Bytef *)lines, &length, deflated, size), Z_OK);
    assert_string_equal(lines, expected);
}

static void a_backtrace_only_on_request(G_GNUC_UNUSED void **state)
{
    assert_backtrace(",\"backtrace\":true", "[\"hubferry:redis_error:2\"]");
    assert_backtrace(",\"backtrace\":10", "[\"hubferry:redis_error:2\"]");
    assert_backtrace(",\"backtrace\":0", "[]");
    assert_backtrace(",\"backtrace\":false", NULL);
    assert_backtrace("", NULL);
}

static void a_compressed_job_stays_compressed(G_GNUC_UNUSED void **state)
{
    /* [1,2] as Zlib and Base64 of Ruby make it */
    static const char raw[] = "{\"class\":\"W\",\"args\":[\"eJyLNtQxigUAA9UBSA==\"],\"compressed\":true}";
    g_auto(Decision) decision = decide(raw, &FIVE, "boom");
    const json_t *args = json_object_get(decision.payload, "args");
    assert_string_equal(json_string_value(json_array_get(args, 0)), "eJyLNtQxigUAA9UBSA==");
}

static void the_delay_grows_with_the_fourth_power(G_GNUC_UNUSED void **state)
{
    for (gint64 count = 0; count < 25; count++) {
        double base = pow((double)count, 4) + 15;
        for (int draw = 0; draw < 50; draw++) {
            double jitter = job_retry_delay(count) - base;
            assert_true(jitter >= 0 && jitter <= 9 * (double)(count + 1));
            assert_true(fmod(jitter, (double)(count + 1)) == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failure),
        cmocka_unit_test(a_later_failure),
        cmocka_unit_test(six_executions_with_five_retries),
        cmocka_unit_test(what_retry_means),
        cmocka_unit_test(without_retry_the_payload_is_untouched),
        cmocka_unit_test(retry_for_ends_the_retries),
        cmocka_unit_test(retries_have_their_own_queue),
        cmocka_unit_test(the_message_is_cut_and_valid),
        cmocka_unit_test(a_backtrace_only_on_request),
        cmocka_unit_test(a_compressed_job_stays_compressed),
        cmocka_unit_test(the_delay_grows_with_the_fourth_power),
    };
    return cmocka_run_group_tests_name("job_retry", tests, NULL, NULL);
}
