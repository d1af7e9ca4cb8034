#include "protocol/redis_settings.h"

#include "protocol/error_class.h"

#include <string.h>

#define DEFAULT_PORT       6379
#define DEFAULT_TIMEOUT_MS 3000

static const char *redis_settings_error_class(G_GNUC_UNUSED int code)
{
    return "ArgumentError";
}

DEFINE_ERROR_DOMAIN(redis_settings_error, redis_settings_error_class)

static void sentinel_free(gpointer data)
{
    RedisSentinel *sentinel = data;
    g_free(sentinel->host);
    g_free(sentinel);
}

RedisSettings *redis_settings_new(void)
{
    RedisSettings *settings = g_new0(RedisSettings, 1);
    settings->host = g_strdup("localhost");
    settings->port = DEFAULT_PORT;
    settings->sentinels = g_ptr_array_new_with_free_func(sentinel_free);
    settings->connect_timeout_ms = DEFAULT_TIMEOUT_MS;
    settings->read_timeout_ms = DEFAULT_TIMEOUT_MS;
    return settings;
}

void redis_settings_free(RedisSettings *settings)
{
    if (!settings)
        return;
    g_free(settings->host);
    g_free(settings->path);
    g_free(settings->username);
    g_free(settings->password);
    g_free(settings->tls_ca_file);
    g_free(settings->tls_ca_path);
    g_free(settings->tls_cert_file);
    g_free(settings->tls_key_file);
    g_ptr_array_unref(settings->sentinels);
    g_free(settings->sentinel_username);
    g_free(settings->sentinel_password);
    g_free(settings);
}

/* As Ruby's URI.decode_www_form_component: `+` is a space. */
static char *url_decode(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, "+", -1);
    g_autofree char *spaced = g_strjoinv(" ", words);
    return g_uri_unescape_string(spaced, NULL);
}

/* redis://secret@host names a password without a user, as Ruby's client reads it. */
static gboolean apply_credentials(RedisSettings *settings, GUri *uri, GError **error)
{
    const char *user = g_uri_get_user(uri), *password = g_uri_get_password(uri);
    if (!user)
        return TRUE;
    g_autofree char *username = password && *user ? url_decode(user) : NULL;
    g_autofree char *secret = url_decode(password ? password : user);
    if (!secret || (password && *user && !username)) {
        g_set_error_literal(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_URL,
                            "Redis URL: user or password is not URL-encoded");
        return FALSE;
    }
    g_free(settings->username);
    g_free(settings->password);
    settings->username = g_steal_pointer(&username);
    settings->password = g_steal_pointer(&secret);
    return TRUE;
}

/* The text is not told: it may be the rest of a password that has a slash in it. */
static gboolean apply_database(RedisSettings *settings, const char *text, GError **error)
{
    guint64 number = 0;
    if (*text && !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &number, NULL)) {
        g_set_error_literal(
            error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_URL,
            "Redis URL: the database is not a number (a / in a password must be written %2F)");
        return FALSE;
    }
    settings->db = (int)number;
    return TRUE;
}

static gboolean apply_unix_url(RedisSettings *settings, GUri *uri, GError **error)
{
    g_autoptr(GHashTable) query =
        g_uri_get_query(uri) ? g_uri_parse_params(g_uri_get_query(uri), -1, "&", G_URI_PARAMS_NONE, error)
                             : g_hash_table_new(g_str_hash, g_str_equal);
    if (!query)
        return FALSE;
    const char *db = g_hash_table_lookup(query, "db");
    if (!apply_credentials(settings, uri, error) || !apply_database(settings, db ? db : "", error))
        return FALSE;
    g_autofree char *path = g_uri_unescape_string(g_uri_get_path(uri), NULL);
    if (!path) {
        g_set_error_literal(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_URL,
                            "Redis URL: the path of the socket is not URL-encoded");
        return FALSE;
    }
    g_clear_pointer(&settings->host, g_free);
    g_free(settings->path);
    const char *directory = g_uri_get_host(uri);
    settings->path = directory && *directory ? g_build_filename(directory, path, NULL) : g_strdup(path);
    return TRUE;
}

static gboolean apply_tcp_url(RedisSettings *settings, GUri *uri, GError **error)
{
    const char *path = g_uri_get_path(uri), *host = g_uri_get_host(uri);
    if (!apply_credentials(settings, uri, error) ||
        !apply_database(settings, *path == '/' ? path + 1 : path, error))
        return FALSE;
    g_clear_pointer(&settings->path, g_free);
    g_free(settings->host);
    settings->host = g_strdup(host && *host ? host : "localhost");
    settings->port = g_uri_get_port(uri) > 0 ? g_uri_get_port(uri) : DEFAULT_PORT;
    return TRUE;
}

#ifdef HUBFERRY_REDIS_TLS
static gboolean apply_tls(RedisSettings *settings, G_GNUC_UNUSED GError **error)
{
    settings->tls = TRUE;
    return TRUE;
}
#else
static gboolean apply_tls(G_GNUC_UNUSED RedisSettings *settings, GError **error)
{
    g_set_error_literal(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_NO_TLS,
                        "Redis URL: rediss:// needs TLS, but this program was built with a hiredis that has "
                        "none (hiredis_ssl, in hiredis 1.1 and later)");
    return FALSE;
}
#endif

gboolean redis_settings_apply_url(RedisSettings *settings, const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";
    settings->tls = FALSE;
    if (g_str_equal(scheme, "unix"))
        return apply_unix_url(settings, uri, error);
    if (g_str_equal(scheme, "rediss"))
        return apply_tls(settings, error) && apply_tcp_url(settings, uri, error);
    if (g_str_equal(scheme, "redis"))
        return apply_tcp_url(settings, uri, error);
    /* Not the URL itself: it may hold a password. */
    g_set_error_literal(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_URL,
                        "Redis URL: not of the form redis://, rediss:// or unix:");
    return FALSE;
}

static gboolean same_sentinels(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return FALSE;
    for (guint i = 0; i < a->len; i++) {
        const RedisSentinel *x = a->pdata[i], *y = b->pdata[i];
        if (x->port != y->port || !g_str_equal(x->host, y->host))
            return FALSE;
    }
    return TRUE;
}

gboolean redis_settings_equal(const RedisSettings *a, const RedisSettings *b)
{
    return g_strcmp0(a->host, b->host) == 0 && g_strcmp0(a->path, b->path) == 0 && a->db == b->db &&
           (a->path || a->port == b->port) && same_sentinels(a->sentinels, b->sentinels);
}

char *redis_settings_describe(const RedisSettings *settings)
{
    if (settings->path)
        return g_strdup_printf("unix:%s?db=%d", settings->path, settings->db);
    if (settings->sentinels->len > 0)
        return g_strdup_printf("sentinel:%s/%d", settings->host, settings->db);
    const char *form = strchr(settings->host, ':') ? "%s://[%s]:%d/%d" : "%s://%s:%d/%d";
    return g_strdup_printf(form, settings->tls ? "rediss" : "redis", settings->host, settings->port,
                           settings->db);
}
