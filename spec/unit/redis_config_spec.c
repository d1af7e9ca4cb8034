#include "worker/config/redis_config.h"

#include "spec/support/config_files.h"

static RedisSettings *load(const ConfigFiles *files, RedisStore store, GError **error)
{
    ConfigDirectory directory = {files->folder, "production"};
    return redis_config_load(&directory, store, error);
}

/* `expected` is what redis_settings_describe() says. */
static void assert_store(const ConfigFiles *files, RedisStore store, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RedisSettings) settings = load(files, store, &error);
    assert_no_error(error);
    assert_text(redis_settings_describe(settings), expected);
}

static void assert_refused(const ConfigFiles *files, RedisStore store, int code, const char *words)
{
    g_autoptr(GError) error = NULL;
    assert_null(load(files, store, &error));
    assert_error(error, CONFIG_ERROR, code);
    if (!strstr(error->message, words))
        fail_msg("'%s' does not say '%s'", error->message, words);
}

static void without_files_it_is_the_local_redis(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    assert_store(&files, REDIS_QUEUES, "redis://localhost:6379/0");
    ConfigDirectory none = {NULL, "production"};
    g_autoptr(RedisSettings) settings = redis_config_load(&none, REDIS_CACHE, NULL);
    assert_non_null(settings);
}

static void resque_yml_serves_all_stores(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production:\n  url: unix:/run/redis.socket?db=3\n");
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        assert_store(&files, store, "unix:/run/redis.socket?db=3");
}

static void a_text_is_a_url(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: redis://a:1/2\n");
    assert_store(&files, REDIS_QUEUES, "redis://a:1/2");
}

static void files_win_in_gitlabs_order(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {url: 'redis://resque'}\n");
    assert_store(&files, REDIS_QUEUES_METADATA, "redis://resque:6379/0");
    config_files_write(&files, "redis.yml", "production: {queues: {url: 'redis://queues'}}\n");
    assert_store(&files, REDIS_QUEUES_METADATA, "redis://queues:6379/0");
    config_files_write(&files, "redis.queues.yml", "production: {url: 'redis://queues-file'}\n");
    assert_store(&files, REDIS_QUEUES_METADATA, "redis://queues-file:6379/0");
    assert_store(&files, REDIS_QUEUES, "redis://queues:6379/0");
    config_files_write(&files, "redis.queues_metadata.yml", "production: {url: 'redis://metadata-file'}\n");
    assert_store(&files, REDIS_QUEUES_METADATA, "redis://metadata-file:6379/0");
    config_files_write(&files, "redis.yml", "production: {queues_metadata: {url: 'redis://metadata'}}\n");
    assert_store(&files, REDIS_QUEUES_METADATA, "redis://metadata:6379/0");
    assert_store(&files, REDIS_SHARED_STATE, "redis://resque:6379/0");
}

static void repository_cache_falls_back_to_cache(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {url: 'redis://resque'}\n");
    config_files_write(&files, "redis.cache.yml", "production: {url: 'redis://cache'}\n");
    assert_store(&files, REDIS_REPOSITORY_CACHE, "redis://cache:6379/0");
    config_files_write(&files, "redis.repository_cache.yml", "production: {url: 'redis://repositories'}\n");
    assert_store(&files, REDIS_REPOSITORY_CACHE, "redis://repositories:6379/0");
    assert_store(&files, REDIS_CACHE, "redis://cache:6379/0");
}

/* The store's own file exists, so the fallback store's file is not looked at, though it says nothing. */
static void an_own_file_without_the_section_hides_the_fallbacks_file(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {url: 'redis://resque'}\n");
    config_files_write(&files, "redis.queues.yml", "production: {url: 'redis://queues-file'}\n");
    config_files_write(&files, "redis.queues_metadata.yml", "test: {url: 'redis://metadata-file'}\n");
    assert_store(&files, REDIS_QUEUES_METADATA, "redis://resque:6379/0");
}

