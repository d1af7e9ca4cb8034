#include "worker/commands/process_signal.h"

static int run(const Invocation *invocation, GError **error)
{
    return process_signal_command(invocation, "TERM", error);
}

const Command stop_command = {
    .name = "stop",
    .usage = PROCESS_SIGNAL_USAGE,
    .summary = "Let worker processes end in good order, as the Web UI's Stop button",
    .description = PROCESS_SIGNAL_HELP,
    .options = process_signal_options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
