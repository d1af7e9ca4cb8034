/*
 * For specs of importers/ that need GitLab's state: a session on the private GitLab, freshly seeded, with a
 * project acme/rocket in the group `imports`. In a header, because only the programs that include it are
 * linked with the importers.
 */
#pragma once

#include "importers/gitlab/project.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

typedef struct GitlabContext {
    Configuration *configuration;
    Schema *schema;
    Session *session;
    Project *project;
    gint stopping;
} GitlabContext;

static inline PGresult *gitlab_context_run(const GitlabContext *context, const char *sql)
{
    g_autoptr(GError) error = NULL;
    PGresult *rows = database_execute_text(session_database(context->session), sql, NULL, 0, &error);
    assert_no_error(error);
    return rows;
}

/* The seed and the project alone, and nothing in Redis. */
static inline gint64 gitlab_context_reset(const GitlabContext *context)
{
    private_gitlab_reset();
    g_autoptr(PGresult) project =
        gitlab_context_run(context, "SELECT spec.create_project('imports', 'rocket', 'acme/rocket', "
                                    "'https://github.com/acme/rocket.git', '{}', NULL, NULL, NULL) AS id");
    return database_integer(project, 0, "id");
}

static inline void gitlab_context_begin(GitlabContext *context, const WorkerRegistry *registry)
{
    context->configuration = private_gitlab_configuration();
    context->configuration->pace = PACE_AUTO;
    context->configuration->backlog = 5000;
    context->session = session_new(context->configuration, registry, NULL, &context->stopping);
    context->schema = schema_read(session_database(context->session), NULL);
    context->session->schema = context->schema;
    assert_true(project_find(context->session, gitlab_context_reset(context), &context->project, NULL));
}

static inline void gitlab_context_end(GitlabContext *context)
{
    project_free(context->project);
    session_free(context->session);
    schema_free(context->schema);
}

static inline int gitlab_context_setup(void **state)
{
    GitlabContext *context = g_new0(GitlabContext, 1);
    gitlab_context_begin(context, NULL);
    *state = context;
    return 0;
}

static inline int gitlab_context_teardown(void **state)
{
    GitlabContext *context = *state;
    gitlab_context_end(context);
    g_free(context);
    return 0;
}

/* A raw key of the import cache as it is stored; every % of `format` is for the project's id. (transfer full)
 */
static inline char *import_key(const GitlabContext *context, const char *format)
{
    g_autofree char *key = g_strdup_printf(format, context->project->id);
    return g_strconcat("cache:gitlab:github-importer/", key, NULL);
}
