#include "worker/commands/checks.h"

#include <unistd.h>

static void check_keys(Findings *findings, const Configuration *configuration)
{
    guint n = configuration->db_key_base ? g_strv_length(configuration->db_key_base) : 0;
    if (n == 0)
        findings_error(findings, "give --gitlab-config or HUBFERRY_DB_KEY_BASE_FILE",
                       "no db_key_base: tokens cannot be decrypted");
    else
        findings_ok(findings, "db_key_base: %u key%s", n, n == 1 ? "" : "s");
}

static void check_address(Findings *findings, const Configuration *configuration)
{
    if (configuration->gitlab_url)
        findings_ok(findings, "GitLab's address: %s", configuration->gitlab_url);
    else
        findings_error(findings, "give --gitlab-url", "GitLab's own address is not known");
}

static void check_storage(Findings *findings, const char *name, const char *path)
{
    if (!g_file_test(path, G_FILE_TEST_IS_DIR))
        findings_error(findings, "mount it, name its place by --storage, or use --repository-backend http",
                       "storage %s: %s is not a directory", name, path);
    else if (access(path, W_OK | X_OK) != 0)
        findings_error(findings, "run hubferry as the owner of the repositories (git)",
                       "storage %s: %s is not writable", name, path);
    else
        findings_ok(findings, "storage %s: %s is writable", name, path);
}

static void check_storages(Findings *findings, const Configuration *configuration)
{
    GHashTableIter iter;
    gpointer name, path;
    if (g_hash_table_size(configuration->storages) == 0)
        findings_error(findings, "give --storage NAME=DIR, or --git-push-token-file to push over HTTP",
                       "no repository storage is known");
    g_hash_table_iter_init(&iter, configuration->storages);
    while (g_hash_table_iter_next(&iter, &name, &path))
        check_storage(findings, name, path);
}

static void check_push(Findings *findings, const Configuration *configuration)
{
    const char *directory = configuration->git_work_directory;
    findings_ok(findings, "repositories are pushed to %s as user %s", configuration->git_push_url,
                configuration->git_push_user);
    if (g_mkdir_with_parents(directory, 0700) == 0 && access(directory, W_OK | X_OK) == 0)
        findings_ok(findings, "git work directory: %s is writable", directory);
    else
        findings_error(findings, "create it, or name another by --git-work-directory",
                       "git work directory: %s is not writable", directory);
}

void check_installation(Findings *findings, const Configuration *configuration)
{
    check_keys(findings, configuration);
    check_address(findings, configuration);
    if (configuration->repository_backend == REPOSITORY_STORAGE)
        check_storages(findings, configuration);
    else
        check_push(findings, configuration);
}
