/*
 * Everything that the importers need to know of the GitLab installation and of the operator's wishes. Filled
 * once at start (worker/config/ reads GitLab's own files, the environment and the command line), then
 * immutable and shared by all threads.
 */
#pragma once

#include "importers/files/file_store_settings.h"
#include "protocol/redis_settings.h"
#include "protocol/worker_class.h"
#include "protocol/worker_router.h"

/* GitLab's Redis stores that an importer meets (lib/gitlab/redis/). Several may be the same server. */
typedef enum {
    REDIS_QUEUES,          /* Sidekiq itself */
    REDIS_QUEUES_METADATA, /* status keys, duplicate-job cookies */
    REDIS_SHARED_STATE,    /* import caches, job waiters, leases */
    REDIS_CACHE,           /* Rails cache */
    REDIS_REPOSITORY_CACHE,
    REDIS_STORES,
} RedisStore;

typedef enum {
    REPOSITORY_STORAGE, /* the storage is mounted: write the bare repository where GitLab has it */
    REPOSITORY_HTTP,    /* push branches and tags to GitLab over HTTP */
} RepositoryBackend;

/* How fast a stage enqueues the jobs of its objects. */
typedef enum {
    PACE_AUTO,   /* as fast as they are executed, with a bounded backlog */
    PACE_GITLAB, /* about 1,000 objects a minute, as GitLab does */
} Pace;

typedef struct Configuration {
    RedisSettings *redis[REDIS_STORES];

    /* libpq's keywords and values, each ended by NULL (PQconnectdbParams); both NULL when no database is
     * configured. */
    char **database_keywords, **database_values;
    gboolean prepared_statements; /* database.yml; FALSE behind PgBouncer in transaction mode */
    gboolean receipts;            /* --receipts: exactly-once rows in hubferry's own schema */

    char **db_key_base; /* secrets.yml; ended by NULL; the last is the current one */

    char *gitlab_url;           /* external URL without trailing slash: https://gitlab.example.com */
    char *gitlab_host;          /* its host, for addresses of placeholder users */
    char *github_site;          /* gitlab.yml: omniauth provider github, args.client_options.site; or NULL */
    gboolean github_verify_ssl; /* the same provider's verify_ssl, default TRUE */
    guint github_timeout;       /* seconds to connect, and without any progress; 0: 60, as Ruby's Net::HTTP */

    RepositoryBackend repository_backend;
    GHashTable *storages; /* gitlab.yml repositories.storages: name -> path of the mounted storage */
    char *git_push_url;   /* REPOSITORY_HTTP: base URL, https://gitlab.example.com */
    char *git_push_user;  /* user and token for the push */
    char *git_push_token;
    char *git_work_directory; /* REPOSITORY_HTTP: private bare repositories are kept here between stages */

    FileStoreSettings uploads;     /* directory: uploads.storage_path/uploads */
    FileStoreSettings lfs_objects; /* directory: lfs.storage_path */
    gboolean lfs;                  /* lfs.enabled; default TRUE */

    Pace pace;
    guint backlog; /* PACE_AUTO: how many object jobs of one import may wait */

    WorkerRouter *router;
    char *fallback_queue; /* where jobs go that only Ruby performs */
} Configuration;

void configuration_free(Configuration *configuration);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Configuration, configuration_free)
