#include "protocol/job_waiter.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#define KEY "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"

static PrivateRedis *server;

static int start_server(G_GNUC_UNUSED void **state)
{
    server = private_redis_start(NULL, NULL);
    return 0;
}

static int flush(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    return 0;
}

static gint64 arrived(Redis *redis)
{
    gint64 count = -1;
    assert_true(job_waiter_arrived(redis, KEY, &count, NULL));
    return count;
}

static void keys_have_gitlabs_form(G_GNUC_UNUSED void **state)
{
    g_autofree char *key = job_waiter_new_key();
    assert_true(job_waiter_key_valid(key));
    assert_true(job_waiter_key_valid(KEY));
    assert_false(job_waiter_key_valid(""));
    assert_false(job_waiter_key_valid("gitlab:job_waiter:"));
    assert_false(job_waiter_key_valid("gitlab:job_waiter:*"));
    assert_false(job_waiter_key_valid("cache:" KEY));
}

static void a_jid_is_pushed_once(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_true(job_waiter_notify(redis, KEY, "j1", NULL));
    assert_true(job_waiter_notify(redis, KEY, "j2", NULL));
    assert_true(job_waiter_notify(redis, KEY, "j1", NULL));
    assert_int_equal(arrived(redis), 2);
    assert_text(private_redis_text(server, "LINDEX", KEY, "0", NULL), "j2");
    assert_in_range(private_redis_integer(server, "TTL", KEY, NULL), 604790, 604800);
}

static void a_jid_that_was_taken_off_the_list_does_not_come_back(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_true(job_waiter_notify(redis, KEY, "j1", NULL));
    assert_text(private_redis_text(server, "RPOP", KEY, NULL), "j1");
    assert_true(job_waiter_notify(redis, KEY, "j1", NULL));
    assert_int_equal(arrived(redis), 0);
}

static void delete_leaves_nothing(G_GNUC_UNUSED void **state)
{
    g_autoptr(Redis) redis = private_redis_connect(server);
    assert_true(job_waiter_notify(redis, KEY, "j1", NULL));
    assert_true(job_waiter_delete(redis, KEY, NULL));
    assert_int_equal(private_redis_integer(server, "DBSIZE", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_gitlabs_form),
        cmocka_unit_test_setup(a_jid_is_pushed_once, flush),
        cmocka_unit_test_setup(a_jid_that_was_taken_off_the_list_does_not_come_back, flush),
        cmocka_unit_test_setup(delete_leaves_nothing, flush),
    };
    return cmocka_run_group_tests_name("job_waiter", tests, start_server, NULL);
}
