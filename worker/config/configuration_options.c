#include "worker/config/configuration_options.h"

#include "protocol/json.h"
#include "worker/config/database_config.h"
#include "worker/config/file_store_config.h"
#include "worker/config/gitlab_config.h"
#include "worker/config/redis_config.h"
#include "worker/config/secrets_config.h"

#include <string.h>

const OptionSpec configuration_options[] = {
    {.name = "gitlab-config",
     .argument = "DIR",
     .environment = "HUBFERRY_GITLAB_CONFIG",
     .help = "GitLab's config directory, with resque.yml, database.yml, secrets.yml, gitlab.yml; "
             "by default the first of /srv/gitlab/config, /opt/gitlab/embedded/service/gitlab-rails/config, "
             "/home/git/gitlab/config that exists"},
    {.name = "environment",
     .letter = 'e',
     .argument = "NAME",
     .environment = "HUBFERRY_RAILS_ENV",
     .gitlab_environment = "RAILS_ENV",
     .otherwise = "production",
     .help = "Section of those files"},
    {.name = "redis-url",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_REDIS_URL",
     .help = "File with the URL of the Redis that holds all stores: redis://, rediss:// or unix:"},
    {.name = "redis-queues-metadata-url",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_REDIS_QUEUES_METADATA_URL",
     .help = "The same for the store queues_metadata alone"},
    {.name = "redis-shared-state-url",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_REDIS_SHARED_STATE_URL",
     .help = "The same for the store shared_state alone"},
    {.name = "redis-cache-url",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_REDIS_CACHE_URL",
     .help = "The same for the stores cache and repository_cache"},
    {.name = "redis-repository-cache-url",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_REDIS_REPOSITORY_CACHE_URL",
     .help = "The same for the store repository_cache alone"},
    {.name = "database-url",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_DATABASE_URL",
     .help = "File with the URL of GitLab's main database: postgresql://USER:PASSWORD@HOST/NAME"},
    {.name = "prepared-statements",
     .argument = "on|off",
     .environment = "HUBFERRY_PREPARED_STATEMENTS",
     .help = "Off behind PgBouncer in transaction mode; by default as database.yml says, else off"},
    {.name = "db-key-base",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_DB_KEY_BASE",
     .help = "File with secrets.yml's db_key_base; several lines: the last is the current key"},
    {.name = "receipts",
     .argument = "on|off",
     .environment = "HUBFERRY_RECEIPTS",
     .otherwise = "on",
     .help = "Keep receipts in PostgreSQL (schema hubferry), so that a job that is executed twice has its "
             "effects "
             "once. Off, for installations that allow no schema of ours, only the importer's own Redis sets "
             "guard "
             "against repetition, and a process killed at the wrong moment may repeat notes and events"},
    {.name = "gitlab-url",
     .argument = "URL",
     .environment = "HUBFERRY_GITLAB_URL",
     .help = "GitLab's external address; by default as gitlab.yml says"},
    {.name = "github-site",
     .argument = "URL",
     .environment = "HUBFERRY_GITHUB_SITE",
     .help = "API address for imports from github.com; by default as gitlab.yml's provider github says, else "
             "https://api.github.com"},
    {.name = "github-verify-ssl",
     .argument = "on|off",
     .environment = "HUBFERRY_GITHUB_VERIFY_SSL",
     .help = "Verify GitHub's certificate; by default as gitlab.yml's provider github says, else on"},
    {.name = "github-timeout",
     .argument = "SECONDS",
     .environment = "HUBFERRY_GITHUB_TIMEOUT",
     .otherwise = "60",
     .help = "How long a connection to GitHub may take, and how long an answer may make no progress"},
    {.name = "repository-backend",
     .argument = "auto|storage|http",
     .environment = "HUBFERRY_REPOSITORY_BACKEND",
     .otherwise = "auto",
     .help =
         "Write repositories into the mounted storage, or push them to GitLab over HTTP; auto: storage where "
         "one is mounted, else http"},
    {.name = "storage",
     .kind = OPTION_LIST,
     .argument = "NAME=DIR",
     .environment = "HUBFERRY_STORAGES",
     .help = "Where a repository storage is mounted; may be repeated; by default as gitlab.yml says"},
    {.name = "git-push-url",
     .argument = "URL",
     .environment = "HUBFERRY_GIT_PUSH_URL",
     .help = "http backend: base address to push to; by default GitLab's address"},
    {.name = "git-push-user",
     .argument = "NAME",
     .environment = "HUBFERRY_GIT_PUSH_USER",
     .otherwise = "oauth2",
     .help = "http backend: user name to push with"},
    {.name = "git-push-token",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_GIT_PUSH_TOKEN",
     .help = "http backend: file with the token to push with"},
    {.name = "git-work-directory",
     .argument = "DIR",
     .environment = "HUBFERRY_GIT_WORK_DIRECTORY",
     .otherwise = "/var/tmp/hubferry",
     .help = "http backend: where repositories are kept between stages"},
    {.name = "uploads-directory",
     .argument = "DIR",
     .environment = "HUBFERRY_UPLOADS_DIRECTORY",
     .help = "Where GitLab's uploads are mounted; by default as gitlab.yml says (uploads.storage_path, with "
             "uploads after it)"},
    {.name = "lfs-directory",
     .argument = "DIR",
     .environment = "HUBFERRY_LFS_DIRECTORY",
     .help = "Where GitLab's LFS objects are mounted; by default as gitlab.yml says (lfs.storage_path)"},
    {.name = "uploads-bucket",
     .argument = "NAME[/PREFIX]",
     .environment = "HUBFERRY_UPLOADS_BUCKET",
     .help = "S3-compatible object storage that new uploads go to; by default as gitlab.yml says "
             "(object_store, uploads.object_store)"},
    {.name = "lfs-bucket",
     .argument = "NAME[/PREFIX]",
     .environment = "HUBFERRY_LFS_BUCKET",
     .help = "The same for LFS objects (object_store, lfs.object_store)"},
    {.name = "object-storage-endpoint",
     .argument = "URL",
     .environment = "HUBFERRY_OBJECT_STORAGE_ENDPOINT",
     .help = "Address of the object storage; by default as gitlab.yml says, else Amazon's for the region"},
    {.name = "object-storage-region",
     .argument = "NAME",
     .environment = "HUBFERRY_OBJECT_STORAGE_REGION",
     .help = "Its region; by default as gitlab.yml says, else us-east-1"},
    {.name = "object-storage-path-style",
     .argument = "on|off",
     .environment = "HUBFERRY_OBJECT_STORAGE_PATH_STYLE",
     .help = "Name buckets in the path instead of in the host; by default as gitlab.yml says, else off"},
    {.name = "object-storage-access-key-id",
     .argument = "ID",
     .environment = "HUBFERRY_OBJECT_STORAGE_ACCESS_KEY_ID",
     .gitlab_environment = "AWS_ACCESS_KEY_ID",
     .help = "Key that requests are signed with; by default as gitlab.yml says"},
    {.name = "object-storage-secret-access-key",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_OBJECT_STORAGE_SECRET_ACCESS_KEY",
     .gitlab_environment = "AWS_SECRET_ACCESS_KEY",
     .help = "File with that key's secret; by default as gitlab.yml says"},
    {.name = "pace",
     .argument = "auto|gitlab",
     .environment = "HUBFERRY_PACE",
     .otherwise = "auto",
     .help = "How fast stages enqueue the jobs of their objects: as fast as these are executed, or spread as "
             "GitLab does, "
             "about 1,000 a minute"},
    {.name = "backlog",
     .argument = "N",
     .environment = "HUBFERRY_BACKLOG",
     .otherwise = "5000",
     .help = "Pace auto: a stage slows down while more than N object jobs of its collection wait"},
    {.name = "routing-rules",
     .argument = "JSON",
     .environment = "HUBFERRY_ROUTING_RULES",
     .help = "sidekiq.routing_rules; by default as gitlab.yml says"},
    {.name = "fallback-queue",
     .argument = "NAME",
     .environment = "HUBFERRY_FALLBACK_QUEUE",
     .otherwise = "default",
     .help = "Queue for jobs that only GitLab's Sidekiq performs; hubferry must not listen to it"},
    {.name = "log-level",
     .argument = "LEVEL",
     .environment = "HUBFERRY_LOG_LEVEL",
     .gitlab_environment = "GITLAB_LOG_LEVEL",
     .otherwise = "info",
     .help = "debug, info, warn, error or fatal"},
    {.name = "verbose", .letter = 'v', .kind = OPTION_SWITCH, .help = "Log level debug"},
    {NULL},
};

