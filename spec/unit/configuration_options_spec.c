#include "worker/config/configuration_options.h"

#include "spec/support/config_files.h"

static const OptionSpec *const tables[] = {configuration_options, NULL};
static const OptionHelp help = {NULL};

static int clear_environment(G_GNUC_UNUSED void **state)
{
    for (const OptionSpec *spec = configuration_options; spec->name; spec++) {
        g_autofree char *file = spec->environment ? g_strconcat(spec->environment, "_FILE", NULL) : NULL;
        if (spec->environment)
            g_unsetenv(spec->environment);
        if (file)
            g_unsetenv(file);
        if (spec->gitlab_environment)
            g_unsetenv(spec->gitlab_environment);
    }
    return 0;
}

/* `--gitlab-config FOLDER` and further words, separated by blanks. */
static Options *parse(const ConfigFiles *files, const char *more)
{
    g_autofree char *line =
        g_strdup_printf("spec --gitlab-config %s%s%s", files->folder, *more ? " " : "", more);
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(GError) error = NULL;
    Options *options =
        options_parse(tables, &help, (const char *const *)words, &arguments, &help_text, &error);
    assert_no_error(error);
    return options;
}

static Configuration *load(const ConfigFiles *files, const char *more)
{
    g_autoptr(Options) options = parse(files, more);
    g_autoptr(GError) error = NULL;
    Configuration *configuration = configuration_load(options, &error);
    assert_no_error(error);
    return configuration;
}

static void assert_refused(const ConfigFiles *files, const char *more, const char *words)
{
    g_autoptr(Options) options = parse(files, more);
    g_autoptr(GError) error = NULL;
    assert_null(configuration_load(options, &error));
    if (!strstr(error->message, words))
        fail_msg("'%s' does not say '%s'", error->message, words);
}

static ConfigFiles gitlab_files(void)
{
    ConfigFiles files = config_files_new();
    config_files_write(&files, "resque.yml", "production: {url: 'redis://resque'}\n");
    config_files_write(&files, "database.yml",
                       "production: {main: {database: gitlabhq, password: hunter2}}\n");
    config_files_write(&files, "secrets.yml", "production: {db_key_base: [old, current]}\n");
    config_files_write(
        &files, "gitlab.yml",
        "production:\n"
        "  gitlab: {host: gitlab.example.com, port: 8443, https: true, relative_url_root: /gitlab}\n"
        "  repositories: {storages: {default: {path: /mnt/git, gitaly_address: 'unix:/g'},\n"
        "                            new: {gitaly_address: 'tcp://g:1'}}}\n"
        "  sidekiq: {routing_rules: [['queue_namespace=github_importer', github_importer], ['*', default]]}\n"
        "  omniauth:\n    providers:\n      - {name: saml}\n"
        "      - {name: github, verify_ssl: false, args: {client_options: {site: 'https://ghe/api/v3'}}}\n");
    return files;
}

static void gitlabs_files_are_enough(G_GNUC_UNUSED void **state)
{
    static const WorkerClass stage = {.name = "Gitlab::GithubImport::Stage::ImportNotesWorker",
                                      .queue_namespace = "github_importer"};
    g_auto(ConfigFiles) files = gitlab_files();
    g_autoptr(Configuration) configuration = load(&files, "");
    assert_text(redis_settings_describe(configuration->redis[REDIS_SHARED_STATE]), "redis://resque:6379/0");
    assert_non_null(configuration->database_keywords);
    assert_false(configuration->prepared_statements);
    assert_true(configuration->receipts);
    assert_string_equal(configuration->db_key_base[1], "current");
    assert_string_equal(configuration->gitlab_url, "https://gitlab.example.com:8443/gitlab");
    assert_string_equal(configuration->gitlab_host, "gitlab.example.com");
    assert_string_equal(configuration->github_site, "https://ghe/api/v3");
    assert_false(configuration->github_verify_ssl);
    assert_int_equal(configuration->repository_backend, REPOSITORY_STORAGE);
    assert_string_equal(g_hash_table_lookup(configuration->storages, "default"), "/mnt/git");
    assert_int_equal(g_hash_table_size(configuration->storages), 1);
    assert_string_equal(configuration->fallback_queue, "default");
    assert_text(worker_router_queue(configuration->router, &stage, NULL, NULL), "github_importer");
}

