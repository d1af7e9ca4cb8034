#include "protocol/log.h"
#include "worker/commands/command.h"
#include "worker/config/configuration_options.h"
#include "worker/config/work_options_config.h"
#include "worker/launcher.h"
#include "worker/metrics.h"

/* The log of a worker is JSON from its first line on, so that is how a wrong configuration is told, too. */
static int refuse(const GError *error)
{
    log_error("Could not start", error, NULL);
    return EXIT_MISUSED;
}

static gboolean check_fallback_queue(const Configuration *configuration, const WorkOptions *work,
                                     GError **error)
{
    if (work->unknown != UNKNOWN_REQUEUE || !work_queues_include(work->queues, configuration->fallback_queue))
        return TRUE;
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                "queue '%s' is listened to and is also the fallback queue, so that jobs which only GitLab's "
                "Sidekiq performs would go round for ever; name another by --fallback-queue, or leave this "
                "queue to Ruby",
                configuration->fallback_queue);
    return FALSE;
}

/* So that a class's first failure shows as an increase of a counter. */
static void declare_metrics(const Invocation *invocation, const Configuration *configuration)
{
    for (guint i = 0; i < invocation->n_tables; i++)
        for (const WorkerClass *worker = invocation->tables[i]; worker->name; worker++) {
            g_autofree char *queue = worker_router_queue(configuration->router, worker, NULL, NULL);
            MetricsJob job = metrics_job_of(worker, queue);
            if (worker->perform)
                metrics_job_declare(&job);
        }
}

static int run(const Invocation *invocation, G_GNUC_UNUSED GError **error)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(Configuration) configuration = configuration_load(invocation->options, &wrong);
    if (!configuration)
        return refuse(wrong);
    g_autoptr(WorkOptions) work =
        work_options_load(invocation->options, invocation->tables, invocation->n_tables, &wrong);
    if (!work || !check_fallback_queue(configuration, work, &wrong) ||
        !configuration_check_database(configuration, &wrong))
        return refuse(wrong);
    g_autoptr(WorkerRegistry) registry = worker_registry_new(invocation->tables, invocation->n_tables);
    declare_metrics(invocation, configuration);
    return launcher_run(work, configuration, registry);
}

static const OptionSpec *const options[] = {queue_option_specs, work_option_specs, configuration_options,
                                            NULL};

const Command work_command = {
    .name = "work",
    .summary = "Take jobs from GitLab's queues and perform them",
    .description =
        "Signals: TSTP stops taking jobs; TERM and INT also give running jobs --timeout seconds, push the "
        "rest back\n"
        "to their queues and end the process; TTIN logs what every thread does.\n\n"
        "Proxies are taken from http_proxy, https_proxy and no_proxy. Every line on the standard output is "
        "one JSON\n"
        "object, as in GitLab's sidekiq.log.\n\n"
        "Exit status: 0 after an orderly stop, 1 could not start, 2 wrong command line or configuration.",
    .options = options,
    .service = TRUE,
    .run = run,
};