static const char *const on_off[] = {"on", "off", NULL};

/* Leaves *value alone when nothing was given. */
static gboolean read_on_off(const Options *options, const char *name, gboolean *value, GError **error)
{
    guint index = 0;
    if (!options_text(options, name))
        return TRUE;
    if (!options_choice(options, name, on_off, &index, error))
        return FALSE;
    *value = index == 0;
    return TRUE;
}

static gboolean find_directory(const Options *options, ConfigDirectory *directory, GError **error)
{
    static const char *const usual[] = {
        "/srv/gitlab/config", "/opt/gitlab/embedded/service/gitlab-rails/config", "/home/git/gitlab/config"};
    directory->environment = options_text(options, "environment");
    directory->path = options_text(options, "gitlab-config");
    if (directory->path && !g_file_test(directory->path, G_FILE_TEST_IS_DIR)) {
        g_set_error(
            error, CONFIG_ERROR, CONFIG_ERROR_FILE,
            "--gitlab-config: %s is not a directory; name the one that holds resque.yml and database.yml",
            directory->path);
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(usual) && !directory->path; i++)
        if (g_file_test(usual[i], G_FILE_TEST_IS_DIR))
            directory->path = usual[i];
    return TRUE;
}

/* The store's own URL, else that of the cache it is a part of, else the URL for all stores, else GitLab's
 * files. */
