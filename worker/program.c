#include "worker/program.h"

#include "worker/commands/command.h"
#include "worker/config/configuration_options.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define LARGE_BLOCK (1024 * 1024) /* bytes */

static const Command *const commands[] = {
    &work_command, &import_command, &status_command, &check_command, &quiet_command, &stop_command,
};

typedef struct Tables {
    const WorkerClass *const *tables;
    guint n_tables;
} Tables;

/* Executors work on texts of megabytes. Left to itself glibc stops giving such blocks back to the system once
 * the first one is freed, and keeps them in the heap of each thread that ever had one. */
static void give_back_large_blocks(void)
{
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, LARGE_BLOCK);
}

static void print_usage(FILE *file)
{
    fputs("Usage: hubferry COMMAND [OPTION...]\n\n"
          "A native worker for the Sidekiq jobs of GitLab's GitHub importer.\n\nCommands:\n",
          file);
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(file, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nOptions:\n  --help     This text; `hubferry COMMAND --help` for a command's\n"
          "  --version  The version\n",
          file);
}

static const Command *find_command(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(commands[i]->name, name))
            return commands[i];
    return NULL;
}

static int misused(const char *program, const GError *error)
{
    fprintf(stderr, "%s: %s\n", program, error->message);
    return EXIT_MISUSED;
}

static gboolean check_arguments(const Command *command, char **arguments, const char *program, GError **error)
{
    guint n = g_strv_length(arguments);
    if (n >= command->min_arguments && n <= command->max_arguments)
        return TRUE;
    if (n > command->max_arguments)
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_USAGE, "'%s' is one argument too many; see '%s --help'",
                    arguments[command->max_arguments], program);
    else
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_USAGE, "%s is missing; see '%s --help'", command->usage,
                    program);
    return FALSE;
}

static gboolean configure_log(const Command *command, const Options *options, GError **error)
{
    LogLevel level = LOG_INFO;
    if (!configuration_log_level(options, &level, error))
        return FALSE;
    gboolean chosen = options_given(options, "log-level") || options_switch(options, "verbose");
    log_configure(command->service ? STDOUT_FILENO : STDERR_FILENO,
                  command->service || chosen ? level : LOG_WARN);
    return TRUE;
}

static int run_parsed(const Command *command, const Invocation *invocation, const char *program)
{
    g_autoptr(GError) error = NULL;
    if (!configure_log(command, invocation->options, &error))
        return misused(program, error);
    int status = command->run(invocation, &error);
    if (!error)
        return status;
    fprintf(stderr, "%s: %s\n", program, error->message);
    return error->domain == CONFIG_ERROR ? EXIT_MISUSED : EXIT_FAILED;
}

/* `words` begins with the command's name. */
static int run_command(const Command *command, char **words, const Tables *tables)
{
    OptionHelp help = {
        .usage = command->usage, .summary = command->summary, .description = command->description};
    g_autofree char *program = g_strdup_printf("hubferry %s", command->name);
    g_auto(GStrv) line = g_strdupv(words);
    g_free(line[0]);
    line[0] = g_strdup(program);
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) options =
        options_parse(command->options, &help, (const char *const *)line, &arguments, &help_text, &error);
    if (!options)
        return misused(program, error);
    if (help_text) {
        fputs(help_text, stdout);
        return EXIT_OK;
    }
    if (!check_arguments(command, arguments, program, &error))
        return misused(program, error);
    Invocation invocation = {.options = options,
                             .arguments = (const char *const *)arguments,
                             .tables = tables->tables,
                             .n_tables = tables->n_tables};
    return run_parsed(command, &invocation, program);
}

int program_run(int argc, char **argv, const WorkerClass *const *tables, guint n_tables)
{
    Tables registry = {tables, n_tables};
    const char *name = argc > 1 ? argv[1] : "";
    give_back_large_blocks();
    if (!*name) {
        print_usage(stderr);
        return EXIT_MISUSED;
    }
    if (g_str_equal(name, "--help") || g_str_equal(name, "-h") || g_str_equal(name, "help")) {
        print_usage(stdout);
        return EXIT_OK;
    }
    if (g_str_equal(name, "--version")) {
        puts("hubferry " HUBFERRY_VERSION);
        return EXIT_OK;
    }
    const Command *command = find_command(name);
    if (command)
        return run_command(command, argv + 1, &registry);
    fprintf(stderr, "hubferry: there is no command '%s'; see 'hubferry --help'\n", name);
    return EXIT_MISUSED;
}
