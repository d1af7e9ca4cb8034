#include "protocol/import_caching.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

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

static void assert_ttl(const char *key, gint64 seconds)
{
    assert_in_range(private_redis_integer(server, "TTL", key, NULL), seconds - 10, seconds);
}

static char *value_of(const char *key)
{
    char *value = NULL;
    assert_true(cache_read(redis, key, &value, NULL));
    return value;
}

static void reads_what_was_written(G_GNUC_UNUSED void **state)
{
    assert_text(value_of("k"), NULL);
    assert_true(cache_write(redis, "k", "v", CACHE_SHORTER_TIMEOUT, NULL));
    assert_text(private_redis_text(server, "GET", "cache:gitlab:k", NULL), "v");
    assert_ttl("cache:gitlab:k", CACHE_SHORTER_TIMEOUT);
    assert_text(value_of("k"), "v");
    assert_ttl("cache:gitlab:k", CACHE_TIMEOUT);
}

static void reading_a_blank_value_does_not_renew_it(G_GNUC_UNUSED void **state)
{
    assert_true(cache_write(redis, "k", "", 100, NULL));
    assert_text(value_of("k"), "");
    assert_ttl("cache:gitlab:k", 100);
}

static void integers_are_told_from_blank_and_missing(G_GNUC_UNUSED void **state)
{
    gint64 value = 0;
    gboolean found = TRUE;
    assert_true(cache_read_integer(redis, "n", &value, &found, NULL));
    assert_false(found);
    assert_true(cache_write(redis, "n", " ", 100, NULL));
    assert_true(cache_read_integer(redis, "n", &value, &found, NULL));
    assert_false(found);
    assert_true(cache_write_integer(redis, "n", -42, 100, NULL));
    assert_true(cache_read_integer(redis, "n", &value, &found, NULL));
    assert_true(found);
    assert_int_equal(value, -42);
}

