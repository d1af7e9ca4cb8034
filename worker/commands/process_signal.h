/*
 * Signals to worker processes by way of Redis, as the Quiet and Stop buttons of Sidekiq's Web UI leave them
 * (lib/sidekiq/api.rb, Sidekiq::Process). The process takes one at each heartbeat, so within 10 seconds.
 * Works for Ruby's processes as well.
 */
#pragma once

#include "worker/commands/command.h"

extern const OptionSpec *const process_signal_options[];

/* Leaves the signal "TSTP" or "TERM" for the process that the invocation names, or for all. The exit status.
 */
int process_signal_command(const Invocation *invocation, const char *signal, GError **error);

#define PROCESS_SIGNAL_USAGE "IDENTITY|all"
#define PROCESS_SIGNAL_HELP                                                                                  \
    "IDENTITY is HOSTNAME:PID:NONCE as `hubferry status` and Sidekiq's Web UI show it; `all` is every "      \
    "process,\n"                                                                                             \
    "those of GitLab's own Sidekiq included.\n\n" EXIT_STATUS_HELP
