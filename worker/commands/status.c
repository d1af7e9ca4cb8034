#include "protocol/json.h"
#include "worker/commands/command.h"
#include "worker/commands/status_report.h"
#include "worker/commands/status_text.h"
#include "worker/config/configuration_options.h"

#include <stdio.h>
#include <unistd.h>

#define CLEAR_SCREEN "\033[H\033[2J"

static const OptionSpec status_option_specs[] = {
    {.name = "json",
     .kind = OPTION_SWITCH,
     .help = "One JSON object instead of text; with --watch one a line"},
    {.name = "watch", .letter = 'w', .argument = "SECONDS", .help = "Again and again, until interrupted"},
    {.name = "rate-limit",
     .kind = OPTION_SWITCH,
     .help = "Ask GitHub how many requests each import has left (GET /rate_limit, which costs none)"},
    {NULL},
};

static gboolean print_report(Session *session, const Options *options, GError **error)
{
    g_autoptr(json_t) report = status_report(session, options_switch(options, "rate-limit"), error);
    if (!report)
        return FALSE;
    gboolean json = options_switch(options, "json");
    g_autofree char *text = json ? json_dump(report) : status_text(report);
    if (!json && options_text(options, "watch") && isatty(STDOUT_FILENO))
        fputs(CLEAR_SCREEN, stdout);
    printf("%s%s", text, json ? "\n" : "");
    fflush(stdout);
    return TRUE;
}

static int run(const Invocation *invocation, GError **error)
{
    guint every = 0;
    if (options_text(invocation->options, "watch") &&
        !options_unsigned(invocation->options, "watch", 1, 3600, &every, error))
        return EXIT_MISUSED;
    g_autoptr(Configuration) configuration = configuration_load(invocation->options, error);
    if (!configuration)
        return EXIT_MISUSED;
    g_autoptr(WorkerRegistry) registry = worker_registry_new(invocation->tables, invocation->n_tables);
    g_autoptr(Session) session = session_new(configuration, registry, NULL, NULL);
    do {
        if (!print_report(session, invocation->options, error))
            return EXIT_FAILED;
        sleep(every);
    } while (every > 0);
    return EXIT_OK;
}

static const OptionSpec *const options[] = {status_option_specs, configuration_options, NULL};

const Command status_command = {
    .name = "status",
    .summary = "Imports in progress, queues and processes",
    .description = "\"Fetched\" counts what was read from GitHub so far, \"imported\" what is in GitLab. The "
                   "time left is an\n"
                   "estimate for what is fetched, at the pace since the project was created; it cannot know "
                   "what GitHub\n"
                   "still holds. Processes are all of Sidekiq's, GitLab's own included.\n\n" EXIT_STATUS_HELP,
    .options = options,
    .run = run,
};