static void many_values_are_written_at_once(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new();
    char *words[] = {"a", "1", "b", "2"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        g_ptr_array_add(pairs, words[i]);
    assert_true(cache_write_multiple(redis, pairs, 100, NULL));
    assert_text(value_of("a"), "1");
    assert_text(value_of("b"), "2");
}

static void many_values_are_read_at_once(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    const char *const names[] = {"value", "missing", "blank", "other"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        g_ptr_array_add(keys, (gpointer)names[i]);
    assert_true(cache_write(redis, "value", "1", 100, NULL));
    assert_true(cache_write(redis, "blank", "", 100, NULL));
    assert_true(cache_write(redis, "other", "-1", 100, NULL));
    g_autoptr(GPtrArray) values = cache_read_multiple(redis, keys, 500, NULL);
    assert_int_equal(values->len, 4);
    assert_string_equal(values->pdata[0], "1");
    assert_null(values->pdata[1]);
    assert_string_equal(values->pdata[2], "");
    assert_string_equal(values->pdata[3], "-1");
    assert_ttl("cache:gitlab:value", 500);
    assert_ttl("cache:gitlab:blank", 100);
    assert_ttl("cache:gitlab:other", 500);
}

static void only_a_greater_number_replaces(G_GNUC_UNUSED void **state)
{
    gboolean written;
    assert_true(cache_write_if_greater(redis, "page", 9, 100, &written, NULL) && written);
    assert_true(cache_write_if_greater(redis, "page", 9, 500, &written, NULL) && !written);
    assert_ttl("cache:gitlab:page", 100);
    assert_true(cache_write_if_greater(redis, "page", 10, 500, &written, NULL) && written);
    assert_text(private_redis_text(server, "GET", "cache:gitlab:page", NULL), "10");
    assert_ttl("cache:gitlab:page", 500);
}

static void counters_rise_and_live_on(G_GNUC_UNUSED void **state)
{
    gint64 value;
    assert_true(cache_increment(redis, "c", 100, &value, NULL) && value == 1);
    assert_true(cache_increment(redis, "c", 200, &value, NULL) && value == 2);
    assert_ttl("cache:gitlab:c", 200);
}

static void sets_know_their_members(G_GNUC_UNUSED void **state)
{
    g_autoptr(GPtrArray) asked = g_ptr_array_new();
    g_ptr_array_add(asked, (gpointer) "8");
    g_ptr_array_add(asked, (gpointer) "7");
    assert_true(cache_set_add(redis, "s", "7", 100, NULL));
    g_autofree gboolean *included = cache_set_includes_all(redis, "s", asked, NULL);
    assert_true(!included[0] && included[1]);
    assert_ttl("cache:gitlab:s", 100);
    g_autoptr(GPtrArray) members = cache_set_members(redis, "s", NULL);
    assert_int_equal(members->len, 1);
    assert_string_equal(members->pdata[0], "7");
    g_autoptr(GPtrArray) sample = cache_set_sample(redis, "s", 5, NULL);
    assert_int_equal(sample->len, 1);
    assert_true(cache_set_remove(redis, "s", sample, NULL));
    g_autofree gboolean *left = cache_set_includes_all(redis, "s", asked, NULL);
    assert_true(!left[0] && !left[1]);
}

static void lists_keep_the_newest_and_each_value_once(G_GNUC_UNUSED void **state)
{
    const char *values[] = {"a", "b", "c", "b"};
    gint64 count;
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        assert_true(cache_list_add(redis, "l", values[i], 2, 100, NULL));
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    g_ptr_array_add(keys, (gpointer) "nothing");
    g_ptr_array_add(keys, (gpointer) "l");
    g_autoptr(GPtrArray) lists = cache_lists(redis, keys, NULL);
    assert_int_equal(((const GPtrArray *)lists->pdata[0])->len, 0);
    const GPtrArray *list = lists->pdata[1];
    assert_int_equal(list->len, 2);
    assert_string_equal(list->pdata[0], "b");
    assert_string_equal(list->pdata[1], "c");
    assert_ttl("cache:gitlab:l", 100);
    assert_true(cache_delete_all(redis, keys, NULL));
    assert_true(cache_list_count(redis, "l", &count, NULL) && count == 0);
}

static void expire_and_delete(G_GNUC_UNUSED void **state)
{
    assert_true(cache_write(redis, "k", "v", 100, NULL));
    assert_true(cache_expire(redis, "k", CACHE_LONGER_TIMEOUT, NULL));
    assert_ttl("cache:gitlab:k", CACHE_LONGER_TIMEOUT);
    assert_true(cache_delete(redis, "k", NULL));
    assert_text(value_of("k"), NULL);
}

static GPtrArray *tokens_between(int from, int to)
{
    GPtrArray *tokens = g_ptr_array_new_with_free_func(g_free);
    for (int i = from; i < to; i++)
        g_ptr_array_add(tokens, g_strdup_printf("jid-%d", i));
    return tokens;
}

static void a_token_counts_once(G_GNUC_UNUSED void **state)
{
    gint64 added;
    g_autoptr(GPtrArray) first = tokens_between(0, 2500), second = tokens_between(2000, 3000);
    assert_true(cache_increment_once(redis, "c", first, 100, &added, NULL));
    assert_int_equal(added, 2500);
    assert_true(cache_increment_once(redis, "c", first, 100, &added, NULL));
    assert_int_equal(added, 0);
    assert_true(cache_increment_once(redis, "c", second, 100, &added, NULL));
    assert_int_equal(added, 500);
    assert_text(private_redis_text(server, "GET", "cache:gitlab:c", NULL), "3000");
    assert_ttl("cache:gitlab:c", 100);
    assert_ttl("hubferry:counted:c", 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_what_was_written, flush),
        cmocka_unit_test_setup(reading_a_blank_value_does_not_renew_it, flush),
        cmocka_unit_test_setup(integers_are_told_from_blank_and_missing, flush),
        cmocka_unit_test_setup(many_values_are_written_at_once, flush),
        cmocka_unit_test_setup(many_values_are_read_at_once, flush),
        cmocka_unit_test_setup(only_a_greater_number_replaces, flush),
        cmocka_unit_test_setup(counters_rise_and_live_on, flush),
        cmocka_unit_test_setup(sets_know_their_members, flush),
        cmocka_unit_test_setup(lists_keep_the_newest_and_each_value_once, flush),
        cmocka_unit_test_setup(expire_and_delete, flush),
        cmocka_unit_test_setup(a_token_counts_once, flush),
    };
    return cmocka_run_group_tests_name("import_caching", tests, start_server, disconnect);
}