static void files_are_kept_where_gitlab_yml_says(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "gitlab.yml",
                       "production: {uploads: {storage_path: /mnt/public}, lfs: {enabled: false}}\n");
    g_autoptr(Configuration) configuration = load(&files, "--lfs-directory /mnt/lfs");
    assert_string_equal(configuration->uploads.directory, "/mnt/public/uploads");
    assert_string_equal(configuration->lfs_objects.directory, "/mnt/lfs");
    assert_false(configuration->lfs);
}

static void the_schemes_own_port_is_left_out_of_the_address(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "gitlab.yml", "production: {gitlab: {host: a, port: 443, https: true}}\n");
    g_autoptr(Configuration) secure = load(&files, "");
    assert_string_equal(secure->gitlab_url, "https://a");
    config_files_write(&files, "gitlab.yml", "production: {gitlab: {host: a, port: 80}}\n");
    g_autoptr(Configuration) plain = load(&files, "");
    assert_string_equal(plain->gitlab_url, "http://a");
}

static void nothing_is_needed_that_is_not_asked_for(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_autoptr(Configuration) configuration = load(&files, "");
    assert_null(configuration->database_keywords);
    assert_null(configuration->db_key_base);
    assert_null(configuration->gitlab_url);
    assert_true(configuration->github_verify_ssl);
}

static void the_rails_environment_chooses_the_section(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(
        &files, "resque.yml",
        "production: {url: 'redis://p'}\ntest: {url: 'redis://t'}\nother: {url: 'redis://o'}\n");
    g_setenv("RAILS_ENV", "test", TRUE);
    g_autoptr(Configuration) by_variable = load(&files, "");
    g_autoptr(Configuration) by_flag = load(&files, "-e other");
    assert_string_equal(by_variable->redis[REDIS_QUEUES]->host, "t");
    assert_string_equal(by_flag->redis[REDIS_QUEUES]->host, "o");
}

static void the_environment_wins_over_files(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = gitlab_files();
    g_setenv("HUBFERRY_REDIS_URL", "redis://:pw@all/1", TRUE);
    g_setenv("HUBFERRY_REDIS_CACHE_URL", "redis://cache", TRUE);
    g_setenv("HUBFERRY_DATABASE_URL", "postgresql://git@db/other", TRUE);
    g_setenv("HUBFERRY_DB_KEY_BASE", "one\ntwo", TRUE);
    g_setenv("HUBFERRY_GITLAB_URL", "https://other.example.com/", TRUE);
    g_setenv("HUBFERRY_STORAGES", "default=/data extra=/more", TRUE);
    g_setenv("HUBFERRY_PREPARED_STATEMENTS", "on", TRUE);
    g_setenv("HUBFERRY_GITHUB_VERIFY_SSL", "on", TRUE);
    g_autoptr(Configuration) configuration = load(&files, "");
    assert_string_equal(configuration->redis[REDIS_QUEUES]->host, "all");
    assert_string_equal(configuration->redis[REDIS_QUEUES_METADATA]->host, "all");
    assert_string_equal(configuration->redis[REDIS_CACHE]->host, "cache");
    assert_string_equal(configuration->redis[REDIS_REPOSITORY_CACHE]->host, "cache");
    assert_string_equal(configuration->db_key_base[1], "two");
    assert_string_equal(configuration->gitlab_url, "https://other.example.com");
    assert_string_equal(configuration->gitlab_host, "other.example.com");
    assert_string_equal(g_hash_table_lookup(configuration->storages, "default"), "/data");
    assert_string_equal(g_hash_table_lookup(configuration->storages, "extra"), "/more");
    assert_true(configuration->prepared_statements);
    assert_true(configuration->github_verify_ssl);
}

static void flags_win_over_the_environment(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = gitlab_files();
    g_setenv("HUBFERRY_FALLBACK_QUEUE", "ruby", TRUE);
    g_setenv("HUBFERRY_RECEIPTS", "on", TRUE);
    g_autoptr(Configuration) configuration = load(&files, "--fallback-queue mailers --receipts off");
    assert_string_equal(configuration->fallback_queue, "mailers");
    assert_false(configuration->receipts);
}