static RedisSettings *load_store(const Options *options, const ConfigDirectory *directory, RedisStore store,
                                 GError **error)
{
    static const char *const names[REDIS_STORES][3] = {
        [REDIS_QUEUES] = {"redis-url"},
        [REDIS_QUEUES_METADATA] = {"redis-queues-metadata-url", "redis-url"},
        [REDIS_SHARED_STATE] = {"redis-shared-state-url", "redis-url"},
        [REDIS_CACHE] = {"redis-cache-url", "redis-url"},
        [REDIS_REPOSITORY_CACHE] = {"redis-repository-cache-url", "redis-cache-url", "redis-url"},
    };
    g_autofree char *url = NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(names[store]) && names[store][i] && !url; i++)
        if (!options_secret(options, names[store][i], &url, error))
            return NULL;
    return url ? redis_config_from_url(url, error) : redis_config_load(directory, store, error);
}

static gboolean load_redis(Configuration *configuration, const Options *options,
                           const ConfigDirectory *directory, GError **error)
{
    for (RedisStore store = 0; store < REDIS_STORES; store++) {
        configuration->redis[store] = load_store(options, directory, store, error);
        if (!configuration->redis[store])
            return FALSE;
    }
    return TRUE;
}

static gboolean load_database(Configuration *configuration, const Options *options,
                              const ConfigDirectory *directory, GError **error)
{
    g_auto(DatabaseConfig) database = {NULL};
    g_autofree char *url = NULL;
    if (!options_secret(options, "database-url", &url, error))
        return FALSE;
    if (url ? !database_config_from_url(url, &database, error)
            : !database_config_load(directory, &database, error))
        return FALSE;
    configuration->database_keywords = g_steal_pointer(&database.keywords);
    configuration->database_values = g_steal_pointer(&database.values);
    configuration->prepared_statements = database.prepared_statements;
    configuration->receipts = TRUE;
    return read_on_off(options, "prepared-statements", &configuration->prepared_statements, error) &&
           read_on_off(options, "receipts", &configuration->receipts, error);
}

