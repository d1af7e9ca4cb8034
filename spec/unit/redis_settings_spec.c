#include "protocol/redis_settings.h"
#include "spec/support/cmocka_glib.h"

static RedisSettings *settings_of(const char *url)
{
    g_autoptr(GError) error = NULL;
    RedisSettings *settings = redis_settings_new();
    assert_true(redis_settings_apply_url(settings, url, &error));
    assert_no_error(error);
    return settings;
}

static void assert_nullable(const char *actual, const char *expected)
{
    assert_int_equal(g_strcmp0(actual, expected), 0);
}

static void reads_urls(G_GNUC_UNUSED void **state)
{
    static const struct {
        const char *url, *host;
        int port;
        const char *path;
        int db;
        const char *username, *password;
    } cases[] = {
        {"redis://localhost", "localhost", 6379, NULL, 0, NULL, NULL},
        {"redis://redis.example:6380/3", "redis.example", 6380, NULL, 3, NULL, NULL},
        {"redis://:s%40cret@h/1", "h", 6379, NULL, 1, NULL, "s@cret"},
        {"redis://me:a%2Bb%3A@h", "h", 6379, NULL, 0, "me", "a+b:"},
        {"redis://only@h", "h", 6379, NULL, 0, NULL, "only"},
        {"redis://[::1]:7000/2", "::1", 7000, NULL, 2, NULL, NULL},
        {"redis:///4", "localhost", 6379, NULL, 4, NULL, NULL},
        {"unix:/run/redis/redis.sock", NULL, 6379, "/run/redis/redis.sock", 0, NULL, NULL},
        {"unix:/run/redis.sock?db=5", NULL, 6379, "/run/redis.sock", 5, NULL, NULL},
        {"unix://:pw@/run/redis.sock?db=1", NULL, 6379, "/run/redis.sock", 1, NULL, "pw"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(RedisSettings) settings = settings_of(cases[i].url);
        assert_nullable(settings->host, cases[i].host);
        assert_int_equal(settings->port, cases[i].port);
        assert_nullable(settings->path, cases[i].path);
        assert_int_equal(settings->db, cases[i].db);
        assert_nullable(settings->username, cases[i].username);
        assert_nullable(settings->password, cases[i].password);
        assert_false(settings->tls);
    }
}

static void refusals_do_not_tell_the_password(G_GNUC_UNUSED void **state)
{
    static const char *const urls[] = {
        "http://:secret@h", "redis://:secret@h:port", "redis://:secret@h/x", "redis://:secret%zz@h",
        "secret",           "redis://:12/secret@h/1", "unix:/run/secret%00"};
    for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(RedisSettings) settings = redis_settings_new();
        assert_false(redis_settings_apply_url(settings, urls[i], &error));
        assert_error(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_URL);
        assert_null(strstr(error->message, "secret"));
    }
}

static void tls_is_accepted_only_where_built(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RedisSettings) settings = redis_settings_new();
    gboolean accepted = redis_settings_apply_url(settings, "rediss://h", &error);
#ifdef HUBFERRY_REDIS_TLS
    assert_true(accepted);
    assert_true(settings->tls);
#else
    assert_false(accepted);
    assert_error(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_NO_TLS);
#endif
}

static void equal_means_same_server_and_database(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) a = settings_of("redis://:x@h:1/2"), same = settings_of("redis://h:1/2");
    g_autoptr(RedisSettings) other_db = settings_of("redis://h:1/3"), socket = settings_of("unix:/s?db=2");
    assert_true(redis_settings_equal(a, same));
    assert_false(redis_settings_equal(a, other_db));
    assert_false(redis_settings_equal(a, socket));
}

static void descriptions_hold_no_secret(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) tcp = settings_of("redis://u:p@h:1/2"), ipv6 = settings_of("redis://[::1]");
    g_autoptr(RedisSettings) socket = settings_of("unix:/s?db=2");
    assert_text(redis_settings_describe(tcp), "redis://h:1/2");
    assert_text(redis_settings_describe(ipv6), "redis://[::1]:6379/0");
    assert_text(redis_settings_describe(socket), "unix:/s?db=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_urls),
        cmocka_unit_test(refusals_do_not_tell_the_password),
        cmocka_unit_test(tls_is_accepted_only_where_built),
        cmocka_unit_test(equal_means_same_server_and_database),
        cmocka_unit_test(descriptions_hold_no_secret),
    };
    return cmocka_run_group_tests_name("redis_settings", tests, NULL, NULL);
}
