/*
 * gitlab.yml: the fields that an importer needs. Missing fields are left NULL or empty.
 */
#pragma once

#include "worker/config/config_file.h"

typedef struct GitlabConfig {
    char *url; /* without trailing slash */
    char *host;
    char *github_site; /* omniauth provider github: args.client_options.site */
    gboolean github_verify_ssl;
    GHashTable *storages;  /* name -> path, of the storages that have one */
    json_t *routing_rules; /* sidekiq.routing_rules, or NULL */
    json_t *section;       /* the whole of it, or NULL; see file_store_config.h */
} GitlabConfig;

void gitlab_config_clear(GitlabConfig *config);

/* `config` must be empty. */
gboolean gitlab_config_load(const ConfigDirectory *directory, GitlabConfig *config, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GitlabConfig, gitlab_config_clear)
