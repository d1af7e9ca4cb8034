#include "protocol/sidekiq_status.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static PrivateRedis *server;

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    return 0;
}

static gboolean is_running(Redis *redis, const char *jid)
{
    gboolean running;
    assert_true(sidekiq_status_running(redis, jid, &running, NULL));
    return running;
}

static gint64 ttl(const char *jid)
{
    g_autofree char *key = g_strconcat("gitlab-sidekiq-status:", jid, NULL);
    return private_redis_integer(server, "TTL", key, NULL);
}

static void a_key_lives_from_set_to_unset(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_false(is_running(redis, "a"));
    assert_true(sidekiq_status_set(redis, "a", SIDEKIQ_STATUS_DEFAULT_EXPIRATION, NULL));
    assert_true(is_running(redis, "a"));
    assert_in_range(ttl("a"), 1790, 1800);
    assert_text(private_redis_text(server, "GET", "gitlab-sidekiq-status:a", NULL), "1");
    assert_true(sidekiq_status_unset(redis, "a", NULL));
    assert_false(is_running(redis, "a"));
}

static void expire_renews_only_what_exists(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_true(sidekiq_status_expire(redis, "b", 86400, NULL));
    assert_false(is_running(redis, "b"));
    assert_true(sidekiq_status_set(redis, "b", 10, NULL));
    assert_true(sidekiq_status_expire(redis, "b", 86400, NULL));
    assert_in_range(ttl("b"), 86390, 86400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_lives_from_set_to_unset),
        cmocka_unit_test(expire_renews_only_what_exists),
    };
    return cmocka_run_group_tests_name("sidekiq_status", tests, start_server, NULL);
}
