#include "worker/poller_thread.h"

#include "protocol/cleanup.h"
#include "protocol/heartbeat.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "protocol/scheduled.h"
#include "worker/service_thread.h"

#include <math.h>

#define STOP_WAIT 4 /* seconds; a little more than Redis's timeouts */

struct PollerThread {
    const WorkOptions *options;
    const WorkerRegistry *registry;
    Redis *queues, *queues_metadata;
    ServiceThread *thread;
};

static double now(void)
{
    return (double)g_get_monotonic_time() / G_USEC_PER_SEC;
}

static void log_exhausted(const char *queue, const char *raw, gsize length, gpointer user_data G_GNUC_UNUSED)
{
    g_autoptr(json_t) payload = json_parse(raw, length, NULL);
    log_warn("a dead process's job was interrupted too often: moved to the interrupted set",
             "{s:s, s:s?, s:s?}", "queue", queue, "class", json_string_field(payload, "class"), "jid",
             json_string_field(payload, "jid"));
}

static gboolean recover(PollerThread *poller, GError **error)
{
    gboolean taken = FALSE;
    if (!cleanup_take_lease(poller->queues, poller->options->cleanup_interval, &taken, error))
        return FALSE;
    guint recovered = 0;
    if (taken &&
        !cleanup_working_lists(poller->queues, poller->registry, log_exhausted, NULL, &recovered, error))
        return FALSE;
    if (recovered > 0)
        log_warn("jobs of dead processes were put back", "{s:i}", "jobs", (int)recovered);
    return TRUE;
}

static gboolean enqueue_due(PollerThread *poller, GError **error)
{
    const ScheduledOptions options = {
        .queues = poller->queues,
        .queues_metadata = poller->queues_metadata,
        .registry = poller->registry,
        .all = poller->options->poll_all,
    };
    return scheduled_enqueue_due(&options, NULL, error);
}

static gboolean cleanup_processes(PollerThread *poller, GError **error)
{
    return heartbeat_cleanup_processes(poller->queues, error);
}

static void logged(PollerThread *poller, gboolean (*step)(PollerThread *poller, GError **error),
                   const char *failure)
{
    g_autoptr(GError) error = NULL;
    if (!step(poller, &error))
        log_error(failure, error, NULL);
}

static guint count_processes(PollerThread *poller)
{
    g_autoptr(redisReply) reply = redis_call(poller->queues, NULL, "SCARD", KEY_PROCESSES, NULL);
    return reply && reply->type == REDIS_REPLY_INTEGER ? (guint)reply->integer : 1;
}

static void body(ServiceThread *thread, gpointer user_data)
{
    PollerThread *poller = user_data;
    const WorkOptions *options = poller->options;
    double average = options->average_scheduled_poll_interval;
    double next_poll = options->poll ? now() + scheduled_initial_wait(average) : INFINITY;
    double next_recovery = now();
    logged(poller, cleanup_processes, "dead processes could not be removed");
    do {
        if (now() >= next_recovery) {
            logged(poller, recover, "jobs of dead processes could not be recovered");
            next_recovery = now() + options->lease_interval;
        }
        if (now() >= next_poll) {
            logged(poller, enqueue_due, "the retry and schedule sets could not be polled");
            next_poll = now() + scheduled_poll_interval(count_processes(poller), average);
        }
    } while (service_thread_sleep(thread, MIN(next_poll, next_recovery) - now()));
}

PollerThread *poller_thread_start(const WorkOptions *options, const Configuration *configuration,
                                  const WorkerRegistry *registry)
{
    PollerThread *poller = g_new0(PollerThread, 1);
    poller->options = options;
    poller->registry = registry;
    poller->queues = redis_new(configuration->redis[REDIS_QUEUES]);
    poller->queues_metadata = redis_new(configuration->redis[REDIS_QUEUES_METADATA]);
    poller->thread = service_thread_start("poller", body, poller);
    return poller;
}

void poller_thread_quiet(PollerThread *poller)
{
    service_thread_ask_to_stop(poller->thread);
}

gboolean poller_thread_stop(PollerThread *poller)
{
    if (!service_thread_stop(poller->thread, STOP_WAIT))
        return FALSE;
    redis_free(poller->queues);
    redis_free(poller->queues_metadata);
    g_free(poller);
    return TRUE;
}
