#include "worker/commands/checks.h"
#include "worker/work_options.h"

#define RULES_ADVICE                                                                                         \
    "in GitLab's settings, on every node: sidekiq routing_rules "                                            \
    "[[\"queue_namespace=github_importer|worker_name=RepositoryImportWorker,"                                \
    "Gitlab::GithubImport::AdvanceStageWorker,Gitlab::Import::RefreshImportJidWorker,"                       \
    "Import::LoadPlaceholderReferencesWorker\", \"github_importer\"], [\"*\", \"default\"]]"

/* A class whose jobs are performed here, and where they go. */
typedef struct Route {
    const WorkerClass *worker;
    char *queue;
    gboolean here; /* this worker listens to the queue */
} Route;

static void route_clear(Route *route)
{
    g_free(route->queue);
}

/* (transfer full) */
static GArray *find_routes(const Configuration *configuration, const Invocation *invocation,
                           const GArray *queues)
{
    GArray *routes = g_array_new(FALSE, FALSE, sizeof(Route));
    g_array_set_clear_func(routes, (GDestroyNotify)route_clear);
    for (guint i = 0; i < invocation->n_tables; i++)
        for (const WorkerClass *worker = invocation->tables[i]; worker->name; worker++) {
            if (!worker->perform)
                continue;
            Route route = {worker, worker_router_queue(configuration->router, worker, NULL, NULL), FALSE};
            route.here = work_queues_include(queues, route.queue);
            g_array_append_val(routes, route);
        }
    return routes;
}

static guint count_here(const GArray *routes)
{
    guint here = 0;
    for (guint i = 0; i < routes->len; i++)
        here += g_array_index(routes, Route, i).here ? 1 : 0;
    return here;
}

static void tell(Findings *findings, const Route *route)
{
    if (route->here)
        findings_ok(findings, "%s comes here, by queue %s", route->worker->name, route->queue);
    else
        findings_warning(
            findings, "left to GitLab's Sidekiq, unless a routing rule or --queue says otherwise",
            "%s goes to queue %s, which this worker does not listen to", route->worker->name, route->queue);
}

/* Where none comes here, that is said once, and not of each. */
void check_routing(Findings *findings, const Configuration *configuration, const Invocation *invocation,
                   const GArray *queues)
{
    g_autoptr(GArray) routes = find_routes(configuration, invocation, queues);
    guint here = count_here(routes);
    if (here == 0)
        findings_error(findings, RULES_ADVICE, "no job will ever come here");
    for (guint i = 0; here > 0 && i < routes->len; i++)
        tell(findings, &g_array_index(routes, Route, i));
    if (work_queues_include(queues, configuration->fallback_queue))
        findings_error(findings, "leave it to Ruby, or name another --fallback-queue",
                       "queue %s is listened to and is also the fallback queue",
                       configuration->fallback_queue);
}
