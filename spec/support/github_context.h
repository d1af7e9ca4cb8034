/*
 * For the specs of importers/github/: a client of a scripted server whose API is at SERVER/api/v3; the
 * project is acme/rocket, calls to local addresses are allowed. In a header, because only the programs that
 * include it are linked with the importers.
 */
#pragma once

#include "importers/github/request.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/scripted_server.h"

#define CONTEXT_TOKEN "ghp_secret0000000000000000000000000000"

typedef struct GithubContext {
    ScriptedServer *server;
    gint stopping;
    Configuration configuration;
    Session *session;
    GithubClient *client;
} GithubContext;

static inline OutboundRules *rules_new(gboolean allow_local)
{
    OutboundRules *rules = g_new0(OutboundRules, 1);
    rules->allow_local = allow_local;
    rules->allow_list = g_new0(char *, 1);
    return rules;
}

/* A client of any server. (transfer full) */
static inline GithubClient *client_of(GithubContext *context, const char *server_url, OutboundRules *rules,
                                      GError **error)
{
    g_autofree char *import_url = g_strconcat(server_url, "/acme/rocket.git", NULL);
    char source[] = "acme/rocket", token[] = CONTEXT_TOKEN;
    const Project project = {.id = 1, .import_url = import_url, .import_source = source};
    const ImportData data = {.token = token, .pagination_limit = 100};
    return github_client_with_rules(context->session, &project, &data, rules, error);
}

static inline int github_context_setup(void **state)
{
    GithubContext *context = g_new0(GithubContext, 1);
    context->configuration.github_verify_ssl = TRUE;
    context->server = scripted_server_new();
    context->session = session_new(&context->configuration, NULL, NULL, &context->stopping);
    context->client = client_of(context, scripted_server_url(context->server), rules_new(TRUE), NULL);
    assert_non_null(context->client);
    *state = context;
    return 0;
}

static inline int github_context_teardown(void **state)
{
    GithubContext *context = *state;
    github_client_free(context->client);
    session_free(context->session);
    scripted_server_free(context->server);
    g_free(context);
    return 0;
}

/* Whether the n-th request, its line and headers, contains `text`. */
static inline gboolean request_has(GithubContext *context, guint index, const char *text)
{
    g_autofree char *request = scripted_server_request(context->server, index);
    return request && strstr(request, text) != NULL;
}
