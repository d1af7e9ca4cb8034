/*
 * For specs of importers/git/ in which GitLab's storage is not mounted: beside GitHub's repository of
 * spec/support/git_context.h, a GitLab that takes pushes.
 */
#pragma once

#include "spec/support/fake_github.h"
#include "spec/support/git_context.h"

#define PUSHED      "pushed/acme-group/rocket.git" /* GitLab's own */
#define PUSH_MIRROR "work/" DISK_PATH ".git"       /* the private mirror */

/* (transfer full) */
static inline FakeGithubProcess *start_gitlab(GitContext *context, const char *credentials)
{
    run(context, "mkdir pushed");
    g_autofree char *root = g_build_filename(context->folder, "pushed", NULL);
    FakeGithubProcess *fake = fake_github_start(
        (const char *[]){"--push-root", root, "--push-create", "--push-credentials", credentials, NULL});
    context->configuration.repository_backend = REPOSITORY_HTTP;
    context->configuration.git_push_url = g_strconcat(fake_github_url(fake), "/gitlab", NULL);
    context->configuration.git_push_user = g_strdup("importer");
    context->configuration.git_push_token = g_strdup("gl/t@ken");
    context->configuration.git_work_directory = g_build_filename(context->folder, "work", NULL);
    return fake;
}

static inline int push_context_teardown(void **state)
{
    Configuration *configuration = &((GitContext *)*state)->configuration;
    g_free(configuration->git_push_url);
    g_free(configuration->git_push_user);
    g_free(configuration->git_push_token);
    g_free(configuration->git_work_directory);
    return git_context_teardown(state);
}

#define WITH_GITLAB(test) cmocka_unit_test_setup_teardown(test, git_context_setup, push_context_teardown)
