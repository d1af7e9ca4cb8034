#include "worker/launcher.h"

#include "protocol/identity.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "worker/health.h"
#include "worker/heartbeat_thread.h"
#include "worker/job_flow.h"
#include "worker/metrics.h"
#include "worker/poller_thread.h"
#include "worker/processor.h"
#include "worker/startup.h"
#include "worker/systemd.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_PAUSE   0.5 /* seconds between attempts to start */
#define LONGEST_PAUSE 10.0
#define TICK          0.5 /* seconds */
#define GIVING_UP     3.0 /* seconds for the last settlements after the deadline */
#define STUCK_AFTER   30  /* seconds without a turn of the loop: not alive */

static const int SIGNALS[] = {SIGTERM, SIGINT, SIGTSTP, SIGTTIN, SIGHUP, SIGUSR1, SIGUSR2};

typedef enum { STARTING, RUNNING, QUIET, STOPPING, GAVE_UP } Phase;

typedef struct Launcher {
    const WorkOptions *options;
    const Configuration *configuration;
    const WorkerRegistry *registry;
    ProcessorOptions processor_options;

    struct ev_loop *loop;
    ev_signal signals[G_N_ELEMENTS(SIGNALS)];
    ev_prepare end; /* while stopping */
    ev_timer tick, deadline, watchdog;

    Phase phase;
    gboolean quiet_asked; /* also while starting */
    Schema *schema;
    JobFlow *flow;
    GPtrArray *processors;
    HeartbeatThread *heartbeat;
    PollerThread *poller;
    Health *health;

    gint stopping; /* atomic; for the sessions */
    /* Atomic; for the health server. */
    gint visible_phase, connected;
    gint last_turn; /* monotonic seconds */
} Launcher;

static void set_phase(Launcher *launcher, Phase phase)
{
    launcher->phase = phase;
    g_atomic_int_set(&launcher->visible_phase, (gint)phase);
}

/* --- now and then --- */

static void note_connection(Launcher *launcher)
{
    gint connected = job_flow_connected(launcher->flow);
    if (g_atomic_int_exchange(&launcher->connected, connected) != connected)
        metrics_redis_connected(connected);
}

static void on_tick(struct ev_loop *loop G_GNUC_UNUSED, ev_timer *watcher, int events G_GNUC_UNUSED)
{
    Launcher *launcher = watcher->data;
    g_atomic_int_set(&launcher->last_turn, (gint)(g_get_monotonic_time() / G_USEC_PER_SEC));
    note_connection(launcher);
}

static void on_watchdog(struct ev_loop *loop G_GNUC_UNUSED, ev_timer *watcher G_GNUC_UNUSED,
                        int events G_GNUC_UNUSED)
{
    systemd_notify("WATCHDOG=1");
}

/* --- quiet and stop --- */

static void on_turn(struct ev_loop *loop, ev_prepare *watcher, int events G_GNUC_UNUSED)
{
    const Launcher *launcher = watcher->data;
    if (job_flow_finished(launcher->flow))
        ev_break(loop, EVBREAK_ALL);
}

static void quiet(Launcher *launcher)
{
    launcher->quiet_asked = TRUE;
    if (launcher->phase != RUNNING)
        return;
    log_info("quiet: no more jobs are fetched", NULL);
    set_phase(launcher, QUIET);
    job_flow_quiet(launcher->flow);
    heartbeat_thread_quiet(launcher->heartbeat);
    poller_thread_quiet(launcher->poller);
}

static void stop(Launcher *launcher)
{
    if (launcher->phase >= STOPPING)
        return;
    if (launcher->phase == STARTING)
        ev_break(launcher->loop, EVBREAK_ALL);
    else
        ev_prepare_start(launcher->loop, &launcher->end);
    quiet(launcher);
    log_info("stopping: running jobs have until the timeout", "{s:i}", "timeout_s",
             (int)launcher->options->timeout);
    set_phase(launcher, STOPPING);
    systemd_notify("STOPPING=1");
    g_atomic_int_set(&launcher->stopping, TRUE);
    ev_timer_set(&launcher->deadline, launcher->options->timeout, 0);
    ev_timer_start(launcher->loop, &launcher->deadline);
}

