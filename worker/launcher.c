#include "worker/launcher.h"

#include "protocol/fetch.h"
#include "protocol/identity.h"
#include "protocol/interruption.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "worker/health.h"
#include "worker/heartbeat_thread.h"
#include "worker/manager.h"
#include "worker/metrics.h"
#include "worker/poller_thread.h"
#include "worker/prefetch.h"
#include "worker/processor.h"
#include "worker/startup.h"
#include "worker/status_keys.h"
#include "worker/systemd.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_PAUSE   0.5 /* seconds between attempts to start */
#define LONGEST_PAUSE 10.0
#define TICK          0.5   /* seconds */
#define LINGER        0.001 /* seconds between two collections of outcomes while jobs are very short */
#define LINGER_RATE   5000  /* finished jobs per second that call for it */
#define GIVING_UP     3.0   /* seconds for the last settlements after the deadline */
#define STUCK_AFTER   30    /* seconds without a turn of the loop: not alive */

static const int SIGNALS[] = {SIGTERM, SIGINT, SIGTSTP, SIGTTIN, SIGHUP, SIGUSR1, SIGUSR2};

typedef enum { STARTING, RUNNING, QUIET, STOPPING, GAVE_UP } Phase;

typedef struct Launcher {
    const WorkOptions *options;
    const Configuration *configuration;
    const WorkerRegistry *registry;
    ProcessorOptions processor_options;
    FetchOptions fetch_options;

    struct ev_loop *loop;
    ev_signal signals[G_N_ELEMENTS(SIGNALS)];
    ev_async outcomes_ready;
    ev_prepare before_wait;
    ev_timer linger, tick, deadline, watchdog;

    Phase phase;
    Schema *schema;
    Prefetch prefetch;
    Manager *manager;
    gboolean paused; /* the executors */
    GPtrArray *processors;
    Fetch *fetch;
    StatusKeys *status_keys;
    HeartbeatThread *heartbeat;
    PollerThread *poller;
    Health *health;

    gint stopping; /* atomic; for the sessions */
    gint visible_phase, connected,
        last_turn; /* atomic; for the health server. `last_turn`: monotonic seconds */
} Launcher;

static void set_phase(Launcher *launcher, Phase phase)
{
    launcher->phase = phase;
    g_atomic_int_set(&launcher->visible_phase, (gint)phase);
}

/* --- jobs in and out --- */

static void deliver(const char *queue, const char *raw, gsize length, gpointer user_data)
{
    Launcher *launcher = user_data;
    manager_deliver(launcher->manager, queue, raw, length);
}

/* Newest first, each to the front, so that the oldest ends up foremost. */
static void give_back(Launcher *launcher, guint keep)
{
    g_autoptr(GPtrArray) deliveries = manager_take_back(launcher->manager, keep);
    for (guint i = 0; i < deliveries->len; i++) {
        const Delivery *delivery = deliveries->pdata[i];
        fetch_settle(launcher->fetch,
                     settlement_requeue(delivery->queue, delivery->raw, delivery->length, TRUE));
    }
}

static void settle(Settlement *settlement, gpointer user_data)
{
    Launcher *launcher = user_data;
    fetch_settle(launcher->fetch, settlement);
}

static void settle_outcome(Launcher *launcher, Outcome *outcome)
{
    if (outcome->status_key)
        status_keys_add(launcher->status_keys, outcome->status_key, outcome->settlement);
    else
        fetch_settle(launcher->fetch, outcome->settlement);
}

static void settle_outcomes(Launcher *launcher)
{
    double now = ev_now(launcher->loop);
    gboolean linger = prefetch_rate(&launcher->prefetch, now) > LINGER_RATE;
    GArray *outcomes = manager_collect(launcher->manager, linger);
    prefetch_finished(&launcher->prefetch, outcomes->len, now);
    for (guint i = 0; i < outcomes->len; i++)
        settle_outcome(launcher, &g_array_index(outcomes, Outcome, i));
    status_keys_flush(launcher->status_keys);
    if (!linger)
        ev_timer_stop(launcher->loop, &launcher->linger);
    else if (!ev_is_active(&launcher->linger))
        ev_timer_again(launcher->loop, &launcher->linger);
}

static void on_outcomes(struct ev_loop *loop G_GNUC_UNUSED, ev_async *watcher, int events G_GNUC_UNUSED)
{
    settle_outcomes(watcher->data);
}

static void on_linger(struct ev_loop *loop G_GNUC_UNUSED, ev_timer *watcher, int events G_GNUC_UNUSED)
{
    settle_outcomes(watcher->data);
}

