#include "worker/config/file_store_config.h"

#include "spec/support/config_files.h"
#include "worker/config/configuration_options.h"
#include "worker/config/yaml.h"

static const OptionSpec *const tables[] = {configuration_options, NULL};
static const OptionHelp help = {NULL};

static const char CONSOLIDATED[] =
    "object_store:\n"
    "  enabled: true\n"
    "  connection: {provider: AWS, aws_access_key_id: AKIA, aws_secret_access_key: hunter2,\n"
    "               region: gdk, endpoint: 'http://127.0.0.1:9000/', path_style: true}\n"
    "  storage_options: {server_side_encryption: AES256}\n"
    "  objects: {uploads: {bucket: attic/some/folder}, lfs: {bucket: lfs-objects}}\n";

static int clear_environment(G_GNUC_UNUSED void **state)
{
    for (const OptionSpec *spec = configuration_options; spec->name; spec++) {
        if (spec->environment)
            g_unsetenv(spec->environment);
        if (spec->gitlab_environment)
            g_unsetenv(spec->gitlab_environment);
    }
    return 0;
}

/* `words` are options separated by blanks; `yaml` is gitlab.yml's section, or NULL. */
static gboolean load(const char *words, const char *yaml, FileStoreKind kind, FileStoreSettings *settings,
                     GError **error)
{
    const ConfigDirectory directory = {"/srv/gitlab/config", "production"};
    g_autofree char *line = g_strconcat("spec", *words ? " " : "", words, NULL);
    g_auto(GStrv) argv = g_strsplit(line, " ", -1);
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(Options) options =
        options_parse(tables, &help, (const char *const *)argv, &arguments, &help_text, NULL);
    assert_non_null(options);
    g_autoptr(json_t) section = yaml ? yaml_load(yaml, strlen(yaml), NULL) : NULL;
    return file_store_config_load(options, &directory, section, kind, settings, error);
}

static FileStoreSettings settings_of(const char *words, const char *yaml, FileStoreKind kind)
{
    FileStoreSettings settings = {NULL};
    g_autoptr(GError) error = NULL;
    load(words, yaml, kind, &settings, &error);
    assert_no_error(error);
    return settings;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FileStoreSettings, file_store_settings_clear)

static void assert_directory(const char *words, const char *yaml, FileStoreKind kind, const char *expected)
{
    g_auto(FileStoreSettings) settings = settings_of(words, yaml, kind);
    assert_null(settings.bucket);
    assert_null(settings.handed_over);
    assert_text(g_strdup(settings.directory), expected);
}

static void assert_handed_over(const char *words, const char *yaml, const char *why)
{
    g_auto(FileStoreSettings) settings = settings_of(words, yaml, FILE_STORE_UPLOADS);
    assert_null(settings.bucket);
    assert_non_null(settings.handed_over);
    if (!strstr(settings.handed_over, why))
        fail_msg("'%s' does not say '%s'", settings.handed_over, why);
    assert_null(strstr(settings.handed_over, "hunter2"));
}

static void folders_are_gitlabs_by_default(G_GNUC_UNUSED void **state)
{
    assert_directory("", "{}", FILE_STORE_UPLOADS, "/srv/gitlab/public/uploads");
    assert_directory("", "{}", FILE_STORE_LFS, "/srv/gitlab/shared/lfs-objects");
    assert_directory("", "{shared: {path: /mnt/shared}}", FILE_STORE_LFS, "/mnt/shared/lfs-objects");
}

static void folders_are_those_of_gitlab_yml(G_GNUC_UNUSED void **state)
{
    static const char yaml[] = "{uploads: {storage_path: /opt/gitlab/embedded/service/gitlab-rails/public},\n"
                               " lfs: {storage_path: ../lfs}, shared: {path: /mnt/shared}}";
    assert_directory("", yaml, FILE_STORE_UPLOADS,
                     "/opt/gitlab/embedded/service/gitlab-rails/public/uploads");
    assert_directory("", yaml, FILE_STORE_LFS, "/srv/lfs");
}

