#include "worker/commands/process_signal.h"

static int run(const Invocation *invocation, GError **error)
{
    return process_signal_command(invocation, "TSTP", error);
}

const Command quiet_command = {
    .name = "quiet",
    .usage = PROCESS_SIGNAL_USAGE,
    .summary = "Let worker processes take no more jobs, as the Web UI's Quiet button",
    .description = PROCESS_SIGNAL_HELP,
    .options = process_signal_options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