static gboolean load_db_key_base(Configuration *configuration, const Options *options,
                                 const ConfigDirectory *directory, GError **error)
{
    g_autofree char *text = NULL;
    if (!options_secret(options, "db-key-base", &text, error))
        return FALSE;
    if (!text)
        return secrets_config_load(directory, &configuration->db_key_base, error);
    configuration->db_key_base = g_strsplit(text, "\n", -1);
    return TRUE;
}

static gboolean load_addresses(Configuration *configuration, const Options *options, GitlabConfig *gitlab,
                               GError **error)
{
    configuration->gitlab_url = g_steal_pointer(&gitlab->url);
    configuration->gitlab_host = g_steal_pointer(&gitlab->host);
    configuration->github_site = g_steal_pointer(&gitlab->github_site);
    configuration->github_verify_ssl = gitlab->github_verify_ssl;
    const char *site = options_text(options, "github-site");
    if (site) {
        g_free(configuration->github_site);
        configuration->github_site = g_strdup(site);
    }
    const char *url = options_text(options, "gitlab-url");
    if (url) {
        g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
        if (!uri || !g_uri_get_host(uri) || !*g_uri_get_host(uri)) {
            g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                        "--gitlab-url must be an address like https://gitlab.example.com, not '%s'", url);
            return FALSE;
        }
        g_free(configuration->gitlab_url);
        g_free(configuration->gitlab_host);
        configuration->gitlab_url = g_strndup(url, strlen(url) - g_str_has_suffix(url, "/"));
        configuration->gitlab_host = g_strdup(g_uri_get_host(uri));
    }
    return read_on_off(options, "github-verify-ssl", &configuration->github_verify_ssl, error) &&
           options_unsigned(options, "github-timeout", 1, 3600, &configuration->github_timeout, error);
}

static gboolean load_storages(Configuration *configuration, const Options *options, GitlabConfig *gitlab,
                              GError **error)
{
    configuration->storages = g_steal_pointer(&gitlab->storages);
    for (const char *const *item = options_list(options, "storage"); *item; item++) {
        const char *equals = strchr(*item, '=');
        if (!equals || equals == *item || !equals[1]) {
            g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "--storage must be NAME=DIR, not '%s'",
                        *item);
            return FALSE;
        }
        g_hash_table_insert(configuration->storages, g_strndup(*item, equals - *item), g_strdup(equals + 1));
    }
    return TRUE;
}

static gboolean any_storage_mounted(GHashTable *storages)
{
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, storages);
    while (g_hash_table_iter_next(&iter, NULL, &path))
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            return TRUE;
    return FALSE;
}

static gboolean load_repositories(Configuration *configuration, const Options *options, GError **error)
{
    static const char *const backends[] = {"storage", "http", "auto", NULL};
    guint index = 0;
    if (!options_choice(options, "repository-backend", backends, &index, error) ||
        !options_secret(options, "git-push-token", &configuration->git_push_token, error))
        return FALSE;
    gboolean mounted = any_storage_mounted(configuration->storages);
    gboolean storage = index == 0 || (index == 2 && (mounted || !configuration->git_push_token));
    configuration->repository_backend = storage ? REPOSITORY_STORAGE : REPOSITORY_HTTP;
    const char *url = options_text(options, "git-push-url");
    configuration->git_push_url = g_strdup(url ? url : configuration->gitlab_url);
    configuration->git_push_user = g_strdup(options_text(options, "git-push-user"));
    configuration->git_work_directory = g_strdup(options_text(options, "git-work-directory"));
    if (storage || (configuration->git_push_token && configuration->git_push_url))
        return TRUE;
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "--repository-backend http needs %s",
                configuration->git_push_token ? "--gitlab-url or --git-push-url" : "--git-push-token-file");
    return FALSE;
}

