#include "protocol/cleanup.h"
#include "protocol/identity.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#define DEAD "dead-1:7:0a1b2c3d4e5f"

static PrivateRedis *server;
static GString *exhausted; /* queue and bytes of each exhausted job */

static const WorkerClass WORKERS[] = {{.name = "Twenty", .max_interruptions = 20}, {0}};

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(2, LOG_ERROR);
    exhausted = g_string_new(NULL);
    server = private_redis_start(NULL, NULL);
    return 0;
}

static int stop(G_GNUC_UNUSED void **state)
{
    g_string_free(exhausted, TRUE);
    return 0;
}

static int prepare(G_GNUC_UNUSED void **state)
{
    g_string_truncate(exhausted, 0);
    private_redis_flush(server);
    g_autoptr(redisReply) scripts = private_redis_command(server, "SCRIPT", "FLUSH", NULL);
    return 0;
}

static void on_exhausted(const char *queue, const char *raw, gsize length, gpointer user_data)
{
    g_string_append_printf(user_data, "%s %.*s", queue, (int)length, raw);
}

/* How many jobs were moved. */
static guint clean(void)
{
    static const WorkerClass *const tables[] = {WORKERS};
    g_autoptr(WorkerRegistry) registry = worker_registry_new(tables, 1);
    g_autoptr(Redis) redis = private_redis_connect(server);
    g_autoptr(GError) error = NULL;
    guint recovered = 0;
    gboolean done = cleanup_working_lists(redis, registry, on_exhausted, exhausted, &recovered, &error);
    assert_no_error(error);
    assert_true(done);
    return recovered;
}

static gint64 length_of(const char *key)
{
    return private_redis_integer(server, "LLEN", key, NULL);
}

static void a_dead_process_s_jobs_go_back(G_GNUC_UNUSED void **state)
{
    private_redis_integer(server, "LPUSH", "working:queue:a:b:" DEAD, "{\"class\":\"First\"}",
                          "{\"class\":\"Second\"}", NULL);
    private_redis_integer(server, "LPUSH", "queue:a:b", "waiting", NULL);
    assert_int_equal(clean(), 2);
    assert_int_equal(length_of("working:queue:a:b:" DEAD), 0);
    g_autoptr(redisReply) queue = private_redis_command(server, "LRANGE", "queue:a:b", "0", "-1", NULL);
    assert_int_equal(queue->elements, 3);
    assert_string_equal(queue->element[0]->str, "{\"class\":\"Second\",\"interrupted_count\":1}");
    assert_string_equal(queue->element[1]->str, "{\"class\":\"First\",\"interrupted_count\":1}");
    assert_string_equal(queue->element[2]->str, "waiting");
    assert_int_equal(exhausted->len, 0);
}

static void the_living_keep_theirs(G_GNUC_UNUSED void **state)
{
    g_autofree char *own = key_working_list("q", process_identity());
    private_redis_integer(server, "LPUSH", own, "{}", NULL);
    private_redis_integer(server, "LPUSH", "working:queue:q:alive:8:0a1b2c3d4e5f", "{}", NULL);
    private_redis_integer(server, "LPUSH", "working:queue:q:alive:9", "{}", NULL);
    g_autoptr(redisReply) alive =
        private_redis_command(server, "MSET", "reliable-fetcher-heartbeat-alive-8-0a1b2c3d4e5f", "1",
                              "reliable-fetcher-heartbeat-alive-9", "1", NULL);
    assert_int_equal(clean(), 0);
    assert_int_equal(length_of(own), 1);
    assert_int_equal(length_of("working:queue:q:alive:8:0a1b2c3d4e5f"), 1);
    assert_int_equal(length_of("working:queue:q:alive:9"), 1);
}

static void the_legacy_form_is_known_and_other_keys_are_not_touched(G_GNUC_UNUSED void **state)
{
    private_redis_integer(server, "LPUSH", "working:queue:q:old:9", "{}", NULL);
    private_redis_integer(server, "LPUSH", "working:queue:q:UPPER:9:ABC", "{}", NULL);
    private_redis_integer(server, "LPUSH", "working:queue:strange", "{}", NULL);
    assert_int_equal(clean(), 1);
    assert_int_equal(length_of("queue:q"), 1);
    assert_int_equal(length_of("working:queue:q:UPPER:9:ABC"), 1);
    assert_int_equal(length_of("working:queue:strange"), 1);
}

static void the_limit_leads_to_the_interrupted_set(G_GNUC_UNUSED void **state)
{
    private_redis_integer(server, "LPUSH", "working:queue:q:" DEAD,
                          "{\"class\":\"Other\",\"interrupted_count\":2}",
                          "{\"class\":\"Twenty\",\"interrupted_count\":2}", NULL);
    assert_int_equal(clean(), 2);
    assert_string_equal(exhausted->str, "q {\"class\":\"Other\",\"interrupted_count\":2}");
    g_autofree char *score = private_redis_text(server, "ZSCORE", "interrupted",
                                                "{\"class\":\"Other\",\"interrupted_count\":3}", NULL);
    assert_non_null(score);
    assert_text(private_redis_text(server, "LINDEX", "queue:q", "0", NULL),
                "{\"class\":\"Twenty\",\"interrupted_count\":3}");
}

