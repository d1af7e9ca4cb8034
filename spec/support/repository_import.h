/*
 * For the specs of pull requests: their jobs' arguments, a project with a milestone 3, source users for
 * GitHub's mira and juno, and a real git repository in GitLab's storage:
 *
 *   base - next (main)
 *      \ one - two (refs/merge-requests/7/head, branch fix)
 *
 * In a header, because only the programs that include it are linked with the importers.
 */
#pragma once

#include "importers/git/repository.h"
#include "importers/objects/pull_request.h"
#include "spec/support/object_import.h"

#define PULL_REQUEST_WORKER "Gitlab::GithubImport::ImportPullRequestWorker"
#define SOURCE              "Gitlab::GithubImport::Importer::PullRequestImporter"
#define MIRA                "{\"id\":1042,\"login\":\"mira\"}"
#define JUNO                "{\"id\":1043,\"login\":\"juno\"}"

typedef struct RepositoryImport {
    ObjectImport *object_import;
    char *folder, *repository; /* GitLab's storage, and the project's repository in it */
} RepositoryImport;

/* Runs a shell script in the repository and answers what it prints, without the last line end. (transfer
 * full) */
static inline char *in_repository(const RepositoryImport *import, const char *script)
{
    g_autofree char *whole =
        g_strdup_printf("cd '%s'; export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_DIR=."
                        " GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.com"
                        " GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_NAME=Bob"
                        " GIT_COMMITTER_EMAIL=bob@example.com GIT_COMMITTER_DATE='2020-01-02T00:00:00Z'\n"
                        "blob() { printf \"$1\" | git hash-object -w --stdin; }\n"
                        "tree() { for entry in \"$@\"; do printf '100644 blob %%s\\t%%s\\n' ${entry%%%%:*}"
                        " ${entry#*:}; done | git mktree; }\n%s",
                        import->repository, script);
    const char *const argv[] = {"/bin/sh", "-euc", whole, NULL};
    g_autoptr(GError) error = NULL;
    char *output = NULL;
    int status;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                      &error) ||
        !g_spawn_check_wait_status(status, &error))
        fail_msg("%s: %s", script, error->message);
    return g_strchomp(output);
}

static inline void change_repository(const RepositoryImport *import, const char *script)
{
    g_autofree char *output = in_repository(import, script);
}

/* The sha of a revision. (transfer full) */
static inline char *sha_of(const RepositoryImport *import, const char *revision)
{
    g_autofree char *script = g_strdup_printf("git rev-parse '%s'", revision);
    return in_repository(import, script);
}

static inline void make_repository(RepositoryImport *import)
{
    g_autofree char *disk_path = git_disk_path(import->object_import->project, GIT_PROJECT);
    GHashTable *storages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    import->folder = g_dir_make_tmp("hubferry_pulls_XXXXXX", NULL);
    import->repository = g_strdup_printf("%s/%s.git", import->folder, disk_path);
    g_hash_table_insert(storages, g_strdup("default"), g_strdup(import->folder));
    private_gitlab_configuration()->storages = storages;
    g_mkdir_with_parents(import->repository, 0700);
    change_repository(import,
                      "git init -q --bare -b main .\n"
                      "hello=$(blob 'hello\\n'); more=$(blob 'hello\\nmore\\n'); new=$(blob 'new\\n')\n"
                      "base=$(git commit-tree -m base $(tree $hello:README))\n"
                      "next=$(git commit-tree -m next -p $base $(tree $hello:README $new:NEXT))\n"
                      "one=$(git commit-tree -m one -p $base $(tree $more:README))\n"
                      "two=$(git commit-tree -m two -p $one $(tree $more:README $new:lib))\n"
                      "git update-ref refs/heads/main $next; git update-ref refs/heads/fix $two\n"
                      "git update-ref refs/merge-requests/7/head $two; git tag base $base");
}

static inline int set_up_group(void **state)
{
    RepositoryImport *import = g_new0(RepositoryImport, 1);
    import->object_import = object_import_new(PULL_REQUEST_WORKER, &pull_request_importer, NULL, "{}");
    object_import_create_source_user(1042, "mira");
    object_import_create_source_user(1043, "juno");
    g_autofree char *created =
        private_gitlab_sql("INSERT INTO milestones (iid, title, project_id, state, created_at, updated_at)"
                           " SELECT 3, 'v2', id, 'active', now(), now() FROM projects");
    make_repository(import);
    *state = import;
    return 0;
}

static inline int tear_down_group(void **state)
{
    RepositoryImport *import = *state;
    const char *const argv[] = {"rm", "-rf", import->folder, NULL};
    object_import_free(import->object_import);
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_clear_pointer(&private_gitlab_configuration()->storages, g_hash_table_unref);
    g_free(import->folder);
    g_free(import->repository);
    g_free(import);
    return 0;
}

/* As set_up_group left it, in a fraction of the time. */
static inline int set_up(void **state)
{
    g_autofree char *deleted =
        private_gitlab_sql("DELETE FROM merge_requests; DELETE FROM import_failures;"
                           "DELETE FROM merge_request_diff_commits;"
                           "DELETE FROM merge_request_commits_metadata;"
                           "DELETE FROM merge_request_diff_commit_users;"
                           "DELETE FROM hubferry.receipts;"
                           "UPDATE application_settings SET diff_max_files = DEFAULT,"
                           " diff_max_lines = DEFAULT, diff_max_patch_bytes = DEFAULT");
    g_autofree char *keys = private_gitlab_redis("FLUSHALL", NULL);
    change_repository(
        *state, "git for-each-ref --format='delete %(refname)' refs/heads/github | git update-ref --stdin\n"
                "git update-ref refs/heads/fix refs/merge-requests/7/head");
    return 0;
}

#define REPOSITORY_TEST(test) cmocka_unit_test_setup(test, set_up)

/* The representation of a pull request from the branch fix into main: number 7, opened by mira. Of `fields`,
 * which come last, each takes the place of the one before it. (transfer full) */
static inline char *pull_request(const RepositoryImport *import, const char *fields)
{
    g_autofree char *head = sha_of(import, "fix"), *base = sha_of(import, "main");
    return g_strdup_printf(
        "{\"iid\":7,\"title\":\"Fix it\",\"description\":\"Closes #3\","
        "\"source_branch\":\"fix\",\"target_branch\":\"main\",\"source_branch_sha\":\"%s\","
        "\"target_branch_sha\":\"%s\",\"source_repository_id\":800,"
        "\"target_repository_id\":800,\"source_repository_owner\":\"acme\","
        "\"state\":\"opened\",\"milestone_number\":null,\"author\":" MIRA
        ",\"assignee\":null,\"created_at\":\"2024-01-02 03:04:05 UTC\","
        "\"updated_at\":\"2024-01-03 03:04:05 UTC\",\"merged_at\":null,"
        "\"merged_by\":null%s%s}",
        head, base, *fields ? "," : "", fields);
}

/* The job of such a pull request must succeed. */
static inline void import_succeeds(const RepositoryImport *import, const char *fields)
{
    g_autofree char *representation = pull_request(import, fields);
    object_import_succeeds(import->object_import, representation);
}
