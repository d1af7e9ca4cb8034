#include "worker/job_flow.h"

#include "protocol/fetch.h"
#include "protocol/identity.h"
#include "protocol/interruption.h"
#include "protocol/log.h"
#include "worker/prefetch.h"
#include "worker/status_keys.h"

#define TICK        0.5   /* seconds */
#define LINGER      0.001 /* seconds between two collections of outcomes while jobs are very short */
#define LINGER_RATE 5000  /* finished jobs per second that call for it */

struct JobFlow {
    struct ev_loop *loop;
    const WorkOptions *options;
    const WorkerRegistry *registry;
    const RedisSettings *queues, *queues_metadata;
    FetchOptions fetch_options;
    Fetch *fetch; /* NULL until started */
    StatusKeys *status_keys;
    Manager *manager;
    Prefetch prefetch;
    gboolean quiet;
    gboolean paused; /* the executors */
    ev_async outcomes_ready;
    ev_prepare before_wait;
    ev_timer linger, tick;
};

static void deliver(const char *queue, const char *raw, gsize length, gpointer user_data)
{
    JobFlow *flow = user_data;
    manager_deliver(flow->manager, queue, raw, length);
}

/* Newest first, each to the front, so that the oldest ends up foremost. */
static void give_back(JobFlow *flow, guint keep)
{
    g_autoptr(GPtrArray) deliveries = manager_take_back(flow->manager, keep);
    for (guint i = 0; i < deliveries->len; i++) {
        const Delivery *delivery = deliveries->pdata[i];
        fetch_settle(flow->fetch, settlement_requeue(delivery->queue, delivery->raw, delivery->length, TRUE));
    }
}

static void settle(Settlement *settlement, gpointer user_data)
{
    JobFlow *flow = user_data;
    fetch_settle(flow->fetch, settlement);
}

static void settle_outcome(JobFlow *flow, Outcome *outcome)
{
    if (outcome->status_key)
        status_keys_add(flow->status_keys, outcome->status_key, outcome->settlement);
    else
        fetch_settle(flow->fetch, outcome->settlement);
}

static void settle_outcomes(JobFlow *flow)
{
    double now = ev_now(flow->loop);
    gboolean linger = prefetch_rate(&flow->prefetch, now) > LINGER_RATE;
    GArray *outcomes = manager_collect(flow->manager, linger);
    prefetch_finished(&flow->prefetch, outcomes->len, now);
    for (guint i = 0; i < outcomes->len; i++)
        settle_outcome(flow, &g_array_index(outcomes, Outcome, i));
    status_keys_flush(flow->status_keys);
    if (!linger)
        ev_timer_stop(flow->loop, &flow->linger);
    else if (!ev_is_active(&flow->linger))
        ev_timer_again(flow->loop, &flow->linger);
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
    JobFlow *flow = user_data;
    ev_async_send(flow->loop, &flow->outcomes_ready);
}

static void pause_executors(JobFlow *flow, gboolean paused)
{
    if (flow->paused != paused)
        manager_pause(flow->manager, paused);
    flow->paused = paused;
}

/* Without Redis most jobs can only fail, so those that were fetched ahead wait until it is back. */
static void run_jobs(JobFlow *flow)
{
    pause_executors(flow, !fetch_connected(flow->fetch));
    manager_hand_over(flow->manager);
}

static guint limit_of(JobFlow *flow)
{
    return prefetch_limit(&flow->prefetch, manager_occupied(flow->manager), ev_now(flow->loop));
}

static void grant(JobFlow *flow)
{
    guint limit = limit_of(flow);
    guint in_flight = manager_in_flight(flow->manager);
    fetch_grant(flow->fetch, limit > in_flight ? limit - in_flight : 0);
}

/* After quiet. Jobs that were on their way have arrived, or will be found in the working list. */
static gboolean nothing_arrives(const JobFlow *flow)
{
    return fetch_finished(flow->fetch) || !fetch_connected(flow->fetch);
}

/* Once in each turn of the loop, when everything that has happened has been handled. */
static void on_before_wait(struct ev_loop *loop G_GNUC_UNUSED, ev_prepare *watcher, int events G_GNUC_UNUSED)
{
    JobFlow *flow = watcher->data;
    if (!flow->quiet) {
        run_jobs(flow);
        grant(flow);
    } else if (nothing_arrives(flow)) {
        give_back(flow, 0);
    }
}