static void options_win_over_gitlab_yml(G_GNUC_UNUSED void **state)
{
    static const char yaml[] = "{uploads: {storage_path: /elsewhere}, lfs: {storage_path: /elsewhere}}";
    assert_directory("--uploads-directory /mnt/uploads", yaml, FILE_STORE_UPLOADS, "/mnt/uploads");
    assert_directory("--lfs-directory /mnt/lfs", NULL, FILE_STORE_LFS, "/mnt/lfs");
}

static void nothing_is_assumed_without_gitlab_yml(G_GNUC_UNUSED void **state)
{
    assert_directory("", NULL, FILE_STORE_UPLOADS, NULL);
    assert_directory("", NULL, FILE_STORE_LFS, NULL);
}

static void lfs_is_enabled_unless_gitlab_yml_says_otherwise(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) off = json_pack("{s:{s:b}}", "lfs", "enabled", 0);
    g_autoptr(json_t) silent = json_pack("{s:{}}", "lfs");
    assert_false(file_store_config_lfs_enabled(off));
    assert_true(file_store_config_lfs_enabled(silent));
    assert_true(file_store_config_lfs_enabled(NULL));
}

static void the_consolidated_form_names_a_bucket_for_each_type(G_GNUC_UNUSED void **state)
{
    g_auto(FileStoreSettings) uploads = settings_of("", CONSOLIDATED, FILE_STORE_UPLOADS);
    g_auto(FileStoreSettings) lfs = settings_of("", CONSOLIDATED, FILE_STORE_LFS);
    assert_string_equal(uploads.bucket->name, "attic");
    assert_string_equal(uploads.bucket->prefix, "some/folder/");
    assert_string_equal(uploads.bucket->endpoint, "http://127.0.0.1:9000");
    assert_string_equal(uploads.bucket->region, "gdk");
    assert_string_equal(uploads.bucket->access_key_id, "AKIA");
    assert_string_equal(uploads.bucket->secret_access_key, "hunter2");
    assert_string_equal(uploads.bucket->encryption, "AES256");
    assert_true(uploads.bucket->path_style);
    assert_string_equal(lfs.bucket->name, "lfs-objects");
    assert_string_equal(lfs.bucket->prefix, "");
    assert_string_equal(lfs.directory, "/srv/gitlab/shared/lfs-objects");
}

static void a_type_can_be_left_out_of_the_consolidated_form(G_GNUC_UNUSED void **state)
{
    assert_directory("",
                     "object_store: {enabled: true, connection: {provider: AWS},\n"
                     "  objects: {uploads: {enabled: false, bucket: attic}}}",
                     FILE_STORE_UPLOADS, "/srv/gitlab/public/uploads");
}

static void the_consolidated_form_can_be_off(G_GNUC_UNUSED void **state)
{
    assert_directory("",
                     "object_store: {enabled: false, connection: {provider: AWS},\n"
                     "  objects: {uploads: {bucket: attic}}}",
                     FILE_STORE_UPLOADS, "/srv/gitlab/public/uploads");
    assert_directory("", "object_store: {enabled: true, connection: {}, objects: {uploads: {bucket: attic}}}",
                     FILE_STORE_UPLOADS, "/srv/gitlab/public/uploads");
}

static void a_type_has_its_own_form(G_GNUC_UNUSED void **state)
{
    static const char yaml[] =
        "{uploads: {object_store: {enabled: true, connection: {provider: AWS, aws_access_key_id: AKIA,\n"
        " aws_secret_access_key: hunter2, region: eu-central-1}}}, lfs: {object_store: {enabled: false}}}";
    g_auto(FileStoreSettings) uploads = settings_of("", yaml, FILE_STORE_UPLOADS);
    assert_string_equal(uploads.bucket->name, "uploads");
    assert_string_equal(uploads.bucket->endpoint, "https://s3.eu-central-1.amazonaws.com");
    assert_false(uploads.bucket->path_style);
    assert_directory("", yaml, FILE_STORE_LFS, "/srv/gitlab/shared/lfs-objects");
}

