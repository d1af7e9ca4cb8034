#include "worker/commands/checks.h"
#include "worker/config/configuration_options.h"
#include "worker/config/queue_arguments.h"

#include <stdio.h>

static const OptionSpec check_option_specs[] = {
    {.name = "project",
     .argument = "ID|PATH",
     .help = "Also check this project's import: decrypt its token and try it at GitHub (GET /rate_limit)"},
    {NULL},
};

static int print_summary(const Findings *findings)
{
    printf("\n%u error%s, %u warning%s\n", findings->errors, findings->errors == 1 ? "" : "s",
           findings->warnings, findings->warnings == 1 ? "" : "s");
    return findings->errors > 0 ? EXIT_FAILED : EXIT_OK;
}

static int check(const Invocation *invocation, const Configuration *configuration, const GArray *queues)
{
    Findings findings = {0};
    g_autoptr(WorkerRegistry) registry = worker_registry_new(invocation->tables, invocation->n_tables);
    g_autoptr(Session) session = session_new(configuration, registry, NULL, NULL);
    g_autoptr(Schema) schema = NULL;
    const char *project = options_text(invocation->options, "project");
    check_redis(&findings, configuration);
    check_database(&findings, session, &schema);
    check_installation(&findings, configuration);
    check_files(&findings, session);
    check_routing(&findings, configuration, invocation, queues);
    session->schema = schema;
    if (project && schema)
        check_project(&findings, session, project);
    return print_summary(&findings);
}

static int run(const Invocation *invocation, GError **error)
{
    g_autoptr(Configuration) configuration = configuration_load(invocation->options, error);
    if (!configuration)
        return EXIT_MISUSED;
    g_autoptr(GArray) queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue));
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    if (!queue_arguments_load(invocation->options, invocation->tables, invocation->n_tables, queues, names,
                              error))
        return EXIT_MISUSED;
    return check(invocation, configuration, queues);
}

static const OptionSpec *const options[] = {check_option_specs, queue_option_specs, configuration_options,
                                            NULL};

const Command check_command = {
    .name = "check",
    .summary = "Connect to everything, compare GitLab's schema, and say what to do",
    .description =
        "Prints one line for each finding: ok, warning or error, what was found, and what to do. Leaves\n"
        "everything as it is. Secrets are never printed.\n\n"
        "Exit status: 0 no errors (there may be warnings), 1 errors, 2 wrong command line or configuration.",
    .options = options,
    .run = run,
};