static gboolean load_file_stores(Configuration *configuration, const Options *options,
                                 const ConfigDirectory *directory, const json_t *gitlab, GError **error)
{
    configuration->lfs = file_store_config_lfs_enabled(gitlab);
    return file_store_config_load(options, directory, gitlab, FILE_STORE_UPLOADS, &configuration->uploads,
                                  error) &&
           file_store_config_load(options, directory, gitlab, FILE_STORE_LFS, &configuration->lfs_objects,
                                  error);
}

static gboolean load_routing(Configuration *configuration, const Options *options, const GitlabConfig *gitlab,
                             GError **error)
{
    const char *text = options_text(options, "routing-rules");
    g_autoptr(json_t) given = text ? json_parse(text, strlen(text), error) : NULL;
    if (text && !given) {
        g_prefix_error(error, "--routing-rules: ");
        return FALSE;
    }
    configuration->fallback_queue = g_strdup(options_text(options, "fallback-queue"));
    configuration->router = worker_router_new(given ? given : gitlab->routing_rules, error);
    return configuration->router != NULL;
}

static gboolean load_pace(Configuration *configuration, const Options *options, GError **error)
{
    static const char *const paces[] = {[PACE_AUTO] = "auto", [PACE_GITLAB] = "gitlab", NULL};
    guint index = PACE_AUTO;
    if (!options_choice(options, "pace", paces, &index, error))
        return FALSE;
    configuration->pace = index;
    return options_unsigned(options, "backlog", 1, G_MAXINT, &configuration->backlog, error);
}

Configuration *configuration_load(const Options *options, GError **error)
{
    g_autoptr(Configuration) configuration = g_new0(Configuration, 1);
    g_auto(GitlabConfig) gitlab = {NULL};
    ConfigDirectory directory = {NULL};
    if (!find_directory(options, &directory, error) || !gitlab_config_load(&directory, &gitlab, error) ||
        !load_redis(configuration, options, &directory, error) ||
        !load_database(configuration, options, &directory, error) ||
        !load_db_key_base(configuration, options, &directory, error) ||
        !load_addresses(configuration, options, &gitlab, error) ||
        !load_storages(configuration, options, &gitlab, error) ||
        !load_repositories(configuration, options, error) ||
        !load_file_stores(configuration, options, &directory, gitlab.section, error) ||
        !load_pace(configuration, options, error) || !load_routing(configuration, options, &gitlab, error))
        return NULL;
    return g_steal_pointer(&configuration);
}

gboolean configuration_check_database(const Configuration *configuration, GError **error)
{
    if (configuration->database_keywords)
        return TRUE;
    g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                        "no database is configured; give --gitlab-config or HUBFERRY_DATABASE_URL");
    return FALSE;
}

gboolean configuration_log_level(const Options *options, LogLevel *level, GError **error)
{
    /* GITLAB_LOG_LEVEL's numbers; 5 is Ruby's UNKNOWN, which nothing here is above. */
    static const LogLevel numbered[] = {LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, LOG_FATAL};
    const char *text = options_text(options, "log-level");
    guint64 number = 0;
    if (options_switch(options, "verbose")) {
        *level = LOG_DEBUG;
        return TRUE;
    }
    if (g_ascii_string_to_unsigned(text, 10, 0, G_N_ELEMENTS(numbered) - 1, &number, NULL)) {
        *level = numbered[number];
        return TRUE;
    }
    g_autofree char *name = g_ascii_strdown(text, -1);
    if (g_str_equal(name, "unknown") || log_level_parse(name, level)) {
        *level = g_str_equal(name, "unknown") ? LOG_FATAL : *level;
        return TRUE;
    }
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                "--log-level must be debug, info, warn, error, fatal or a number from 0 to 5, not '%s'",
                text);
    return FALSE;
}