static void another_connection_of_any_type_turns_the_consolidated_form_off(G_GNUC_UNUSED void **state)
{
    g_autofree char *other = g_strconcat(
        CONSOLIDATED, "artifacts: {object_store: {enabled: true, connection: {provider: X}}}\n", NULL);
    g_autofree char *none =
        g_strconcat(CONSOLIDATED,
                    "artifacts: {object_store: {enabled: true, connection: {}}}\n"
                    "packages: {object_store: {enabled: false, connection: {provider: X}}}\n",
                    NULL);
    assert_directory("", other, FILE_STORE_UPLOADS, "/srv/gitlab/public/uploads");
    g_auto(FileStoreSettings) uploads = settings_of("", none, FILE_STORE_UPLOADS);
    assert_string_equal(uploads.bucket->name, "attic");
}

static char *connection_of(const char *details)
{
    return g_strdup_printf("uploads: {object_store: {enabled: true, remote_directory: a.b, connection:\n"
                           "  {provider: AWS, aws_access_key_id: AKIA, aws_secret_access_key: hunter2%s}}}",
                           details);
}

static void assert_endpoint(const char *details, const char *expected)
{
    g_autofree char *yaml = connection_of(details);
    g_auto(FileStoreSettings) uploads = settings_of("", yaml, FILE_STORE_UPLOADS);
    assert_non_null(uploads.bucket);
    assert_string_equal(uploads.bucket->endpoint, expected);
}

static void the_endpoint_is_fogs(G_GNUC_UNUSED void **state)
{
    assert_endpoint("", "https://s3.amazonaws.com");
    assert_endpoint(", region: us-east-1", "https://s3.amazonaws.com");
    assert_endpoint(", region: cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn");
    assert_endpoint(", host: s3.example.com", "https://s3.example.com");
    assert_endpoint(", host: minio, scheme: http, port: 9000", "http://minio:9000");
    assert_endpoint(", host: ignored, endpoint: 'http://minio:9000//'", "http://minio:9000");
}

static void a_bucket_with_dots_is_named_in_the_path_where_tls_is_spoken(G_GNUC_UNUSED void **state)
{
    g_autofree char *secure = connection_of("");
    g_autofree char *plain = connection_of(", endpoint: 'http://minio'");
    g_auto(FileStoreSettings) tls = settings_of("", secure, FILE_STORE_UPLOADS);
    g_auto(FileStoreSettings) without = settings_of("", plain, FILE_STORE_UPLOADS);
    assert_true(tls.bucket->path_style);
    assert_false(without.bucket->path_style);
}

static void options_name_a_bucket(G_GNUC_UNUSED void **state)
{
    g_setenv("HUBFERRY_OBJECT_STORAGE_SECRET_ACCESS_KEY", "hunter3", TRUE);
    g_auto(FileStoreSettings) uploads = settings_of(
        "--uploads-bucket new/folder --object-storage-endpoint http://minio --object-storage-region "
        "moon --object-storage-path-style on --object-storage-access-key-id AKIB",
        "object_store: {enabled: true, connection: {provider: Google}}", FILE_STORE_UPLOADS);
    assert_string_equal(uploads.bucket->name, "new");
    assert_string_equal(uploads.bucket->prefix, "folder/");
    assert_string_equal(uploads.bucket->endpoint, "http://minio");
    assert_string_equal(uploads.bucket->region, "moon");
    assert_string_equal(uploads.bucket->access_key_id, "AKIB");
    assert_string_equal(uploads.bucket->secret_access_key, "hunter3");
    assert_true(uploads.bucket->path_style);
}

static void a_named_bucket_has_gitlabs_connection(G_GNUC_UNUSED void **state)
{
    g_auto(FileStoreSettings) lfs = settings_of("--lfs-bucket new", CONSOLIDATED, FILE_STORE_LFS);
    assert_string_equal(lfs.bucket->name, "new");
    assert_string_equal(lfs.bucket->endpoint, "http://127.0.0.1:9000");
    assert_string_equal(lfs.bucket->secret_access_key, "hunter2");
}

