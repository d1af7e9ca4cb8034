/*
 * Where one Redis is: what GitLab's resque.yml, redis.yml and redis.STORE.yml can say about it
 * (lib/gitlab/redis/wrapper.rb). URL forms: redis://[user:password@]host[:port][/db], rediss://... (TLS),
 * unix:/path[?db=N]. User and password are URL-decoded. With sentinels the host is the master's name.
 * rediss:// is refused with REDIS_SETTINGS_ERROR_NO_TLS, in a sentence that says why, where hiredis was built
 * without TLS.
 */
#pragma once

#include <glib.h>

#define REDIS_SETTINGS_ERROR (redis_settings_error_quark())
GQuark redis_settings_error_quark(void);
typedef enum {
    REDIS_SETTINGS_ERROR_URL,
    REDIS_SETTINGS_ERROR_NO_TLS,
} RedisSettingsError;

typedef struct RedisSentinel {
    char *host;
    int port;
} RedisSentinel;

typedef struct RedisSettings {
    char *host; /* NULL when `path` is set; the master's name with sentinels */
    int port;
    char *path; /* unix socket */
    int db;
    char *username; /* ACL user, or NULL */
    char *password; /* or NULL */
    gboolean tls;
    char *tls_ca_file, *tls_ca_path, *tls_cert_file, *tls_key_file;
    gboolean tls_no_verify;
    GPtrArray *sentinels; /* of RedisSentinel, may be empty */
    char *sentinel_username, *sentinel_password;
    guint connect_timeout_ms, read_timeout_ms; /* 3000 each, as Sidekiq */
} RedisSettings;

RedisSettings *redis_settings_new(void);
/* Takes over what the URL says and leaves the rest of `settings` as it is. */
gboolean redis_settings_apply_url(RedisSettings *settings, const char *url, GError **error);
void redis_settings_free(RedisSettings *settings);
/* Same server and same database: GitLab then shares one connection. */
gboolean redis_settings_equal(const RedisSettings *a, const RedisSettings *b);
/* For messages: host, port and database; never user or password. (transfer full) */
char *redis_settings_describe(const RedisSettings *settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RedisSettings, redis_settings_free)
