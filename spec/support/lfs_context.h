/*
 * For the specs of LFS: a project whose GitHub is a scripted server, with a repository in GitLab's storage
 * and a folder for LFS objects. The outbound rules are the spec's own: its program has to wrap
 * outbound_rules_load and g_usleep. In a header, because only the programs that include it are linked with
 * the importers.
 */
#pragma once

#include "importers/git/reader.h"
#include "importers/git/repository.h"
#include "importers/github/request.h"
#include "importers/gitlab/import_context.h"
#include "importers/objects/lfs_object.h"
#include "spec/support/object_import.h"
#include "spec/support/scripted_server.h"

#include <glib/gstdio.h>

#define LFS_WORKER "Gitlab::GithubImport::ImportLfsObjectWorker"
#define LFS_TOKEN  "ghp_spec" /* of object_import.h */

typedef struct LfsContext {
    ObjectImport *import;
    char *folder;     /* git/, lfs/ */
    char *repository; /* the project's, below git/ */
    ScriptedServer *server;
} LfsContext;

static gboolean allow_local; /* calls of every address of this machine ... */
static char *allowed;        /* ... or of this one alone */

OutboundRules *__wrap_outbound_rules_load(Session *session, GError **error);
OutboundRules *__wrap_outbound_rules_load(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED GError **error)
{
    OutboundRules *rules = g_new0(OutboundRules, 1);
    rules->allow_local = allow_local;
    rules->allow_list = g_new0(char *, 2);
    rules->allow_list[0] = g_strdup(allowed);
    return rules;
}

static guint naps; /* between attempts */

void __wrap_g_usleep(gulong microseconds);
void __wrap_g_usleep(G_GNUC_UNUSED gulong microseconds)
{
    naps++;
}

/* Runs a shell script in the project's repository. */
static inline void in_repository(const LfsContext *context, const char *script)
{
    g_autofree char *whole =
        g_strdup_printf("cd '%s'; export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_DIR=."
                        " GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.com GIT_COMMITTER_NAME=Ann"
                        " GIT_COMMITTER_EMAIL=ann@example.com\n%s",
                        context->repository, script);
    const char *const argv[] = {"/bin/sh", "-euc", whole, NULL};
    int status;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status,
                      &error) ||
        !g_spawn_check_wait_status(status, &error))
        fail_msg("%s: %s", script, error->message);
}

static inline char *run_in_folder(const LfsContext *context, const char *script)
{
    const char *const argv[] = {"/bin/sh", "-euc", script, NULL};
    char *output = NULL;
    assert_true(g_spawn_sync(context->folder, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                             NULL, NULL));
    return g_strchomp(output);
}

/* .lfsconfig at HEAD. */
static inline void set_lfsconfig(const LfsContext *context, const char *text)
{
    g_autofree char *quoted = g_shell_quote(text);
    g_autofree char *script =
        g_strdup_printf("blob=$(printf %%s %s | git hash-object -w --stdin)\n"
                        "tree=$(printf '100644 blob %%s\\t.lfsconfig\\n' $blob | git mktree)\n"
                        "git update-ref refs/heads/main $(git commit-tree -m config $tree)",
                        quoted);
    in_repository(context, script);
}

static inline void make_storage(LfsContext *context)
{
    Configuration *configuration = private_gitlab_configuration();
    g_autofree char *disk_path = git_disk_path(context->import->project, GIT_PROJECT);
    g_autofree char *git = NULL;
    context->folder = g_dir_make_tmp("hubferry_lfs_XXXXXX", NULL);
    context->repository = g_strdup_printf("%s/git/%s.git", context->folder, disk_path);
    git = g_build_filename(context->folder, "git", NULL);
    configuration->lfs_objects.directory = g_build_filename(context->folder, "lfs", NULL);
    configuration->storages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(configuration->storages, g_strdup("default"), g_strdup(git));
    g_mkdir_with_parents(context->repository, 0700);
    in_repository(context, "git init -q --bare -b main .");
}

static inline int lfs_context_set_up_group(void **state)
{
    static const WorkerClass others[] = {
        {.name = "ProjectCacheWorker", .retry = 3, .idempotent = TRUE},
        {0},
    };
    LfsContext *context = g_new0(LfsContext, 1);
    context->import = object_import_new(LFS_WORKER, &lfs_object_importer, others, "{}");
    make_storage(context);
    *state = context;
    return 0;
}

static inline int lfs_context_tear_down_group(void **state)
{
    LfsContext *context = *state;
    Configuration *configuration = private_gitlab_configuration();
    const char *const argv[] = {"rm", "-rf", context->folder, NULL};
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    object_import_free(context->import);
    g_clear_pointer(&configuration->storages, g_hash_table_unref);
    g_clear_pointer(&configuration->lfs_objects.directory, g_free);
    g_free(context->folder);
    g_free(context->repository);
    g_free(context);
    return 0;
}

/* GitHub is this server from now on. */
static inline void set_import_url(const LfsContext *context)
{
    Project *project = context->import->project;
    g_free(project->import_url);
    project->import_url = g_strconcat(scripted_server_url(context->server), "/acme/rocket.git", NULL);
    g_autofree char *sql = g_strdup_printf(
        "UPDATE projects SET import_url = '%s', lfs_enabled = NULL;"
        "UPDATE namespaces SET lfs_enabled = NULL WHERE lfs_enabled IS NOT NULL;"
        "DELETE FROM lfs_objects_projects; DELETE FROM lfs_objects; DELETE FROM import_failures;"
        "DELETE FROM hubferry.receipts",
        project->import_url);
    g_autofree char *changed = private_gitlab_sql(sql);
    g_clear_pointer(&context->import->session->import_context, import_context_free);
}

/* As lfs_context_set_up_group left it, with a server that nobody has asked yet. */
static inline int lfs_context_set_up(void **state)
{
    LfsContext *context = *state;
    g_autofree char *flushed = private_gitlab_redis("FLUSHALL", NULL);
    in_repository(context, "rm -rf objects/?? refs/heads/main ../../../../../lfs; mkdir ../../../../../lfs");
    private_gitlab_configuration()->lfs = TRUE;
    g_clear_pointer(&context->import->session->git_reader, git_reader_free);
    g_clear_pointer(&allowed, g_free);
    allow_local = TRUE;
    naps = 0;
    context->server = scripted_server_new();
    set_import_url(context);
    return 0;
}

static inline int lfs_context_tear_down(void **state)
{
    LfsContext *context = *state;
    g_clear_pointer(&context->server, scripted_server_free);
    return 0;
}

#define LFS_TEST(test) cmocka_unit_test_setup_teardown(test, lfs_context_set_up, lfs_context_tear_down)

/* Whether the n-th request, its line, headers and body, contains `text`. */
static inline gboolean request_has(ScriptedServer *server, guint index, const char *text)
{
    g_autofree char *request = scripted_server_request(server, index);
    return request && strstr(request, text) != NULL;
}
