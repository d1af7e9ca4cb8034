/*
 * For the specs of importers/git/: a temporary folder with a repository acme/rocket of "GitHub" (made by git
 * itself), a folder for GitLab's storage, and a project. In a header, because only the programs that include
 * it are linked with the importers.
 */
#pragma once

#include "importers/git/repository.h"
#include "protocol/job.h"
#include "spec/support/cmocka_glib.h"

#include <glib/gstdio.h>

#define DISK_PATH "@hashed/73/47/73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049"

typedef struct GitContext {
    char *folder; /* github/acme/rocket.git, gitlab/ */
    char *url;    /* file:// of the remote repository */
    char *mirror; /* path of the mirror in GitLab's storage */
    gint stopping;
    Configuration configuration;
    Session *session;
    Project project;
} GitContext;

/* Runs a shell script in the context's folder. (transfer full) */
static inline char *shell(const GitContext *context, const char *script)
{
    char *argv[] = {(char *)"/bin/sh", (char *)"-euc", (char *)script, NULL};
    g_auto(GStrv) environment = g_get_environ();
    static const char *const variables[][2] = {
        {"GIT_CONFIG_GLOBAL", "/dev/null"},
        {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_AUTHOR_NAME", "Ann"},
        {"GIT_AUTHOR_EMAIL", "ann@example.com"},
        {"GIT_COMMITTER_NAME", "Ann"},
        {"GIT_COMMITTER_EMAIL", "ann@example.com"},
        {"GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z"},
        {"GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++)
        environment = g_environ_setenv(environment, variables[i][0], variables[i][1], TRUE);
    char *output = NULL;
    int status;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(context->folder, argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, &status,
                      &error) ||
        !g_spawn_check_wait_status(status, &error))
        fail_msg("%s: %s", script, error->message);
    return output;
}

static inline void run(const GitContext *context, const char *script)
{
    g_autofree char *output = shell(context, script);
}

/* "NAME SHA" lines of a repository, in order. (transfer full) */
static inline char *refs_of(const GitContext *context, const char *path, const char *pattern)
{
    g_autofree char *script = g_strdup_printf(
        "git --git-dir '%s' for-each-ref --format='%%(refname) %%(objectname)' %s", path, pattern);
    return shell(context, script);
}

static inline int git_context_setup(void **state)
{
    GitContext *context = g_new0(GitContext, 1);
    context->folder = g_dir_make_tmp("hubferry_git_XXXXXX", NULL);
    run(context, "mkdir -p github/acme gitlab\n"
                 "git init -q --bare -b trunk github/acme/rocket.git; cd github/acme/rocket.git\n"
                 "blob=$(echo hello | git hash-object -w --stdin)\n"
                 "tree=$(printf '100644 blob %s\\tREADME\\n' $blob | git mktree)\n"
                 "one=$(git commit-tree -m one $tree); two=$(git commit-tree -m two -p $one $tree)\n"
                 "fork=$(git commit-tree -m fork -p $one $tree)\n"
                 "git update-ref refs/heads/trunk $two; git update-ref refs/heads/topic $one\n"
                 "git update-ref refs/heads/feature/x $one; git tag v1 $one; git tag -a -m two v2 $two\n"
                 "git update-ref refs/pull/1/head $fork; git update-ref refs/pull/1/merge $two\n");
    context->url = g_strdup_printf("file://%s/github/acme/rocket.git", context->folder);
    context->mirror = g_strdup_printf("%s/gitlab/" DISK_PATH ".git", context->folder);
    context->configuration.github_verify_ssl = TRUE;
    context->configuration.storages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(context->configuration.storages, g_strdup("default"),
                        g_build_filename(context->folder, "gitlab", NULL));
    context->session = session_new(&context->configuration, NULL, NULL, &context->stopping);
    context->project = (Project){.id = 42,
                                 .full_path = (char *)"acme-group/rocket",
                                 .repository_storage = (char *)"default",
                                 .hashed_storage = TRUE};
    *state = context;
    return 0;
}

static inline int git_context_teardown(void **state)
{
    GitContext *context = *state;
    char *argv[] = {(char *)"rm", (char *)"-rf", context->folder, NULL};
    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    session_free(context->session);
    g_hash_table_unref(context->configuration.storages);
    g_free(context->folder);
    g_free(context->url);
    g_free(context->mirror);
    g_free(context);
    return 0;
}

static inline gboolean mirror(GitContext *context, const char *url, GError **error)
{
    return git_mirror(context->session, &context->project, GIT_PROJECT, url, NULL, error);
}

static inline void assert_mirrored(GitContext *context, const char *url)
{
    g_autoptr(GError) error = NULL;
    mirror(context, url, &error);
    assert_no_error(error);
}

static inline gboolean is_empty(GitContext *context)
{
    gboolean empty;
    g_autoptr(GError) error = NULL;
    git_repository_empty(context->session, &context->project, GIT_PROJECT, &empty, &error);
    assert_no_error(error);
    return empty;
}

#define WITH_CONTEXT(test) cmocka_unit_test_setup_teardown(test, git_context_setup, git_context_teardown)