/* First at the end of the timeout, then once more when the last settlements have had their time. */
static void on_deadline(struct ev_loop *loop, ev_timer *watcher, int events G_GNUC_UNUSED)
{
    Launcher *launcher = watcher->data;
    if (launcher->phase == GAVE_UP) {
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    job_flow_give_up(launcher->flow);
    set_phase(launcher, GAVE_UP);
    ev_timer_set(watcher, GIVING_UP, 0);
    ev_timer_start(loop, watcher);
}

/* --- signals --- */

static void log_running(Launcher *launcher)
{
    g_autoptr(GPtrArray) running = manager_running(job_flow_manager(launcher->flow));
    log_info("executors", "{s:i, s:i}", "concurrency", (int)launcher->options->concurrency, "busy",
             (int)running->len);
    for (guint i = 0; i < running->len; i++) {
        const RunningJob *job = running->pdata[i];
        g_autoptr(json_t) payload = json_parse(job->raw, strlen(job->raw), NULL);
        log_info("running", "{s:s, s:s, s:s?, s:s?, s:f}", "tid", job->tid, "queue", job->queue, "class",
                 json_string_field(payload, "class"), "jid", json_string_field(payload, "jid"), "running_s",
                 job_now() - (double)job->run_at);
    }
}

static void on_signal(struct ev_loop *loop G_GNUC_UNUSED, ev_signal *watcher, int events G_GNUC_UNUSED)
{
    Launcher *launcher = watcher->data;
    log_info("signal", "{s:s}", "signal", strsignal(watcher->signum));
    switch (watcher->signum) {
    case SIGTERM:
    case SIGINT:
        stop(launcher);
        break;
    case SIGTSTP:
        quiet(launcher);
        break;
    case SIGTTIN:
        log_running(launcher);
        break;
    default:
        break;
    }
}

/* --- health --- */

static char *not_ready(gpointer user_data)
{
    static const char *const REASONS[] = {
        [STARTING] = "starting", [QUIET] = "quiet", [STOPPING] = "stopping", [GAVE_UP] = "stopping"};
    Launcher *launcher = user_data;
    Phase phase = (Phase)g_atomic_int_get(&launcher->visible_phase);
    if (phase != RUNNING)
        return g_strdup(REASONS[phase]);
    return g_atomic_int_get(&launcher->connected) ? NULL : g_strdup("Redis is not connected");
}

static char *not_alive(gpointer user_data)
{
    Launcher *launcher = user_data;
    gint now = (gint)(g_get_monotonic_time() / G_USEC_PER_SEC);
    gboolean starting = g_atomic_int_get(&launcher->visible_phase) == STARTING;
    gboolean stuck = !starting && now - g_atomic_int_get(&launcher->last_turn) > STUCK_AFTER;
    return stuck ? g_strdup("the event loop does not turn") : NULL;
}

static gboolean start_health(Launcher *launcher, GError **error)
{
    const WorkOptions *options = launcher->options;
    if (!options->health_address && !options->metrics_address)
        return TRUE;
    const HealthOptions health = {
        .health_address = options->health_address,
        .health_port = options->health_port,
        .metrics_address = options->metrics_address,
        .metrics_port = options->metrics_port,
        .not_ready = not_ready,
        .not_alive = not_alive,
        .user_data = launcher,
    };
    launcher->health = health_start(&health, error);
    return launcher->health != NULL;
}

/* --- start --- */

static void on_pause_over(struct ev_loop *loop, ev_timer *watcher G_GNUC_UNUSED, int events G_GNUC_UNUSED)
{
    ev_break(loop, EVBREAK_ALL);
}

/* The loop runs meanwhile, so that signals are heard. FALSE: told to stop. */
static gboolean pause_start(Launcher *launcher, double seconds)
{
    ev_timer timer;
    ev_timer_init(&timer, on_pause_over, seconds, 0);
    ev_timer_start(launcher->loop, &timer);
    ev_run(launcher->loop, 0);
    ev_timer_stop(launcher->loop, &timer);
    return launcher->phase == STARTING;
}

typedef gboolean (*StartStep)(Launcher *launcher, GError **error);

static gboolean check_redis(Launcher *launcher, GError **error)
{
    g_autoptr(Redis) redis = redis_new(launcher->configuration->redis[REDIS_QUEUES]);
    return startup_check_redis(redis, error);
}

static gboolean check_database(Launcher *launcher, GError **error)
{
    return startup_check_database(launcher->configuration, &launcher->schema, error);
}

static gboolean first_heartbeat(Launcher *launcher, GError **error)
{
    return heartbeat_thread_first(launcher->heartbeat, error);
}

/* Servers that are down are waited for. FALSE: refused (the log says why), or told to stop. */
static gboolean attempt(Launcher *launcher, StartStep step)
{
    for (double pause = FIRST_PAUSE;; pause = MIN(pause * 2, LONGEST_PAUSE)) {
        g_autoptr(GError) error = NULL;
        if (step(launcher, &error))
            return TRUE;
        if (!startup_may_retry(error)) {
            log_error("cannot start", error, NULL);
            return FALSE;
        }
        log_error("not ready to start; trying again", error, "{s:f}", "retry_in_s", pause);
        if (!pause_start(launcher, pause))
            return FALSE;
    }
}

static void start_executors(Launcher *launcher)
{
    launcher->processor_options = (ProcessorOptions){
        .manager = job_flow_manager(launcher->flow),
        .work = launcher->options,
        .configuration = launcher->configuration,
        .registry = launcher->registry,
        .schema = launcher->schema,
        .stopping = &launcher->stopping,
    };
    for (guint i = 0; i < launcher->options->concurrency; i++) {
        Processor *processor = processor_new(&launcher->processor_options, i);
        processor_start(processor);
        g_ptr_array_add(launcher->processors, processor);
    }
    metrics_set_concurrency(launcher->options->concurrency);
}

static void start_watchdog(Launcher *launcher)
{
    double interval = systemd_watchdog_interval();
    if (interval <= 0)
        return;
    ev_timer_set(&launcher->watchdog, interval, interval);
    ev_timer_start(launcher->loop, &launcher->watchdog);
}

/* Both heartbeats are in Redis before anything is fetched: other processes take the working lists of those
 * without one. */
static gboolean start(Launcher *launcher)
{
    static const StartStep STEPS[] = {start_health, check_redis, check_database, first_heartbeat};
    for (guint i = 0; i < G_N_ELEMENTS(STEPS); i++) {
        if (!attempt(launcher, STEPS[i]))
            return FALSE;
    }
    heartbeat_thread_start(launcher->heartbeat);
    launcher->poller = poller_thread_start(launcher->options, launcher->configuration, launcher->registry);
    start_executors(launcher);
    job_flow_start(launcher->flow);
    ev_timer_start(launcher->loop, &launcher->tick);
    start_watchdog(launcher);
    set_phase(launcher, RUNNING);
    if (launcher->quiet_asked)
        quiet(launcher);
    systemd_notify("READY=1");
    log_info("ready", "{s:s, s:i}", "identity", process_identity(), "concurrency",
             (int)launcher->options->concurrency);
    return TRUE;
}

static void init_watchers(Launcher *launcher)
{
    for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++) {
        ev_signal_init(&launcher->signals[i], on_signal, SIGNALS[i]);
        launcher->signals[i].data = launcher;
        ev_signal_start(launcher->loop, &launcher->signals[i]);
    }
    ev_prepare_init(&launcher->end, on_turn);
    ev_timer_init(&launcher->tick, on_tick, 0, TICK);
    ev_timer_init(&launcher->deadline, on_deadline, 0, 0);
    ev_timer_init(&launcher->watchdog, on_watchdog, 0, 0);
    launcher->end.data = launcher->tick.data = launcher->deadline.data = launcher;
}

