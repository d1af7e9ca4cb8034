#include "worker/config/work_options_config.h"

const OptionSpec work_option_specs[] = {
    {.name = "strict",
     .kind = OPTION_SWITCH,
     .environment = "HUBFERRY_STRICT",
     .help = "Visit the queues in the given order, instead of in random order by weight"},
    {.name = "concurrency",
     .letter = 'c',
     .argument = "NUMBER",
     .environment = "HUBFERRY_CONCURRENCY",
     .gitlab_environment = "SIDEKIQ_CONCURRENCY",
     .otherwise = "20",
     .help = "How many jobs are executed at a time"},
    {.name = "timeout",
     .letter = 't',
     .argument = "SECONDS",
     .environment = "HUBFERRY_TIMEOUT",
     .gitlab_environment = "SIDEKIQ_TIMEOUT",
     .otherwise = "25",
     .help = "What running jobs get at shutdown"},
    {.name = "tag",
     .letter = 'g',
     .argument = "TAG",
     .environment = "HUBFERRY_TAG",
     .otherwise = "hubferry",
     .help = "The process's tag in Sidekiq's Web UI"},
    {.name = "label",
     .kind = OPTION_LIST,
     .argument = "LABEL",
     .environment = "HUBFERRY_LABELS",
     .help = "A label in Sidekiq's Web UI; may be repeated"},
    {.name = "unknown",
     .argument = "requeue|dead|fail",
     .environment = "HUBFERRY_UNKNOWN",
     .otherwise = "requeue",
     .help = "A job of a class that is not performed here: handed over to the fallback queue, put into the "
             "dead set, "
             "or failed and retried"},
    {.name = "poll",
     .argument = "own|all|off",
     .environment = "HUBFERRY_POLL",
     .otherwise = "own",
     .help = "Move due jobs of the retry and schedule sets to their queues: those of classes performed here, "
             "all, "
             "or none"},
    {.name = "average-scheduled-poll-interval",
     .argument = "SECONDS",
     .environment = "HUBFERRY_POLL_INTERVAL",
     .otherwise = "0",
     .help = "How often to look for due jobs; 0: 5 seconds for each process, as Sidekiq"},
    {.name = "cleanup-interval",
     .argument = "SECONDS",
     .environment = "HUBFERRY_CLEANUP_INTERVAL",
     .otherwise = "3600",
     .help = "How often, in the whole cluster, jobs of dead processes are looked for"},
    {.name = "cleanup-lease-interval",
     .argument = "SECONDS",
     .environment = "HUBFERRY_CLEANUP_LEASE_INTERVAL",
     .otherwise = "120",
     .help = "How often this process offers to do it"},
    {.name = "health-address",
     .argument = "ADDRESS",
     .environment = "HUBFERRY_HEALTH_ADDRESS",
     .help = "Serve /readiness and /liveness on this address; * is every address; by default not served"},
    {.name = "health-port",
     .argument = "PORT",
     .environment = "HUBFERRY_HEALTH_PORT",
     .otherwise = "3808",
     .help = "Their port; 0: any free one, written to the log"},
    {.name = "metrics-address",
     .argument = "ADDRESS",
     .environment = "HUBFERRY_METRICS_ADDRESS",
     .help =
         "Serve /metrics on this address; with the health server's address and port, one server serves both"},
    {.name = "metrics-port",
     .argument = "PORT",
     .environment = "HUBFERRY_METRICS_PORT",
     .otherwise = "3807",
     .help = "Its port"},
    {.name = "log-arguments",
     .argument = "on|off",
     .environment = "HUBFERRY_LOG_ARGUMENTS",
     .gitlab_environment = "SIDEKIQ_LOG_ARGUMENTS",
     .otherwise = "on",
     .help = "Job arguments in the log; also 1|0"},
    {NULL},
};

static gboolean load_policies(WorkOptions *work, const Options *options, GError **error)
{
    static const char *const unknown[] = {
        [UNKNOWN_REQUEUE] = "requeue", [UNKNOWN_DEAD] = "dead", [UNKNOWN_FAIL] = "fail", NULL};
    static const char *const poll[] = {"off", "own", "all", NULL};
    static const char *const log_arguments[] = {"on", "off", "1", "0", "true", "false", NULL};
    guint unknown_index = 0, poll_index = 0, log_index = 0;
    if (!options_choice(options, "unknown", unknown, &unknown_index, error) ||
        !options_choice(options, "poll", poll, &poll_index, error) ||
        !options_choice(options, "log-arguments", log_arguments, &log_index, error))
        return FALSE;
    work->unknown = (UnknownPolicy)unknown_index;
    work->poll = poll_index > 0;
    work->poll_all = poll_index == 2;
    work->log_arguments = log_index % 2 == 0;
    return TRUE;
}

static gboolean load_numbers(WorkOptions *work, const Options *options, GError **error)
{
    return options_unsigned(options, "concurrency", 1, 1024, &work->concurrency, error) &&
           options_unsigned(options, "timeout", 0, 86400, &work->timeout, error) &&
           options_unsigned(options, "cleanup-interval", 1, 604800, &work->cleanup_interval, error) &&
           options_unsigned(options, "cleanup-lease-interval", 1, 604800, &work->lease_interval, error) &&
           options_unsigned(options, "health-port", 0, 65535, &work->health_port, error) &&
           options_unsigned(options, "metrics-port", 0, 65535, &work->metrics_port, error) &&
           options_seconds(options, "average-scheduled-poll-interval", &work->average_scheduled_poll_interval,
                           error);
}

static void load_texts(WorkOptions *work, const Options *options)
{
    work->tag = g_strdup(options_text(options, "tag"));
    work->health_address = g_strdup(options_text(options, "health-address"));
    work->metrics_address = g_strdup(options_text(options, "metrics-address"));
    work->labels = g_ptr_array_new_with_free_func(g_free);
    for (const char *const *label = options_list(options, "label"); *label; label++)
        g_ptr_array_add(work->labels, g_strdup(*label));
}

WorkOptions *work_options_load(const Options *options, const WorkerClass *const *tables, guint n_tables,
                               GError **error)
{
    g_autoptr(WorkOptions) work = g_new0(WorkOptions, 1);
    work->queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue));
    work->queue_names = g_ptr_array_new_with_free_func(g_free);
    work->strict = options_switch(options, "strict");
    load_texts(work, options);
    if (!queue_arguments_load(options, tables, n_tables, work->queues, work->queue_names, error) ||
        !load_policies(work, options, error) || !load_numbers(work, options, error))
        return NULL;
    return g_steal_pointer(&work);
}
