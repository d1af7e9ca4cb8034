#include "worker/config/database_config.h"

#include "spec/support/config_files.h"

static const char *value_of(const DatabaseConfig *config, const char *keyword)
{
    for (guint i = 0; config->keywords[i]; i++)
        if (g_str_equal(config->keywords[i], keyword))
            return config->values[i];
    return NULL;
}

static void assert_value(const DatabaseConfig *config, const char *keyword, const char *expected)
{
    const char *value = value_of(config, keyword);
    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is '%s', not '%s'", keyword, value ? value : "NULL", expected ? expected : "NULL");
}

static gboolean load(const ConfigFiles *files, const char *text, DatabaseConfig *config, GError **error)
{
    ConfigDirectory directory = {files->folder, "production"};
    if (text)
        config_files_write(files, "database.yml", text);
    return database_config_load(&directory, config, error);
}

static void the_main_database_is_taken(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_auto(DatabaseConfig) config = {NULL};
    assert_true(
        load(&files,
             "production:\n  main:\n    adapter: postgresql\n    database: gitlabhq\n    username: git\n"
             "    password: \"p w'd\\\\\"\n    host: db1,db2\n    port: 6432\n    sslmode: verify-full\n"
             "    sslrootcert: /ca.pem\n    prepared_statements: true\n    statement_limit: 1000\n"
             "    variables: {statement_timeout: 15s}\n    load_balancing: {hosts: [replica]}\n"
             "  ci: {adapter: postgresql, database: ci}\n",
             &config, NULL));
    assert_value(&config, "dbname", "gitlabhq");
    assert_value(&config, "user", "git");
    assert_value(&config, "password", "p w'd\\");
    assert_value(&config, "host", "db1,db2");
    assert_value(&config, "port", "6432");
    assert_value(&config, "sslmode", "verify-full");
    assert_value(&config, "sslrootcert", "/ca.pem");
    assert_value(&config, "connect_timeout", "10");
    assert_int_equal(g_strv_length(config.keywords), g_strv_length(config.values));
    assert_int_equal(g_strv_length(config.keywords), 8);
    assert_true(config.prepared_statements);
}

static void the_flat_form_is_understood(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_auto(DatabaseConfig) config = {NULL};
    assert_true(load(&files,
                     "base: &base {adapter: postgresql, connect_timeout: 3}\n"
                     "production: {<<: *base, database: gitlab, host: tcp, socket: /run/postgresql}\n",
                     &config, NULL));
    assert_value(&config, "dbname", "gitlab");
    assert_value(&config, "host", "/run/postgresql");
    assert_value(&config, "connect_timeout", "3");
    assert_false(config.prepared_statements);
}

static void a_config_command_may_stand_at_both_levels(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "outer.yml", "main: {password: outer, username: git}\n");
    config_files_write(&files, "inner.yml", "password: inner\n");
    g_auto(DatabaseConfig) config = {NULL};
    g_autofree char *text =
        g_strdup_printf("production:\n  config_command: cat %s/outer.yml\n"
                        "  main: {database: gitlab, config_command: 'cat %s/inner.yml'}\n",
                        files.folder, files.folder);
    assert_true(load(&files, text, &config, NULL));
    assert_value(&config, "user", "git");
    assert_value(&config, "password", "inner");
}

static void without_the_file_there_is_no_database(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_auto(DatabaseConfig) config = {NULL};
    assert_true(load(&files, NULL, &config, NULL));
    assert_null(config.keywords);
}

static void what_is_no_database_is_refused(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    g_auto(DatabaseConfig) config = {NULL};
    g_autoptr(GError) adapter = NULL;
    g_autoptr(GError) nameless = NULL;
    assert_false(
        load(&files, "production: {main: {adapter: mysql2, database: gitlab}}\n", &config, &adapter));
    assert_error(adapter, CONFIG_ERROR, CONFIG_ERROR_UNSUPPORTED);
    assert_false(load(&files, "production: {ci: {adapter: postgresql, database: ci}}\n", &config, &nameless));
    assert_error(nameless, CONFIG_ERROR, CONFIG_ERROR_FILE);
    assert_null(config.keywords);
}

static void a_url_is_taken_apart(G_GNUC_UNUSED void **state)
{
    g_auto(DatabaseConfig) config = {NULL};
    assert_true(
        database_config_from_url("postgresql://git:p%40ss@db:6432/gitlab?sslmode=require", &config, NULL));
    assert_value(&config, "user", "git");
    assert_value(&config, "password", "p@ss");
    assert_value(&config, "host", "db");
    assert_value(&config, "port", "6432");
    assert_value(&config, "dbname", "gitlab");
    assert_value(&config, "sslmode", "require");
}

static void a_wrong_url_is_refused_without_its_password(G_GNUC_UNUSED void **state)
{
    g_auto(DatabaseConfig) config = {NULL};
    g_autoptr(GError) error = NULL;
    assert_false(
        database_config_from_url("postgresql://git:hunter2@db:x@y/gitlab?nonsense=1", &config, &error));
    assert_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE);
    assert_null(strstr(error->message, "hunter2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_main_database_is_taken),
        cmocka_unit_test(the_flat_form_is_understood),
        cmocka_unit_test(a_config_command_may_stand_at_both_levels),
        cmocka_unit_test(without_the_file_there_is_no_database),
        cmocka_unit_test(what_is_no_database_is_refused),
        cmocka_unit_test(a_url_is_taken_apart),
        cmocka_unit_test(a_wrong_url_is_refused_without_its_password),
    };
    return cmocka_run_group_tests_name("database_config", tests, NULL, NULL);
}
