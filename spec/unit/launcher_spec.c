#include "worker/launcher.h"

#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const int STOPPED_BY[] = {SIGTERM, SIGINT, SIGTSTP};

static PrivateRedis *server;
static WorkerRegistry *registry;
static WorkOptions work;
static Configuration configuration;
static FILE *lines; /* of the log */

static int start_server(G_GNUC_UNUSED void **state)
{
    static const WorkerClass NO_CLASSES[] = {{.name = NULL}};
    const WorkerClass *const tables[] = {NO_CLASSES};
    const FetchQueue queue = {.name = "work", .weight = 1};
    server = private_redis_start(NULL, NULL);
    registry = worker_registry_new(tables, 1);
    work = (WorkOptions){.concurrency = 1, .timeout = 5, .lease_interval = 60, .cleanup_interval = 60};
    work.queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue));
    g_array_append_val(work.queues, queue);
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        configuration.redis[store] = (RedisSettings *)private_redis_settings(server);
    return 0;
}

static int stop_server(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    g_array_unref(work.queues);
    return 0;
}

/* Reads on to the next line with this part; whether one of the lines before it held `passed`. */
static gboolean await_line(const char *part, const char *passed)
{
    char line[4096];
    gboolean seen = FALSE;
    while (fgets(line, sizeof line, lines) && !strstr(line, part))
        seen = seen || strstr(line, passed);
    return seen;
}

/* What a user does with a process that waits for its Redis. */
static void *quiet_and_stop(void *data)
{
    gboolean *quieted = data;
    await_line("not ready to start", "");
    kill(getpid(), SIGTSTP);
    await_line("\"signal\"", "");
    private_redis_restart(server);
    *quieted = await_line("\"ready\"", "quiet: no more jobs are fetched");
    kill(getpid(), SIGTERM);
    await_line("bye", "");
    return NULL;
}

static void a_process_that_is_quieted_while_it_starts_stays_quiet(G_GNUC_UNUSED void **state)
{
    int log[2];
    pthread_t user;
    gboolean quieted = FALSE;
    assert_int_equal(pipe(log), 0);
    lines = fdopen(log[0], "r");
    log_configure(log[1], LOG_INFO);
    private_redis_kill(server);
    assert_int_equal(pthread_create(&user, NULL, quiet_and_stop, &quieted), 0);
    assert_int_equal(launcher_run(&work, &configuration, registry), EXIT_SUCCESS);
    pthread_join(user, NULL);
    log_configure(-1, LOG_FATAL);
    fclose(lines);
    close(log[1]);
    assert_true(quieted);
}

/* The loop is gone, and an impatient user's second signal must not call into it, nor end the process
 * otherwise. */
static void signals_are_ignored_after_the_end(G_GNUC_UNUSED void **state)
{
    work.health_address = (char *)"no address";
    log_configure(-1, LOG_FATAL);
    assert_int_equal(launcher_run(&work, &configuration, registry), EXIT_FAILURE);
    for (guint i = 0; i < G_N_ELEMENTS(STOPPED_BY); i++) {
        struct sigaction action;
        assert_int_equal(sigaction(STOPPED_BY[i], NULL, &action), 0);
        assert_true(action.sa_handler == SIG_IGN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_that_is_quieted_while_it_starts_stays_quiet),
        cmocka_unit_test(signals_are_ignored_after_the_end),
    };
    return cmocka_run_group_tests_name("launcher", tests, start_server, stop_server);
}