/* Jobs that were fetched ahead when jobs were short, and wait behind long ones now, go back to where another
 * process can take them. After quiet, those that are still here go back, whether more may arrive or not. */
static void on_tick(struct ev_loop *loop G_GNUC_UNUSED, ev_timer *watcher, int events G_GNUC_UNUSED)
{
    JobFlow *flow = watcher->data;
    give_back(flow, flow->quiet ? 0 : limit_of(flow));
}

static void init_watchers(JobFlow *flow)
{
    ev_async_init(&flow->outcomes_ready, on_outcomes);
    ev_prepare_init(&flow->before_wait, on_before_wait);
    ev_timer_init(&flow->linger, on_linger, 0, LINGER);
    ev_timer_init(&flow->tick, on_tick, TICK, TICK);
    flow->outcomes_ready.data = flow->before_wait.data = flow->linger.data = flow->tick.data = flow;
    ev_async_start(flow->loop, &flow->outcomes_ready);
}

JobFlow *job_flow_new(struct ev_loop *loop, const WorkOptions *options, const Configuration *configuration,
                      const WorkerRegistry *registry)
{
    JobFlow *flow = g_new0(JobFlow, 1);
    flow->loop = loop;
    flow->options = options;
    flow->registry = registry;
    flow->queues = configuration->redis[REDIS_QUEUES];
    flow->queues_metadata = configuration->redis[REDIS_QUEUES_METADATA];
    flow->manager = manager_new(options->concurrency, wake_loop, flow);
    init_watchers(flow);
    return flow;
}

void job_flow_free(JobFlow *flow)
{
    g_clear_pointer(&flow->status_keys, status_keys_free);
    g_clear_pointer(&flow->fetch, fetch_free);
    manager_free(flow->manager);
    ev_async_stop(flow->loop, &flow->outcomes_ready);
    ev_prepare_stop(flow->loop, &flow->before_wait);
    ev_timer_stop(flow->loop, &flow->linger);
    ev_timer_stop(flow->loop, &flow->tick);
    g_free(flow);
}

Manager *job_flow_manager(const JobFlow *flow)
{
    return flow->manager;
}

void job_flow_start(JobFlow *flow)
{
    flow->fetch_options = (FetchOptions){
        .loop = flow->loop,
        .redis = flow->queues,
        .identity = process_identity(),
        .queues = (const FetchQueue *)flow->options->queues->data,
        .n_queues = flow->options->queues->len,
        .strict = flow->options->strict,
        .deliver = deliver,
        .user_data = flow,
    };
    const StatusKeysOptions status_keys = {
        .loop = flow->loop,
        .redis = flow->queues_metadata,
        .identity = process_identity(),
        .settle = settle,
        .user_data = flow,
    };
    flow->fetch = fetch_new(&flow->fetch_options);
    flow->status_keys = status_keys_new(&status_keys);
    prefetch_init(&flow->prefetch, ev_now(flow->loop));
    ev_prepare_start(flow->loop, &flow->before_wait);
    ev_timer_start(flow->loop, &flow->tick);
}

gboolean job_flow_connected(const JobFlow *flow)
{
    return fetch_connected(flow->fetch);
}

void job_flow_quiet(JobFlow *flow)
{
    flow->quiet = TRUE;
    fetch_quiet(flow->fetch);
    pause_executors(flow, TRUE);
}

static void push_back_running(JobFlow *flow)
{
    g_autoptr(GPtrArray) running = manager_abandon_running(flow->manager);
    for (guint i = 0; i < running->len; i++) {
        const Delivery *job = running->pdata[i];
        fetch_settle(flow->fetch,
                     interruption_settle(job->queue, job->raw, job->length, flow->registry, NULL));
    }
    log_warn("the timeout is over: running jobs are pushed back as interrupted", "{s:i}", "jobs",
             (int)running->len);
}

void job_flow_give_up(JobFlow *flow)
{
    settle_outcomes(flow);
    status_keys_give_up(flow->status_keys);
    push_back_running(flow);
}

gboolean job_flow_finished(const JobFlow *flow)
{
    return manager_in_flight(flow->manager) == 0 && status_keys_pending(flow->status_keys) == 0 &&
           fetch_unsettled(flow->fetch) == 0 && nothing_arrives(flow);
}