static void keys_are_merged_over_the_url(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(
        &files, "resque.yml",
        "production: {url: 'redis://u:p%40ss@a:1/2', host: b, port: '7', db: 4, timeout: 1.5,\n"
        "             username: user, instrumentation_class: X}\n");
    g_autoptr(RedisSettings) settings = load(&files, REDIS_QUEUES, NULL);
    assert_non_null(settings);
    assert_string_equal(settings->host, "b");
    assert_int_equal(settings->port, 7);
    assert_int_equal(settings->db, 4);
    assert_string_equal(settings->username, "user");
    assert_string_equal(settings->password, "p@ss");
    assert_int_equal(settings->read_timeout_ms, 1500);
}

static void a_path_replaces_the_host(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {path: /run/redis.socket, db: 1}\n");
    assert_store(&files, REDIS_QUEUES, "unix:/run/redis.socket?db=1");
}

static void sentinels_are_taken_over(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml",
                       "production:\n  url: redis://:pw@main-redis\n  sentinels:\n"
                       "    - {host: s1, port: 26380, password: sentinel}\n    - {host: s2}\n");
    g_autoptr(RedisSettings) settings = load(&files, REDIS_QUEUES, NULL);
    assert_non_null(settings);
    assert_string_equal(settings->host, "main-redis");
    assert_string_equal(settings->password, "pw");
    assert_int_equal(settings->sentinels->len, 2);
    const RedisSentinel *first = settings->sentinels->pdata[0], *second = settings->sentinels->pdata[1];
    assert_string_equal(first->host, "s1");
    assert_int_equal(first->port, 26380);
    assert_int_equal(second->port, 26379);
    assert_string_equal(settings->sentinel_password, "sentinel");
}

static void a_config_command_is_merged_over_the_file(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "secret.yml", "password: from-command\nport: 9\n");
    g_autofree char *text = g_strdup_printf(
        "production: {url: 'redis://a:1', config_command: ' cat  %s/secret.yml '}\n", files.folder);
    config_files_write(&files, "resque.yml", text);
    g_autoptr(RedisSettings) settings = load(&files, REDIS_QUEUES, NULL);
    assert_non_null(settings);
    assert_string_equal(settings->password, "from-command");
    assert_int_equal(settings->port, 9);
}

static void a_config_command_must_print_a_mapping(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {config_command: 'echo hunter2'}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_FILE, "must print a YAML mapping");
    config_files_write(&files, "resque.yml", "production: {config_command: 'false'}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_FILE, "failed");
    config_files_write(&files, "resque.yml", "production: {config_command: ' '}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_FILE, "is empty");
}

static void what_needs_rails_is_refused_with_advice(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {secret_file: /etc/redis.yaml.enc}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_UNSUPPORTED, "--redis-url-file");
    config_files_write(&files, "resque.yml", "production: {url: <%= ENV['X'] %>}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_UNSUPPORTED, "ERB tags");
    config_files_write(&files, "resque.yml", "production: {cluster: [redis://a, redis://b]}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_UNSUPPORTED, "Redis Cluster");
}

static void erb_in_comments_does_not_matter(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml", "  # url: <%= ENV['X'] %>\nproduction: {url: 'redis://a'}\n");
    assert_store(&files, REDIS_QUEUES, "redis://a:6379/0");
}

static void a_certificate_must_exist(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "resque.yml",
                       "production: {ssl_params: {cert_file: /nonexistent/cert.pem}}\n");
    assert_refused(&files, REDIS_QUEUES, CONFIG_ERROR_FILE, "/nonexistent/cert.pem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_files_it_is_the_local_redis),
        cmocka_unit_test(resque_yml_serves_all_stores),
        cmocka_unit_test(a_text_is_a_url),
        cmocka_unit_test(files_win_in_gitlabs_order),
        cmocka_unit_test(repository_cache_falls_back_to_cache),
        cmocka_unit_test(an_own_file_without_the_section_hides_the_fallbacks_file),
        cmocka_unit_test(keys_are_merged_over_the_url),
        cmocka_unit_test(a_path_replaces_the_host),
        cmocka_unit_test(sentinels_are_taken_over),
        cmocka_unit_test(a_config_command_is_merged_over_the_file),
        cmocka_unit_test(a_config_command_must_print_a_mapping),
        cmocka_unit_test(what_needs_rails_is_refused_with_advice),
        cmocka_unit_test(erb_in_comments_does_not_matter),
        cmocka_unit_test(a_certificate_must_exist),
    };
    return cmocka_run_group_tests_name("redis_config", tests, NULL, NULL);
}