static void repositories_are_pushed_where_no_storage_is_mounted(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = gitlab_files();
    g_setenv("HUBFERRY_GIT_PUSH_TOKEN", "glpat", TRUE);
    g_autoptr(Configuration) pushed = load(&files, "--storage default=/nonexistent");
    assert_int_equal(pushed->repository_backend, REPOSITORY_HTTP);
    assert_string_equal(pushed->git_push_url, "https://gitlab.example.com:8443/gitlab");
    assert_string_equal(pushed->git_push_token, "glpat");
    g_autoptr(Configuration) stored = load(&files, "--storage default=/");
    assert_int_equal(stored->repository_backend, REPOSITORY_STORAGE);
}

static void what_cannot_work_is_refused_with_advice(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    assert_refused(&files, "--gitlab-config /nonexistent",
                   "--gitlab-config: /nonexistent is not a directory");
    assert_refused(&files, "--storage default", "--storage must be NAME=DIR");
    assert_refused(&files, "--repository-backend http", "--git-push-token-file");
    assert_refused(&files, "--repository-backend nfs", "must be one of storage, http, auto");
    assert_refused(&files, "--gitlab-url gitlab", "https://gitlab.example.com");
    assert_refused(&files, "--routing-rules [[", "--routing-rules");
    assert_refused(&files, "--receipts maybe", "on, off");
    config_files_write(&files, "secrets.yml", "production: {secret_key_base: x}\n");
    assert_refused(&files, "", "db_key_base");
    config_files_write(&files, "secrets.yml", "- x\n");
    assert_refused(&files, "", "must be a mapping");
    config_files_write(&files, "secrets.yml", "a: [\n");
    assert_refused(&files, "", "not readable as YAML: line 2");
}

static LogLevel level_of(const ConfigFiles *files, const char *more)
{
    g_autoptr(Options) options = parse(files, more);
    g_autoptr(GError) error = NULL;
    LogLevel level = LOG_FATAL;
    assert_true(configuration_log_level(options, &level, &error));
    return level;
}

static void the_log_level_is_gitlabs(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_autoptr(GError) error = NULL;
    LogLevel level;
    assert_int_equal(level_of(&files, ""), LOG_INFO);
    assert_int_equal(level_of(&files, "-v"), LOG_DEBUG);
    assert_int_equal(level_of(&files, "--log-level ERROR"), LOG_ERROR);
    g_setenv("GITLAB_LOG_LEVEL", "2", TRUE);
    assert_int_equal(level_of(&files, ""), LOG_WARN);
    g_setenv("GITLAB_LOG_LEVEL", "unknown", TRUE);
    assert_int_equal(level_of(&files, ""), LOG_FATAL);
    g_autoptr(Options) loud = parse(&files, "--log-level loud");
    assert_false(configuration_log_level(loud, &level, &error));
    assert_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE);
}

#define TEST(function) cmocka_unit_test_setup(function, clear_environment)

static void the_pace_is_auto_unless_gitlabs_is_asked_for(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_autoptr(Configuration) usual = load(&files, "");
    assert_int_equal(usual->pace, PACE_AUTO);
    assert_int_equal(usual->backlog, 5000);
    g_autoptr(Configuration) asked = load(&files, "--pace gitlab --backlog 200");
    assert_int_equal(asked->pace, PACE_GITLAB);
    assert_int_equal(asked->backlog, 200);
    assert_refused(&files, "--pace fast", "auto");
    assert_refused(&files, "--backlog 0", "backlog");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gitlabs_files_are_enough),
        TEST(files_are_kept_where_gitlab_yml_says),
        TEST(the_schemes_own_port_is_left_out_of_the_address),
        TEST(nothing_is_needed_that_is_not_asked_for),
        TEST(the_rails_environment_chooses_the_section),
        TEST(the_environment_wins_over_files),
        TEST(flags_win_over_the_environment),
        TEST(repositories_are_pushed_where_no_storage_is_mounted),
        TEST(what_cannot_work_is_refused_with_advice),
        TEST(the_pace_is_auto_unless_gitlabs_is_asked_for),
        TEST(the_log_level_is_gitlabs),
    };
    return cmocka_run_group_tests_name("configuration_options", tests, NULL, NULL);
}
