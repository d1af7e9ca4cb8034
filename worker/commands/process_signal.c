#include "worker/commands/process_signal.h"

#include "protocol/keys.h"
#include "protocol/redis.h"
#include "worker/config/configuration_options.h"

#include <stdio.h>

#define SIGNAL_LIFESPAN "60" /* seconds; Sidekiq's */

const OptionSpec *const process_signal_options[] = {configuration_options, NULL};

static gboolean leave_signal(Redis *redis, const char *identity, const char *signal, GError **error)
{
    g_autofree char *key = key_signals(identity);
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, redis_command_new("LPUSH", key, signal, NULL));
    g_ptr_array_add(commands, redis_command_new("EXPIRE", key, SIGNAL_LIFESPAN, NULL));
    g_autoptr(GPtrArray) replies = redis_multi(redis, commands, error);
    if (replies)
        printf("%s: will get %s within 10 seconds\n", identity, signal);
    return replies != NULL;
}

static gboolean signal_processes(Redis *redis, const char *wanted, const char *signal, guint *signalled,
                                 GError **error)
{
    g_autoptr(redisReply) processes = redis_call(redis, error, "SMEMBERS", KEY_PROCESSES, NULL);
    if (!processes)
        return FALSE;
    for (gsize i = 0; i < processes->elements; i++) {
        const char *identity = processes->element[i]->str;
        if (!g_str_equal(wanted, "all") && !g_str_equal(wanted, identity))
            continue;
        if (!leave_signal(redis, identity, signal, error))
            return FALSE;
        (*signalled)++;
    }
    return TRUE;
}

int process_signal_command(const Invocation *invocation, const char *signal, GError **error)
{
    g_autoptr(Configuration) configuration = configuration_load(invocation->options, error);
    if (!configuration)
        return EXIT_MISUSED;
    g_autoptr(Redis) redis = redis_new(configuration->redis[REDIS_QUEUES]);
    const char *wanted = invocation->arguments[0];
    guint signalled = 0;
    if (!signal_processes(redis, wanted, signal, &signalled, error))
        return EXIT_FAILED;
    if (signalled > 0 || g_str_equal(wanted, "all"))
        return EXIT_OK;
    fprintf(stderr, "No process is registered as %s; `hubferry status` lists them\n", wanted);
    return EXIT_FAILED;
}
