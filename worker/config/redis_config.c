#include "worker/config/redis_config.h"

typedef struct StoreRule {
    const char *name;
    RedisStore fallback; /* REDIS_STORES: none */
} StoreRule;

static const StoreRule store_rules[REDIS_STORES] = {
    [REDIS_QUEUES] = {"queues", REDIS_STORES},
    [REDIS_QUEUES_METADATA] = {"queues_metadata", REDIS_QUEUES},
    [REDIS_SHARED_STATE] = {"shared_state", REDIS_STORES},
    [REDIS_CACHE] = {"cache", REDIS_STORES},
    [REDIS_REPOSITORY_CACHE] = {"repository_cache", REDIS_CACHE},
};

/* What was found, and in which file. */
typedef struct Source {
    json_t *value; /* a URL or a mapping; or NULL */
    char *name;
} Source;

static void source_clear(Source *source)
{
    json_decref(source->value);
    g_free(source->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Source, source_clear)

const char *redis_store_name(RedisStore store)
{
    return store_rules[store].name;
}

static void take(Source *source, json_t *value, const char *name)
{
    if (source->value || !value || json_is_null(value))
        return;
    source->value = json_deep_copy(value);
    source->name = g_strdup(name);
}

static char *instance_file(RedisStore store)
{
    return g_strdup_printf("redis.%s.yml", store_rules[store].name);
}

/* redis.STORE.yml, or the fallback store's file where the store has none of its own. (transfer full) */
static char *instance_file_in_use(const ConfigDirectory *directory, RedisStore store)
{
    g_autofree char *own = instance_file(store);
    RedisStore fallback = store_rules[store].fallback;
    if (config_file_exists(directory, own) || fallback == REDIS_STORES)
        return g_steal_pointer(&own);
    return instance_file(fallback);
}

static gboolean find_source(const ConfigDirectory *directory, RedisStore store, Source *source,
                            GError **error)
{
    g_autoptr(json_t) redis_yml = NULL;
    g_autoptr(json_t) instance = NULL;
    g_autoptr(json_t) resque = NULL;
    g_autofree char *instance_name = instance_file_in_use(directory, store);
    if (!config_file_section(directory, "redis.yml", &redis_yml, error) ||
        !config_file_section(directory, instance_name, &instance, error) ||
        !config_file_section(directory, "resque.yml", &resque, error))
        return FALSE;
    RedisStore fallback = store_rules[store].fallback;
    take(source, json_object_get(redis_yml, store_rules[store].name), "redis.yml");
    take(source, instance, instance_name);
    if (fallback != REDIS_STORES)
        take(source, json_object_get(redis_yml, store_rules[fallback].name), "redis.yml");
    take(source, resque, "resque.yml");
    return TRUE;
}

static void set_text(char **field, const json_t *mapping, const char *key)
{
    char *text = config_text(mapping, key);
    if (!text)
        return;
    g_free(*field);
    *field = text;
}

static void set_number(int *field, const json_t *mapping, const char *key)
{
    g_autofree char *text = config_text(mapping, key);
    gint64 number = 0;
    if (text && g_ascii_string_to_signed(text, 10, 0, 65535, &number, NULL))
        *field = (int)number;
}

/* Seconds, a whole number or a fraction, to milliseconds. */
static void set_timeout(guint *milliseconds, const json_t *mapping, const char *key)
{
    g_autofree char *text = config_text(mapping, key);
    double seconds = text ? g_ascii_strtod(text, NULL) : 0;
    if (seconds > 0 && seconds < 3600)
        *milliseconds = (guint)(seconds * 1000);
}

static gboolean check_readable(const char *what, const char *path, GError **error)
{
    if (!path || g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "ssl_params.%s names %s, which does not exist", what,
                path);
    return FALSE;
}

static gboolean apply_tls(RedisSettings *settings, const json_t *mapping, GError **error)
{
    const json_t *params = config_mapping(mapping, "ssl_params");
    if (json_is_true(json_object_get(mapping, "ssl")))
        settings->tls = TRUE;
    set_text(&settings->tls_ca_file, params, "ca_file");
    set_text(&settings->tls_ca_path, params, "ca_path");
    set_text(&settings->tls_cert_file, params, "cert_file");
    set_text(&settings->tls_key_file, params, "key_file");
    /* OpenSSL::SSL::VERIFY_NONE is 0 */
    g_autofree char *verify = config_text(params, "verify_mode");
    settings->tls_no_verify =
        verify && (g_str_equal(verify, "0") || g_str_equal(verify, "none") || g_str_equal(verify, "false"));
    return check_readable("cert_file", settings->tls_cert_file, error) &&
           check_readable("key_file", settings->tls_key_file, error);
}

/* A list of {host, port, password}; the sentinels share one password, as in GitLab's own charts and packages.
 */
static gboolean apply_sentinels(RedisSettings *settings, const json_t *mapping, GError **error)
{
    const json_t *list = json_object_get(mapping, "sentinels");
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        g_autofree char *host = config_text(item, "host");
        if (!host) {
            g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "sentinel number %zu has no host", i + 1);
            return FALSE;
        }
        RedisSentinel *sentinel = g_new0(RedisSentinel, 1);
        sentinel->host = g_steal_pointer(&host);
        sentinel->port = 26379;
        set_number(&sentinel->port, item, "port");
        g_ptr_array_add(settings->sentinels, sentinel);
        set_text(&settings->sentinel_username, item, "username");
        set_text(&settings->sentinel_password, item, "password");
    }
    set_text(&settings->sentinel_username, mapping, "sentinel_username");
    set_text(&settings->sentinel_password, mapping, "sentinel_password");
    return TRUE;
}

