/*
 * A command of the program: what its --help says, which options it has, and the function that carries it out.
 */
#pragma once

#include "protocol/worker_class.h"
#include "worker/config/options.h"

/* Exit statuses. */
#define EXIT_OK      0
#define EXIT_FAILED  1 /* could not do it, or found errors */
#define EXIT_MISUSED 2 /* the command line or the configuration is wrong; nothing was done */

#define EXIT_STATUS_HELP "Exit status: 0 done, 1 failed, 2 wrong command line or configuration."

/* One call of a command; everything is borrowed. */
typedef struct Invocation {
    const Options *options;
    const char *const *arguments; /* ended by NULL */
    const WorkerClass *const *tables;
    guint n_tables;
} Invocation;

typedef struct Command {
    const char *name;
    const char *usage;                /* what follows the options; or NULL */
    const char *summary;              /* one line */
    const char *description;          /* the rest of --help */
    const OptionSpec *const *options; /* tables, ended by NULL */
    guint min_arguments, max_arguments;
    gboolean service; /* its output is the log; the others log to the standard error, from warnings on */
    /* The exit status; or, with `error` set, EXIT_FAILED or EXIT_MISUSED after the program has printed the
     * error. */
    int (*run)(const Invocation *invocation, GError **error);
} Command;

extern const Command work_command;
extern const Command check_command;
extern const Command status_command;
extern const Command import_command;
extern const Command quiet_command;
extern const Command stop_command;