static Launcher *launcher_new(const WorkOptions *options, const Configuration *configuration,
                              const WorkerRegistry *registry)
{
    Launcher *launcher = g_new0(Launcher, 1);
    launcher->options = options;
    launcher->configuration = configuration;
    launcher->registry = registry;
    launcher->loop = ev_loop_new(EVFLAG_AUTO);
    launcher->flow = job_flow_new(launcher->loop, options, configuration, registry);
    launcher->heartbeat = heartbeat_thread_new(options, configuration, job_flow_manager(launcher->flow));
    launcher->processors = g_ptr_array_new_with_free_func((GDestroyNotify)processor_free);
    init_watchers(launcher);
    return launcher;
}

/* --- end --- */

/* FALSE: a thread is stuck and still uses what it was given. */
static gboolean end_threads(Launcher *launcher)
{
    gboolean ended = launcher->phase != GAVE_UP;
    manager_stop(job_flow_manager(launcher->flow));
    for (guint i = 0; ended && i < launcher->processors->len; i++)
        processor_join(launcher->processors->pdata[i]);
    if (launcher->poller && !poller_thread_stop(launcher->poller))
        ended = FALSE;
    return heartbeat_thread_stop(launcher->heartbeat) && ended;
}

/* libev would go on to use the loop for signals that come after it, and the process is to end in good order
 * however often it is told to. */
static void ignore_signals(Launcher *launcher)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++) {
        ev_signal_stop(launcher->loop, &launcher->signals[i]);
        signal(SIGNALS[i], SIG_IGN);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void launcher_free(Launcher *launcher)
{
    ignore_signals(launcher);
    g_clear_pointer(&launcher->health, health_stop);
    g_ptr_array_unref(launcher->processors);
    job_flow_free(launcher->flow);
    g_clear_pointer(&launcher->schema, schema_free);
    ev_loop_destroy(launcher->loop);
    g_free(launcher);
}

int launcher_run(const WorkOptions *options, const Configuration *configuration,
                 const WorkerRegistry *registry)
{
    signal(SIGPIPE, SIG_IGN);
    Launcher *launcher = launcher_new(options, configuration, registry);
    gboolean started = start(launcher);
    if (started)
        ev_run(launcher->loop, 0);
    int status = started || launcher->phase == STOPPING ? EXIT_SUCCESS : EXIT_FAILURE;
    gboolean ended = end_threads(launcher);
    log_info("bye", NULL);
    if (!ended)
        _exit(status);
    launcher_free(launcher);
    return status;
}