/* A socket's path and a host exclude each other. */
static void set_address(RedisSettings *settings, const json_t *mapping)
{
    if (json_object_get(mapping, "host"))
        g_clear_pointer(&settings->path, g_free);
    set_text(&settings->host, mapping, "host");
    set_text(&settings->path, mapping, "path");
    if (settings->path)
        g_clear_pointer(&settings->host, g_free);
}

static gboolean apply_mapping(RedisSettings *settings, const json_t *mapping, GError **error)
{
    if (json_array_size(json_object_get(mapping, "cluster")) > 0) {
        g_set_error(
            error, CONFIG_ERROR, CONFIG_ERROR_UNSUPPORTED,
            "it is a Redis Cluster, which hubferry does not speak; name a single Redis for this store");
        return FALSE;
    }
    const char *url = json_string_value(json_object_get(mapping, "url"));
    if (url && *url && !redis_settings_apply_url(settings, url, error))
        return FALSE;
    set_address(settings, mapping);
    set_number(&settings->port, mapping, "port");
    set_number(&settings->db, mapping, "db");
    set_text(&settings->username, mapping, "username");
    set_text(&settings->password, mapping, "password");
    set_timeout(&settings->connect_timeout_ms, mapping, "timeout");
    set_timeout(&settings->read_timeout_ms, mapping, "timeout");
    set_timeout(&settings->connect_timeout_ms, mapping, "connect_timeout");
    set_timeout(&settings->read_timeout_ms, mapping, "read_timeout");
    return apply_tls(settings, mapping, error) && apply_sentinels(settings, mapping, error);
}

static gboolean apply_source(RedisSettings *settings, Source *source, GError **error)
{
    if (json_is_string(source->value)) {
        const char *url = json_string_value(source->value);
        return !*url || redis_settings_apply_url(settings, url, error);
    }
    if (!json_is_object(source->value)) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "it is neither a URL nor a mapping");
        return FALSE;
    }
    return config_file_extend(source->value, source->name, error) &&
           apply_mapping(settings, source->value, error);
}

RedisSettings *redis_config_load(const ConfigDirectory *directory, RedisStore store, GError **error)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_auto(Source) source = {NULL};
    if (!find_source(directory, store, &source, error))
        return NULL;
    if (source.value && !apply_source(settings, &source, error)) {
        g_prefix_error(error, "%s, store %s: ", source.name, store_rules[store].name);
        return NULL;
    }
    return g_steal_pointer(&settings);
}

RedisSettings *redis_config_from_url(const char *url, GError **error)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    return redis_settings_apply_url(settings, url, error) ? g_steal_pointer(&settings) : NULL;
}