static void amazons_variables_hold_the_keys(G_GNUC_UNUSED void **state)
{
    static const char yaml[] = "uploads: {object_store: {enabled: true, connection:\n"
                               "  {provider: AWS, use_iam_profile: true, region: eu-west-1}}}";
    assert_handed_over("", yaml, "an IAM profile is not enough");
    g_setenv("AWS_ACCESS_KEY_ID", "AKIC", TRUE);
    assert_handed_over("", yaml, "--object-storage-secret-access-key-file");
    g_setenv("AWS_SECRET_ACCESS_KEY", "hunter4", TRUE);
    g_auto(FileStoreSettings) uploads = settings_of("", yaml, FILE_STORE_UPLOADS);
    assert_string_equal(uploads.bucket->access_key_id, "AKIC");
    assert_string_equal(uploads.bucket->secret_access_key, "hunter4");
}

static void ruby_keeps_what_hubferry_cannot_write(G_GNUC_UNUSED void **state)
{
    static const struct {
        const char *yaml, *why;
    } stores[] = {
        {"remote_directory: a, connection: {provider: Google}", "provider AWS only"},
        {"remote_directory: a, connection: {provider: AzureRM}", "provider AWS only"},
        {"remote_directory: a", "provider AWS only"},
        {"remote_directory: a, connection: {provider: AWS, aws_access_key_id: A, aws_secret_access_key: "
         "hunter2,\n"
         " aws_signature_version: 2}",
         "version 4 only"},
        {"remote_directory: a, connection: {provider: AWS, aws_access_key_id: A, aws_secret_access_key: "
         "hunter2,\n"
         " endpoint: minio}",
         "must be an address"},
        {"remote_directory: a, storage_options: {server_side_encryption_kms_key_id: k},\n"
         " connection: {provider: AWS, aws_access_key_id: A, aws_secret_access_key: hunter2}",
         "KMS key"},
        {"remote_directory: '../a', connection: {provider: AWS}", "names no bucket"},
        {"remote_directory: 'a//b', connection: {provider: AWS}", "names no bucket"},
        {"remote_directory: 'a/b/..', connection: {provider: AWS}", "names no bucket"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(stores); i++) {
        g_autofree char *yaml =
            g_strdup_printf("uploads: {object_store: {enabled: true, %s}}", stores[i].yaml);
        assert_handed_over("", yaml, stores[i].why);
    }
    assert_handed_over("", "object_store: {enabled: true, connection: {provider: AWS}}", "names no bucket");
}

static void a_secret_file_that_is_not_there_is_an_error(G_GNUC_UNUSED void **state)
{
    g_auto(FileStoreSettings) settings = {NULL};
    g_autoptr(GError) error = NULL;
    assert_false(load("--object-storage-secret-access-key-file /nowhere", CONSOLIDATED, FILE_STORE_UPLOADS,
                      &settings, &error));
    assert_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE);
}

#define TEST(function) cmocka_unit_test_setup(function, clear_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(folders_are_gitlabs_by_default),
        TEST(folders_are_those_of_gitlab_yml),
        TEST(options_win_over_gitlab_yml),
        TEST(nothing_is_assumed_without_gitlab_yml),
        TEST(lfs_is_enabled_unless_gitlab_yml_says_otherwise),
        TEST(the_consolidated_form_names_a_bucket_for_each_type),
        TEST(a_type_can_be_left_out_of_the_consolidated_form),
        TEST(the_consolidated_form_can_be_off),
        TEST(a_type_has_its_own_form),
        TEST(another_connection_of_any_type_turns_the_consolidated_form_off),
        TEST(the_endpoint_is_fogs),
        TEST(a_bucket_with_dots_is_named_in_the_path_where_tls_is_spoken),
        TEST(options_name_a_bucket),
        TEST(a_named_bucket_has_gitlabs_connection),
        TEST(amazons_variables_hold_the_keys),
        TEST(ruby_keeps_what_hubferry_cannot_write),
        TEST(a_secret_file_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
