#include "worker/config/gitlab_config.h"

void gitlab_config_clear(GitlabConfig *config)
{
    g_clear_pointer(&config->url, g_free);
    g_clear_pointer(&config->host, g_free);
    g_clear_pointer(&config->github_site, g_free);
    g_clear_pointer(&config->storages, g_hash_table_unref);
    g_clear_pointer(&config->routing_rules, json_decref);
    g_clear_pointer(&config->section, json_decref);
}

/* Settings.build_gitlab_url (config/settings.rb): the port is left out where it is the scheme's own. */
static char *build_url(const json_t *gitlab, const char *host)
{
    gboolean https = json_is_true(json_object_get(gitlab, "https"));
    g_autofree char *port = config_text(gitlab, "port");
    g_autofree char *root = config_text(gitlab, "relative_url_root");
    gboolean own_port = !port || !*port || g_str_equal(port, https ? "443" : "80");
    g_autofree char *url = g_strdup_printf("%s://%s%s%s%s", https ? "https" : "http", host,
                                           own_port ? "" : ":", own_port ? "" : port, root ? root : "");
    gsize length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        url[--length] = '\0';
    return g_steal_pointer(&url);
}

static void take_storages(GHashTable *storages, const json_t *section)
{
    const json_t *list = config_mapping(config_mapping(section, "repositories"), "storages");
    const char *name;
    json_t *storage;
    json_object_foreach ((json_t *)list, name, storage) {
        char *path = config_text(storage, "path");
        if (path)
            g_hash_table_insert(storages, g_strdup(name), path);
    }
}

static void take_github_provider(GitlabConfig *config, const json_t *section)
{
    const json_t *providers = json_object_get(config_mapping(section, "omniauth"), "providers");
    for (gsize i = 0; i < json_array_size(providers); i++) {
        const json_t *provider = json_array_get(providers, i);
        g_autofree char *name = config_text(provider, "name");
        if (g_strcmp0(name, "github") != 0)
            continue;
        const json_t *client_options = config_mapping(config_mapping(provider, "args"), "client_options");
        config->github_site = config_text(client_options, "site");
        config->github_verify_ssl = !json_is_false(json_object_get(provider, "verify_ssl"));
        return;
    }
}

gboolean gitlab_config_load(const ConfigDirectory *directory, GitlabConfig *config, GError **error)
{
    g_autoptr(json_t) section = NULL;
    config->github_verify_ssl = TRUE;
    config->storages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!config_file_section(directory, "gitlab.yml", &section, error))
        return FALSE;
    const json_t *gitlab = config_mapping(section, "gitlab");
    config->host = config_text(gitlab, "host");
    if (config->host)
        config->url = build_url(gitlab, config->host);
    take_storages(config->storages, section);
    take_github_provider(config, section);
    json_t *rules = json_object_get(config_mapping(section, "sidekiq"), "routing_rules");
    if (json_array_size(rules) > 0)
        config->routing_rules = json_incref(rules);
    config->section = g_steal_pointer(&section);
    return TRUE;
}
