#include "protocol/worker_router.h"

#include "protocol/error_class.h"
#include "protocol/json.h"

#include <string.h>

#define CATCH_ALL_QUEUE "default"

/* name=value,value or name!=value,value */
typedef struct Term {
    char *name;
    gboolean negated;
    GStrv values;
} Term;

typedef struct Rule {
    GPtrArray *alternatives; /* of GPtrArray of Term that must all hold */
    char *queue;             /* NULL: the generated name */
} Rule;

struct WorkerRouter {
    GPtrArray *rules; /* of Rule */
};

static const char *worker_router_error_class(G_GNUC_UNUSED int code)
{
    return "Gitlab::SidekiqConfig::WorkerMatcher::QueryError";
}

DEFINE_ERROR_DOMAIN(worker_router_error, worker_router_error_class)

static void term_free(gpointer data)
{
    Term *term = data;
    g_free(term->name);
    g_strfreev(term->values);
    g_free(term);
}

static void rule_free(gpointer data)
{
    Rule *rule = data;
    g_ptr_array_unref(rule->alternatives);
    g_free(rule->queue);
    g_free(rule);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rule, rule_free)

static gboolean is_attribute(const char *name)
{
    static const char *const names[] = {"worker_name", "feature_category",  "has_external_dependencies",
                                        "name",        "resource_boundary", "tags",
                                        "urgency",     "queue_namespace",   NULL};
    return g_strv_contains(names, name);
}

static Term *parse_term(const char *text, GError **error)
{
    g_autoptr(GRegex) form = g_regex_new("^(\\w+)(!?=)([\\w:,]+)", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *name = NULL;
    if (g_regex_match(form, text, 0, &match))
        name = g_match_info_fetch(match, 1);
    if (!name || !is_attribute(name)) {
        g_set_error(error, WORKER_ROUTER_ERROR, WORKER_ROUTER_ERROR_RULE,
                    "routing rule: \"%s\" is not of the form attribute=value or attribute!=value", text);
        return NULL;
    }
    g_autofree char *comparison = g_match_info_fetch(match, 2);
    g_autofree char *values = g_match_info_fetch(match, 3);
    Term *term = g_new(Term, 1);
    *term = (Term){
        .name = g_steal_pointer(&name), .negated = *comparison == '!', .values = g_strsplit(values, ",", -1)};
    return term;
}

/* Terms joined by `&`. */
static GPtrArray *parse_conjunction(const char *text, GError **error)
{
    g_autoptr(GPtrArray) terms = g_ptr_array_new_with_free_func(term_free);
    g_auto(GStrv) parts = g_strsplit(text, "&", -1);
    for (char **part = parts; *part; part++) {
        Term *term = parse_term(*part, error);
        if (!term)
            return NULL;
        g_ptr_array_add(terms, term);
    }
    return g_steal_pointer(&terms);
}

static gboolean parse_query(Rule *rule, const char *query, GError **error)
{
    if (g_str_equal(query, "*")) {
        g_ptr_array_add(rule->alternatives, g_ptr_array_new());
        return TRUE;
    }
    g_auto(GStrv) parts = g_strsplit(query, "|", -1);
    for (char **part = parts; *part; part++) {
        GPtrArray *terms = parse_conjunction(*part, error);
        if (!terms)
            return FALSE;
        g_ptr_array_add(rule->alternatives, terms);
    }
    return TRUE;
}

static Rule *parse_rule(const json_t *pair, GError **error)
{
    const char *query = json_string_value(json_array_get(pair, 0));
    const json_t *queue = json_array_get(pair, 1);
    if (!query || !(json_is_string(queue) || json_is_null(queue))) {
        g_set_error_literal(error, WORKER_ROUTER_ERROR, WORKER_ROUTER_ERROR_RULE,
                            "routing rule: not a pair of a query and a queue name (or null)");
        return NULL;
    }
    g_autoptr(Rule) rule = g_new0(Rule, 1);
    rule->alternatives = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    const char *name = json_string_value(queue);
    rule->queue = name && *name ? g_strdup(name) : NULL;
    return parse_query(rule, query, error) ? g_steal_pointer(&rule) : NULL;
}

WorkerRouter *worker_router_new(const json_t *rules, GError **error)
{
    g_autoptr(WorkerRouter) router = g_new(WorkerRouter, 1);
    router->rules = g_ptr_array_new_with_free_func(rule_free);
    if (rules && !json_is_array(rules)) {
        g_set_error_literal(error, WORKER_ROUTER_ERROR, WORKER_ROUTER_ERROR_RULE,
                            "routing rules: not a list");
        return NULL;
    }
    for (gsize i = 0; i < json_array_size(rules); i++) {
        Rule *rule = parse_rule(json_array_get(rules, i), error);
        if (!rule)
            return NULL;
        g_ptr_array_add(router->rules, rule);
    }
    return g_steal_pointer(&router);
}

void worker_router_free(WorkerRouter *router)
{
    if (!router)
        return;
    g_ptr_array_unref(router->rules);
    g_free(router);
}

/* NULL: the class has no such attribute. (transfer full) */
static char *attribute(const WorkerClass *worker, const char *name)
{
    if (g_str_equal(name, "worker_name"))
        return g_strdup(worker->name);
    if (g_str_equal(name, "feature_category"))
        return g_strdup(worker->feature_category);
    if (g_str_equal(name, "has_external_dependencies"))
        return g_strdup(worker->external_dependencies ? "true" : "false");
    if (g_str_equal(name, "name"))
        return worker_class_generated_queue(worker);
    if (g_str_equal(name, "queue_namespace"))
        return g_strdup(worker->queue_namespace);
    /* What GitLab takes for a class that declares none; the importers' classes do not. */
    if (g_str_equal(name, "resource_boundary"))
        return g_strdup("unknown");
    return g_str_equal(name, "urgency") ? g_strdup("low") : NULL;
}

static gboolean term_holds(const Term *term, const WorkerClass *worker)
{
    g_autofree char *actual = attribute(worker, term->name);
    gboolean listed = actual && g_strv_contains((const char *const *)term->values, actual);
    return listed != term->negated;
}

static gboolean all_hold(const GPtrArray *terms, const WorkerClass *worker)
{
    for (guint i = 0; i < terms->len; i++)
        if (!term_holds(terms->pdata[i], worker))
            return FALSE;
    return TRUE;
}

static gboolean rule_matches(const Rule *rule, const WorkerClass *worker)
{
    for (guint i = 0; i < rule->alternatives->len; i++)
        if (all_hold(rule->alternatives->pdata[i], worker))
            return TRUE;
    return FALSE;
}

static char *queue_without_rules(const WorkerClass *worker, const WorkerClass *parent,
                                 const char *parent_queue)
{
    gboolean relatives =
        parent && worker->queue_namespace && g_strcmp0(worker->queue_namespace, parent->queue_namespace) == 0;
    return g_strdup(relatives && parent_queue ? parent_queue : CATCH_ALL_QUEUE);
}

char *worker_router_queue(const WorkerRouter *router, const WorkerClass *worker, const WorkerClass *parent,
                          const char *parent_queue)
{
    if (router->rules->len == 0)
        return queue_without_rules(worker, parent, parent_queue);
    for (guint i = 0; i < router->rules->len; i++) {
        const Rule *rule = router->rules->pdata[i];
        if (rule_matches(rule, worker))
            return rule->queue ? g_strdup(rule->queue) : worker_class_generated_queue(worker);
    }
    return worker_class_generated_queue(worker);
}
