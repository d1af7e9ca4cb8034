#include "worker/heartbeat_thread.h"

#include "protocol/identity.h"
#include "protocol/job.h"
#include "protocol/log.h"
#include "worker/service_thread.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define PAUSE_AFTER_ERROR 1 /* seconds */
#define STOP_WAIT         4 /* seconds; a little more than Redis's timeouts */

struct HeartbeatThread {
    Manager *manager;
    Redis *redis;
    ServiceThread *thread; /* NULL until started */
    gint quiet;            /* atomic */

    ProcessInfo info;
    GPtrArray *queues; /* of const char *, ended by NULL; distinct */
    GArray *weights;   /* of guint */
    GPtrArray *labels; /* of const char *, ended by NULL */
};

static void add_queues(HeartbeatThread *heartbeat, const WorkOptions *options)
{
    for (guint i = 0; i < options->queues->len; i++) {
        const FetchQueue *queue = &g_array_index(options->queues, FetchQueue, i);
        guint weight = options->strict ? 0 : queue->weight;
        g_ptr_array_add(heartbeat->queues, (gpointer)queue->name);
        g_array_append_val(heartbeat->weights, weight);
    }
    g_ptr_array_add(heartbeat->queues, NULL);
}

static void add_labels(HeartbeatThread *heartbeat, const WorkOptions *options)
{
    for (guint i = 0; options->labels && i < options->labels->len; i++)
        g_ptr_array_add(heartbeat->labels, options->labels->pdata[i]);
    g_ptr_array_add(heartbeat->labels, NULL);
}

HeartbeatThread *heartbeat_thread_new(const WorkOptions *options, const Configuration *configuration,
                                      Manager *manager)
{
    HeartbeatThread *heartbeat = g_new0(HeartbeatThread, 1);
    heartbeat->manager = manager;
    heartbeat->redis = redis_new(configuration->redis[REDIS_QUEUES]);
    heartbeat->queues = g_ptr_array_new();
    heartbeat->weights = g_array_new(FALSE, FALSE, sizeof(guint));
    heartbeat->labels = g_ptr_array_new();
    add_queues(heartbeat, options);
    add_labels(heartbeat, options);
    heartbeat->info = (ProcessInfo){
        .identity = process_identity(),
        .hostname = process_hostname(),
        .tag = options->tag ? options->tag : "",
        .version = "hubferry " HUBFERRY_VERSION,
        .started_at = job_now(),
        .concurrency = options->concurrency,
        .queues = (const char *const *)heartbeat->queues->pdata,
        .weights = (const guint *)heartbeat->weights->data,
        .labels = (const char *const *)heartbeat->labels->pdata,
    };
    return heartbeat;
}

static void heartbeat_thread_free(HeartbeatThread *heartbeat)
{
    g_ptr_array_unref(heartbeat->queues);
    g_array_unref(heartbeat->weights);
    g_ptr_array_unref(heartbeat->labels);
    redis_free(heartbeat->redis);
    g_free(heartbeat);
}

/* Quiet and Stop of the Web UI arrive as signals of this process, as if sent from a shell. */
static void raise_signal(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } KNOWN[] = {{"TSTP", SIGTSTP}, {"TERM", SIGTERM}, {"TTIN", SIGTTIN}};

    log_info("the Web UI has sent a signal", "{s:s}", "signal", name);
    for (guint i = 0; i < G_N_ELEMENTS(KNOWN); i++) {
        if (g_str_equal(name, KNOWN[i].name))
            kill(getpid(), KNOWN[i].number);
    }
}

static gboolean beat(HeartbeatThread *heartbeat, GError **error)
{
    g_autoptr(GPtrArray) running = manager_running(heartbeat->manager);
    ProcessState state = {.quiet = g_atomic_int_get(&heartbeat->quiet), .running = running};
    manager_counts(heartbeat->manager, &state.processed, &state.failed);
    gboolean flushed = FALSE;
    g_autofree char *signal = NULL;
    gboolean beaten = heartbeat_beat(heartbeat->redis, &heartbeat->info, &state, &flushed, &signal, error);
    if (flushed)
        manager_counted(heartbeat->manager, state.processed, state.failed);
    if (signal)
        raise_signal(signal);
    return beaten;
}

static gboolean beat_fetcher(HeartbeatThread *heartbeat, GError **error)
{
    return heartbeat_fetcher(heartbeat->redis, heartbeat->info.identity, error);
}

gboolean heartbeat_thread_first(HeartbeatThread *heartbeat, GError **error)
{
    return beat_fetcher(heartbeat, error) && beat(heartbeat, error);
}

typedef gboolean (*Beat)(HeartbeatThread *heartbeat, GError **error);

/* Returns when the next is due, on the monotonic clock. */
static double beat_logged(HeartbeatThread *heartbeat, Beat function, double period, double period_after_error)
{
    g_autoptr(GError) error = NULL;
    gboolean beaten = function(heartbeat, &error);
    if (!beaten)
        log_error("heartbeat failed", error, NULL);
    return (double)g_get_monotonic_time() / G_USEC_PER_SEC + (beaten ? period : period_after_error);
}

static void body(ServiceThread *thread, gpointer user_data)
{
    HeartbeatThread *heartbeat = user_data;
    double now = (double)g_get_monotonic_time() / G_USEC_PER_SEC;
    double next_beat = now + HEARTBEAT_PERIOD;
    double next_fetcher = now + FETCHER_HEARTBEAT_PERIOD;
    gboolean was_quiet = FALSE;
    while (service_thread_sleep(thread, MIN(next_beat, next_fetcher) - now)) {
        now = (double)g_get_monotonic_time() / G_USEC_PER_SEC;
        gboolean quiet = g_atomic_int_get(&heartbeat->quiet);
        if (now >= next_fetcher)
            next_fetcher = beat_logged(heartbeat, beat_fetcher, FETCHER_HEARTBEAT_PERIOD, PAUSE_AFTER_ERROR);
        if (now >= next_beat || quiet != was_quiet)
            next_beat = beat_logged(heartbeat, beat, HEARTBEAT_PERIOD, HEARTBEAT_PERIOD);
        was_quiet = quiet;
        now = (double)g_get_monotonic_time() / G_USEC_PER_SEC;
    }
}

void heartbeat_thread_start(HeartbeatThread *heartbeat)
{
    heartbeat->thread = service_thread_start("heartbeat", body, heartbeat);
}

void heartbeat_thread_quiet(HeartbeatThread *heartbeat)
{
    g_atomic_int_set(&heartbeat->quiet, TRUE);
    if (heartbeat->thread)
        service_thread_wake(heartbeat->thread);
}

static void clear(HeartbeatThread *heartbeat)
{
    g_autoptr(GError) error = NULL;
    guint64 processed, failed;
    manager_counts(heartbeat->manager, &processed, &failed);
    if (!heartbeat_clear(heartbeat->redis, &heartbeat->info, processed, failed, &error))
        log_error("the process could not be taken off Sidekiq's list; its heartbeat will expire", error,
                  NULL);
}

gboolean heartbeat_thread_stop(HeartbeatThread *heartbeat)
{
    if (heartbeat->thread) {
        if (!service_thread_stop(heartbeat->thread, STOP_WAIT))
            return FALSE;
        clear(heartbeat);
    }
    heartbeat_thread_free(heartbeat);
    return TRUE;
}
