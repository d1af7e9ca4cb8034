/*
 * For the specs of importers/http/: a session, a sink with a limit, and outbound rules that allow nothing
 * local but what the spec lists. In a header, because only the programs that include it are linked with the
 * importers.
 */
#pragma once

#include "importers/http/exchange.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/packed_answer.h"
#include "spec/support/scripted_server.h"

#define SINK_LIMIT (1024 * 1024) /* bytes */

typedef struct HttpContext {
    gint stopping;
    Configuration configuration;
    Session *session;
    ScriptedServer *server;
    GPtrArray *allowed; /* of char *, ended by NULL */
    OutboundRules rules;
    HttpSink sink;
    GString *body;
    guint64 limit;   /* bytes that the sink takes */
    gsize max_piece; /* bytes, of the largest piece that the sink was given */
    guint timeout;   /* seconds; 0: HTTP_TIMEOUT */
} HttpContext;

static inline GQuark sink_error(void)
{
    return g_quark_from_static_string("sink-error");
}

static inline gboolean context_take(gpointer data, const char *bytes, gsize length, GError **error)
{
    HttpContext *context = data;
    context->max_piece = MAX(context->max_piece, length);
    if (context->body->len + length > context->limit) {
        g_set_error_literal(error, sink_error(), 7, "this is too much");
        return FALSE;
    }
    g_string_append_len(context->body, bytes, (gssize)length);
    return TRUE;
}

/* The server at IP:PORT may be called although it is local. */
static inline void context_allow(HttpContext *context, const char *ip, guint port)
{
    g_ptr_array_insert(context->allowed, 0, g_strdup_printf("%s:%u", ip, port));
    context->rules.allow_list = (char **)context->allowed->pdata;
}

static inline int http_context_setup(void **state)
{
    HttpContext *context = g_new0(HttpContext, 1);
    context->session = session_new(&context->configuration, NULL, NULL, &context->stopping);
    context->server = scripted_server_new();
    context->allowed = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(context->allowed, NULL);
    context_allow(context, "127.0.0.1", scripted_server_port(context->server));
    context->body = g_string_new(NULL);
    context->limit = SINK_LIMIT;
    context->sink = (HttpSink){.write = context_take, .data = context};
    *state = context;
    return 0;
}

static inline int http_context_teardown(void **state)
{
    HttpContext *context = *state;
    session_free(context->session);
    scripted_server_free(context->server);
    g_ptr_array_unref(context->allowed);
    g_string_free(context->body, TRUE);
    g_free(context);
    return 0;
}

/* A GET of the server under the context's rules, into its sink. `path` begins with a slash. (transfer full)
 */
static inline HttpAnswer *context_get(HttpContext *context, const char *path, GError **error)
{
    g_autofree char *url = g_strconcat(scripted_server_url(context->server), path, NULL);
    const HttpExchange exchange = {.method = "GET",
                                   .url = url,
                                   .sink = &context->sink,
                                   .timeout = context->timeout,
                                   .rules = &context->rules};
    return http_exchange(context->session, &exchange, error);
}

/* Whether the n-th request, its line, headers and body, contains `text`. */
static inline gboolean request_has(const ScriptedServer *server, guint index, const char *text)
{
    g_autofree char *request = scripted_server_request((ScriptedServer *)server, index);
    return request && strstr(request, text) != NULL;
}

/* What __wrap_outbound_rules_load() of the program gives. (transfer full) */
static inline OutboundRules *context_rules(const HttpContext *context)
{
    OutboundRules *rules = g_memdup2(&context->rules, sizeof context->rules);
    rules->allow_list = g_strdupv(context->rules.allow_list);
    return rules;
}
