#include "worker/commands/checks.h"
#include "worker/work_options.h"

#define RULES_ADVICE                                                                                         \
    "in GitLab's settings, on every node: sidekiq routing_rules [[\"queue_namespace=github_importer\", "     \
    "\"github_importer\"], [\"*\", \"default\"]]"

/* Says where the class's jobs go; TRUE when they come here. */
static gboolean check_class(Findings *findings, const Configuration *configuration, const WorkerClass *worker,
                            const GArray *queues)
{
    g_autofree char *queue = worker_router_queue(configuration->router, worker, NULL, NULL);
    if (work_queues_include(queues, queue)) {
        findings_ok(findings, "%s comes here, by queue %s", worker->name, queue);
        return TRUE;
    }
    findings_warning(findings, "left to GitLab's Sidekiq, unless a routing rule or --queue says otherwise",
                     "%s goes to queue %s, which this worker does not listen to", worker->name, queue);
    return FALSE;
}

void check_routing(Findings *findings, const Configuration *configuration, const Invocation *invocation,
                   const GArray *queues)
{
    guint here = 0;
    for (guint i = 0; i < invocation->n_tables; i++)
        for (const WorkerClass *worker = invocation->tables[i]; worker->name; worker++)
            if (worker->perform && check_class(findings, configuration, worker, queues))
                here++;
    if (here == 0)
        findings_error(findings, RULES_ADVICE, "no job will ever come here");
    if (work_queues_include(queues, configuration->fallback_queue))
        findings_error(findings, "leave it to Ruby, or name another --fallback-queue",
                       "queue %s is listened to and is also the fallback queue",
                       configuration->fallback_queue);
}
