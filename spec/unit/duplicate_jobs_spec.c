#include "protocol/duplicate_jobs.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#define KEY    "resque:gitlab:duplicate:default:abc"
#define COOKIE "resque:gitlab:resque:gitlab:duplicate:default:abc:cookie:v2"
#define SIGNAL "resque:gitlab:duplicate:default:abc:checking_duplicate"

static PrivateRedis *server;
static Redis *redis;

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    redis = private_redis_connect(server);
    return 0;
}

static int disconnect(G_GNUC_UNUSED void **state)
{
    redis_free(redis);
    return 0;
}

static int flush(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    return 0;
}

static void hashes_as_gitlab_does(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) args = json_pack("[i, {s:i}, s]", 42, "abc", 5, "finish");
    assert_text(
        duplicate_jobs_idempotency_key("Gitlab::GithubImport::AdvanceStageWorker", args, "default"),
        "resque:gitlab:duplicate:default:1645e52963a1a7622faf412522a4f617d9b87d5b03ea51cbbada7bbba0e39b24");
    assert_text(duplicate_jobs_cookie_key(KEY), COOKIE);
}

static char *check(const char *jid)
{
    char *duplicate_of = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(duplicate_jobs_check(redis, KEY, jid, 600, &duplicate_of, &error));
    assert_no_error(error);
    return duplicate_of;
}

static void the_cookie_is_gitlabs_message_pack(G_GNUC_UNUSED void **state)
{
    /* {"jid" => ..., "existing_wal_locations" => {}, "offsets" => {}, "wal_locations" => {}}.to_msgpack */
    static const char expected[] = "\x84\xA3jid\xB8"
                                   "91e8673347d4dc84fbad5319\xB6"
                                   "existing_wal_locations\x80\xA7offsets\x80\xADwal_locations\x80";
    assert_text(check("91e8673347d4dc84fbad5319"), NULL);
    assert_text(private_redis_text(server, "GET", COOKIE, NULL), expected);
    assert_in_range(private_redis_integer(server, "TTL", COOKIE, NULL), 590, 600);
}

static void the_first_job_holds_the_cookie(G_GNUC_UNUSED void **state)
{
    assert_text(check("first"), NULL);
    assert_text(check("second"), "first");
    assert_text(check("first"), NULL);
}

static void a_cookie_that_lua_has_rewritten_is_understood(G_GNUC_UNUSED void **state)
{
    /* Empty maps have become empty arrays, the order is another. */
    g_autoptr(redisReply) stored = private_redis_command(server, "SET", COOKIE,
                                                         "\x82\xA7offsets\x90\xA3jid\xA5"
                                                         "first",
                                                         NULL);
    assert_text(check("second"), "first");
}

static Job *job_with_key(void)
{
    const char *raw = "{\"class\":\"W\",\"args\":[],\"jid\":\"first\",\"idempotency_key\":\"" KEY "\"}";
    return job_parse(raw, strlen(raw), "default", NULL);
}

static gint64 cookies(void)
{
    return private_redis_integer(server, "EXISTS", COOKIE, NULL);
}

static gboolean before_perform(const Job *job, const WorkerClass *worker, GError **error)
{
    return duplicate_jobs_before_perform(redis, &job, 1, worker, error);
}

static void until_executing_deletes_before(G_GNUC_UNUSED void **state)
{
    const WorkerClass worker = {.name = "W", .deduplicate = DEDUPLICATE_UNTIL_EXECUTING};
    g_autoptr(Job) job = job_with_key();
    assert_text(check("first"), NULL);
    assert_true(before_perform(job, &worker, NULL));
    assert_int_equal(cookies(), 0);
    assert_text(check("first"), NULL);
    assert_true(before_perform(job, NULL, NULL));
    assert_int_equal(cookies(), 0);
}