static void wake_loop(gpointer user_data)
{
    Launcher *launcher = user_data;
    ev_async_send(launcher->loop, &launcher->outcomes_ready);
}

static void pause_executors(Launcher *launcher, gboolean paused)
{
    if (launcher->paused != paused)
        manager_pause(launcher->manager, paused);
    launcher->paused = paused;
}

/* Without Redis most jobs can only fail, so those that were fetched ahead wait until it is back. */
static void run_jobs(Launcher *launcher)
{
    pause_executors(launcher, !fetch_connected(launcher->fetch));
    manager_hand_over(launcher->manager);
}

static void grant(Launcher *launcher)
{
    guint limit = prefetch_limit(&launcher->prefetch, ev_now(launcher->loop));
    guint in_flight = manager_in_flight(launcher->manager);
    fetch_grant(launcher->fetch, limit > in_flight ? limit - in_flight : 0);
}

/* After quiet. Jobs that were on their way have arrived, or will be found in the working list. */
static gboolean nothing_arrives(const Launcher *launcher)
{
    return fetch_finished(launcher->fetch) || !fetch_connected(launcher->fetch);
}

static gboolean all_settled(const Launcher *launcher)
{
    return manager_in_flight(launcher->manager) == 0 && status_keys_pending(launcher->status_keys) == 0 &&
           fetch_unsettled(launcher->fetch) == 0 && nothing_arrives(launcher);
}

/* Once in each turn of the loop, when everything that has happened has been handled. */
static void on_before_wait(struct ev_loop *loop, ev_prepare *watcher, int events G_GNUC_UNUSED)
{
    Launcher *launcher = watcher->data;
    if (launcher->phase == RUNNING) {
        run_jobs(launcher);
        grant(launcher);
    } else if (nothing_arrives(launcher)) {
        give_back(launcher, 0);
    }
    if (launcher->phase >= STOPPING && all_settled(launcher))
        ev_break(loop, EVBREAK_ALL);
}

/* --- now and then --- */

static void note_connection(Launcher *launcher)
{
    gint connected = fetch_connected(launcher->fetch);
    if (g_atomic_int_exchange(&launcher->connected, connected) != connected)
        metrics_redis_connected(connected);
}

/* Jobs that were fetched ahead when jobs were short, and wait behind long ones now, go back to where another
 * process can take them. After quiet, those that are still here go back, whether more may arrive or not. */
static void on_tick(struct ev_loop *loop, ev_timer *watcher, int events G_GNUC_UNUSED)
{
    Launcher *launcher = watcher->data;
    g_atomic_int_set(&launcher->last_turn, (gint)(g_get_monotonic_time() / G_USEC_PER_SEC));
    note_connection(launcher);
    give_back(launcher, launcher->phase == RUNNING ? prefetch_limit(&launcher->prefetch, ev_now(loop)) : 0);
}

static void on_watchdog(struct ev_loop *loop G_GNUC_UNUSED, ev_timer *watcher G_GNUC_UNUSED,
                        int events G_GNUC_UNUSED)
{
    systemd_notify("WATCHDOG=1");
}

/* --- quiet and stop --- */

static void quiet(Launcher *launcher)
{
    if (launcher->phase != RUNNING)
        return;
    log_info("quiet: no more jobs are fetched", NULL);
    set_phase(launcher, QUIET);
    fetch_quiet(launcher->fetch);
    pause_executors(launcher, TRUE);
    heartbeat_thread_quiet(launcher->heartbeat);
    poller_thread_quiet(launcher->poller);
}

static void stop(Launcher *launcher)
{
    if (launcher->phase == STARTING)
        ev_break(launcher->loop, EVBREAK_ALL);
    if (launcher->phase >= STOPPING)
        return;
    quiet(launcher);
    log_info("stopping: running jobs have until the timeout", "{s:i, s:i}", "timeout_s",
             (int)launcher->options->timeout, "running_jobs",
             launcher->manager ? (int)manager_in_flight(launcher->manager) : 0);
    set_phase(launcher, STOPPING);
    systemd_notify("STOPPING=1");
    g_atomic_int_set(&launcher->stopping, TRUE);
    ev_timer_set(&launcher->deadline, launcher->options->timeout, 0);
    ev_timer_start(launcher->loop, &launcher->deadline);
}