static void long_lists_are_emptied(G_GNUC_UNUSED void **state)
{
    g_autoptr(redisReply) filled = private_redis_command(
        server, "EVAL", "for i = 1, 1234 do redis.call('LPUSH', KEYS[1], '{\"n\":' .. i .. '}') end", "1",
        "working:queue:q:" DEAD, NULL);
    assert_int_equal(clean(), 1234);
    assert_int_equal(length_of("queue:q"), 1234);
    assert_text(private_redis_text(server, "LINDEX", "queue:q", "-1", NULL),
                "{\"n\":1,\"interrupted_count\":1}");
}

static void the_lease_is_held_once(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    gboolean taken = FALSE;
    assert_true(cleanup_take_lease(redis, 3600, &taken, NULL));
    assert_true(taken);
    assert_true(private_redis_integer(server, "TTL", "reliable-fetcher-cleanup-lock", NULL) > 3590);
    assert_true(cleanup_take_lease(redis, 3600, &taken, NULL));
    assert_false(taken);
}

/* Every key of a database and what it holds, scores left out. */
static const char DUMP[] =
    "local lines, keys = {}, redis.call('KEYS', '*') "
    "table.sort(keys) "
    "for _, key in ipairs(keys) do "
    "  local read = redis.call('TYPE', key).ok == 'list' and 'LRANGE' or 'ZRANGE' "
    "  lines[#lines + 1] = key .. ': ' .. table.concat(redis.call(read, key, 0, -1), ' | ') "
    "end "
    "return table.concat(lines, '\\n')";

static const char FILL[] = "redis.call('LPUSH', 'queue:a:b', 'waiting') "
                           "redis.call('LPUSH', 'working:queue:a:b:dead-1:7:0a1b2c3d4e5f', unpack(ARGV)) "
                           "redis.call('LPUSH', 'working:queue:c:dead-2:8', unpack(ARGV)) "
                           "redis.call('LPUSH', 'working:queue:c:dead-2:8:UPPER', unpack(ARGV))";

static const char RUBY[] =
    "require 'sidekiq'; require 'sidekiq-reliable-fetch'; Sidekiq.logger.level = Logger::FATAL; "
    "Redis.silence_deprecations = true; Sidekiq.redis = { path: ARGV[0], db: 1 }; "
    "Sidekiq::ReliableFetch.new(queues: ['a:b'], strict: true).send(:clean_working_queues!)";

static void run_ruby_s_fetcher(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *output = NULL;
    int status;
    char *argv[] = {"ruby", "-W0", "-e", (char *)RUBY, (char *)private_redis_socket(server), NULL};
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, &output, &status, &error);
    assert_no_error(error);
    if (!g_spawn_check_wait_status(status, NULL))
        fail_msg("ruby: %s", output);
}

static void fill(Redis *redis)
{
    g_autoptr(redisReply) reply = redis_call(
        redis, NULL, "EVAL", FILL, "0", "{\"class\":\"First\",\"args\":[1.5,null,\"\\u00e9/\\u001f\\t\"]}",
        "{\"z\":{\"b\":[],\"a\":{}},\"interrupted_count\":1,\"class\":\"Second\",\"created_at\":1732199999."
        "123456}",
        "{\"class\":\"Third\",\"interrupted_count\":2,\"big\":1e+25,\"small\":0.00001}",
        "{\"class\":\"Fourth\",\"interrupted_count\":null,\"enqueued_at\":1732199999000}", NULL);
    assert_non_null(reply);
}

static char *dump(Redis *redis)
{
    g_autoptr(redisReply) reply = redis_call(redis, NULL, "EVAL", DUMP, "0", NULL);
    assert_non_null(reply);
    return g_strdup(reply->str);
}

static void ruby_s_fetcher_leaves_the_same(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_clear_pointer(&settings->host, g_free);
    settings->path = g_strdup(private_redis_socket(server));
    settings->db = 1;
    g_autoptr(Redis) ours = private_redis_connect(server), rubys = redis_new(settings);
    fill(ours);
    fill(rubys);
    assert_int_equal(clean(), 8);
    run_ruby_s_fetcher();
    g_autofree char *expected = dump(rubys), *left = dump(ours);
    assert_string_equal(left, expected);
    assert_non_null(strstr(left, "\"interrupted_count\":3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_dead_process_s_jobs_go_back, prepare),
        cmocka_unit_test_setup(the_living_keep_theirs, prepare),
        cmocka_unit_test_setup(the_legacy_form_is_known_and_other_keys_are_not_touched, prepare),
        cmocka_unit_test_setup(the_limit_leads_to_the_interrupted_set, prepare),
        cmocka_unit_test_setup(long_lists_are_emptied, prepare),
        cmocka_unit_test_setup(the_lease_is_held_once, prepare),
        cmocka_unit_test_setup(ruby_s_fetcher_leaves_the_same, prepare),
    };
    return cmocka_run_group_tests_name("cleanup", tests, start_server, stop);
}