static void the_cookies_of_jobs_that_are_performed_together_are_deleted_at_once(G_GNUC_UNUSED void **state)
{
    const char *other_raw = "{\"class\":\"W\",\"args\":[],\"idempotency_key\":\"other\"}";
    const char *plain_raw = "{\"class\":\"W\",\"args\":[]}";
    g_autoptr(Job) first = job_with_key();
    g_autoptr(Job) other = job_parse(other_raw, strlen(other_raw), "default", NULL);
    g_autoptr(Job) plain = job_parse(plain_raw, strlen(plain_raw), "default", NULL);
    g_autofree char *other_cookie = duplicate_jobs_cookie_key("other");
    redis_reply_free(private_redis_command(server, "SET", other_cookie, "x", NULL));
    assert_text(check("first"), NULL);
    assert_true(duplicate_jobs_before_perform(redis, (const Job *[]){first, plain, other}, 3, NULL, NULL));
    assert_int_equal(cookies(), 0);
    assert_int_equal(private_redis_integer(server, "EXISTS", other_cookie, NULL), 0);
}

static void until_executed_deletes_after_whatever_the_result(G_GNUC_UNUSED void **state)
{
    const WorkerClass worker = {.name = "W", .deduplicate = DEDUPLICATE_UNTIL_EXECUTED};
    g_autoptr(Job) job = job_with_key();
    gboolean reschedule;
    assert_text(check("first"), NULL);
    assert_true(before_perform(job, &worker, NULL));
    assert_int_equal(cookies(), 1);
    assert_true(duplicate_jobs_after_perform(redis, job, &worker, FALSE, &reschedule, NULL));
    assert_int_equal(cookies(), 0);
    assert_false(reschedule);
}

static void a_signal_asks_for_one_more_run_after_success(G_GNUC_UNUSED void **state)
{
    const WorkerClass worker = {
        .name = "W", .deduplicate = DEDUPLICATE_UNTIL_EXECUTED, .reschedule_once = TRUE};
    g_autoptr(Job) job = job_with_key();
    gboolean reschedule;
    assert_true(duplicate_jobs_set_signal(redis, KEY, 600, NULL));
    assert_text(private_redis_text(server, "GET", SIGNAL, NULL), "1");
    assert_true(duplicate_jobs_after_perform(redis, job, &worker, FALSE, &reschedule, NULL));
    assert_false(reschedule);
    assert_true(duplicate_jobs_after_perform(redis, job, &worker, TRUE, &reschedule, NULL));
    assert_true(reschedule);
    assert_true(duplicate_jobs_after_perform(redis, job, &worker, TRUE, &reschedule, NULL));
    assert_false(reschedule);

    assert_true(duplicate_jobs_set_signal(redis, KEY, 600, NULL));
    assert_true(duplicate_jobs_delete_signal(redis, KEY, NULL));
    assert_int_equal(private_redis_integer(server, "EXISTS", SIGNAL, NULL), 0);
}

static void none_touches_nothing(G_GNUC_UNUSED void **state)
{
    const WorkerClass worker = {.name = "W", .deduplicate = DEDUPLICATE_NONE};
    g_autoptr(Job) job = job_with_key();
    gboolean reschedule;
    assert_text(check("first"), NULL);
    assert_true(before_perform(job, &worker, NULL));
    assert_true(duplicate_jobs_after_perform(redis, job, &worker, TRUE, &reschedule, NULL));
    assert_int_equal(cookies(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_as_gitlab_does),
        cmocka_unit_test_setup(the_cookie_is_gitlabs_message_pack, flush),
        cmocka_unit_test_setup(the_first_job_holds_the_cookie, flush),
        cmocka_unit_test_setup(a_cookie_that_lua_has_rewritten_is_understood, flush),
        cmocka_unit_test_setup(until_executing_deletes_before, flush),
        cmocka_unit_test_setup(the_cookies_of_jobs_that_are_performed_together_are_deleted_at_once, flush),
        cmocka_unit_test_setup(until_executed_deletes_after_whatever_the_result, flush),
        cmocka_unit_test_setup(a_signal_asks_for_one_more_run_after_success, flush),
        cmocka_unit_test_setup(none_touches_nothing, flush),
    };
    return cmocka_run_group_tests_name("duplicate_jobs", tests, start_server, disconnect);
}