static void push_back_running(Launcher *launcher)
{
    g_autoptr(GPtrArray) running = manager_abandon_running(launcher->manager);
    for (guint i = 0; i < running->len; i++) {
        const Delivery *job = running->pdata[i];
        fetch_settle(launcher->fetch,
                     interruption_settle(job->queue, job->raw, job->length, launcher->registry, NULL));
    }
    log_warn("the timeout is over: running jobs are pushed back as interrupted", "{s:i}", "jobs",
             (int)running->len);
}

/* First at the end of the timeout, then once more when the last settlements have had their time. */
static void on_deadline(struct ev_loop *loop, ev_timer *watcher, int events G_GNUC_UNUSED)
{
    Launcher *launcher = watcher->data;
    if (launcher->phase == GAVE_UP) {
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    settle_outcomes(launcher);
    status_keys_give_up(launcher->status_keys);
    push_back_running(launcher);
    set_phase(launcher, GAVE_UP);
    ev_timer_set(watcher, GIVING_UP, 0);
    ev_timer_start(loop, watcher);
}

/* --- signals --- */

static void log_running(Launcher *launcher)
{
    g_autoptr(GPtrArray) running = manager_running(launcher->manager);
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
        .manager = launcher->manager,
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

static void start_fetching(Launcher *launcher)
{
    launcher->fetch_options = (FetchOptions){
        .loop = launcher->loop,
        .redis = launcher->configuration->redis[REDIS_QUEUES],
        .identity = process_identity(),
        .queues = (const FetchQueue *)launcher->options->queues->data,
        .n_queues = launcher->options->queues->len,
        .strict = launcher->options->strict,
        .deliver = deliver,
        .user_data = launcher,
    };
    launcher->fetch = fetch_new(&launcher->fetch_options);
    const StatusKeysOptions status_keys = {
        .loop = launcher->loop,
        .redis = launcher->configuration->redis[REDIS_QUEUES_METADATA],
        .identity = process_identity(),
        .settle = settle,
        .user_data = launcher,
    };
    launcher->status_keys = status_keys_new(&status_keys);
    prefetch_init(&launcher->prefetch, launcher->options->concurrency, ev_now(launcher->loop));
    ev_prepare_start(launcher->loop, &launcher->before_wait);
    ev_timer_start(launcher->loop, &launcher->tick);
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
    start_fetching(launcher);
    start_watchdog(launcher);
    set_phase(launcher, RUNNING);
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
    ev_async_init(&launcher->outcomes_ready, on_outcomes);
    ev_prepare_init(&launcher->before_wait, on_before_wait);
    ev_timer_init(&launcher->linger, on_linger, 0, LINGER);
    ev_timer_init(&launcher->tick, on_tick, 0, TICK);
    ev_timer_init(&launcher->deadline, on_deadline, 0, 0);
    ev_timer_init(&launcher->watchdog, on_watchdog, 0, 0);
    launcher->outcomes_ready.data = launcher->before_wait.data = launcher->linger.data = launcher;
    launcher->tick.data = launcher->deadline.data = launcher;
    ev_async_start(launcher->loop, &launcher->outcomes_ready);
}

static Launcher *launcher_new(const WorkOptions *options, const Configuration *configuration,
                              const WorkerRegistry *registry)
{
    Launcher *launcher = g_new0(Launcher, 1);
    launcher->options = options;
    launcher->configuration = configuration;
    launcher->registry = registry;
    launcher->loop = ev_loop_new(EVFLAG_AUTO);
    launcher->manager = manager_new(options->concurrency, wake_loop, launcher);
    launcher->heartbeat = heartbeat_thread_new(options, configuration, launcher->manager);
    launcher->processors = g_ptr_array_new_with_free_func((GDestroyNotify)processor_free);
    init_watchers(launcher);
    return launcher;
}

/* --- end --- */

/* FALSE: a thread is stuck and still uses what it was given. */
static gboolean end_threads(Launcher *launcher)
{
    gboolean ended = launcher->phase != GAVE_UP;
    manager_stop(launcher->manager);
    for (guint i = 0; ended && i < launcher->processors->len; i++)
        processor_join(launcher->processors->pdata[i]);
    if (launcher->poller && !poller_thread_stop(launcher->poller))
        ended = FALSE;
    return heartbeat_thread_stop(launcher->heartbeat) && ended;
}

static void launcher_free(Launcher *launcher)
{
    g_clear_pointer(&launcher->health, health_stop);
    g_ptr_array_unref(launcher->processors);
    g_clear_pointer(&launcher->status_keys, status_keys_free);
    g_clear_pointer(&launcher->fetch, fetch_free);
    g_clear_pointer(&launcher->schema, schema_free);
    manager_free(launcher->manager);
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
