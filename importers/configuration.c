#include "importers/configuration.h"

#include <openssl/crypto.h>

static void secret_free(char *secret)
{
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    g_free(secret);
}

static void secrets_free(char **secrets)
{
    for (guint i = 0; secrets && secrets[i]; i++)
        secret_free(secrets[i]);
    g_free(secrets);
}

/* Stores with equal settings may share one RedisSettings. */
static void redis_settings_free_all(RedisSettings **settings)
{
    for (guint i = 0; i < REDIS_STORES; i++) {
        gboolean seen_before = FALSE;
        for (guint j = 0; j < i; j++)
            seen_before = seen_before || settings[j] == settings[i];
        if (settings[i] && !seen_before)
            redis_settings_free(settings[i]);
    }
}

void configuration_free(Configuration *configuration)
{
    redis_settings_free_all(configuration->redis);
    g_strfreev(configuration->database_keywords);
    secrets_free(configuration->database_values);
    secrets_free(configuration->db_key_base);
    g_free(configuration->gitlab_url);
    g_free(configuration->gitlab_host);
    g_free(configuration->github_site);
    g_clear_pointer(&configuration->storages, g_hash_table_unref);
    g_free(configuration->git_push_url);
    g_free(configuration->git_push_user);
    secret_free(configuration->git_push_token);
    g_free(configuration->git_work_directory);
    file_store_settings_clear(&configuration->uploads);
    file_store_settings_clear(&configuration->lfs_objects);
    g_clear_pointer(&configuration->router, worker_router_free);
    g_free(configuration->fallback_queue);
    g_free(configuration);
}
