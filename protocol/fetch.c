#include "protocol/fetch.h"

#include "protocol/async_redis.h"
#include "protocol/keys.h"
#include "protocol/lua_scripts.h"
#include "protocol/queue_order.h"
#include "protocol/queue_watch.h"
#include "protocol/redis_script.h"
#include "protocol/settlement_sender.h"
#include "protocol/working_jobs.h"

#define TAKE_MAX           256  /* jobs in one script call, to keep Redis responsive */
#define TAKES_IN_FLIGHT    2    /* so that Redis works while a batch is being delivered */
#define RELEASE_AFTER      0.05 /* seconds without capacity after which the watches are ended */
#define UNWATCHED_INTERVAL 1.0  /* seconds between looks into a queue whose watch has no connection */

/*
 * One queue. It is either expected to have jobs (and part of every take), or watched, or being reconciled:
 * its working list is compared with `working` while nothing else of this queue is in flight.
 */
typedef struct Queue {
    Fetch *fetch;
    const char *name;
    guint weight;
    char *key, *working_list;
    QueueWatch *watch;
    WorkingJobs *working;
    gboolean may_have_jobs;
    gboolean releasing; /* CLIENT UNBLOCK has been sent for the watch */
    guint takes;        /* in flight, with this queue among them */
    enum { RECONCILED, UNRECONCILED, RECONCILING } reconciliation;
} Queue;

/* One call of take.lua that is not answered. */
typedef struct Take {
    Fetch *fetch;
    guint wanted;
    GPtrArray *queues; /* of Queue, in the order of visiting */
} Take;

struct Fetch {
    FetchOptions options;
    AsyncRedis *commands; /* everything but BLMOVE */
    char *commands_name;
    SettlementSender *sender;
    GPtrArray *queues; /* of Queue */
    GHashTable *queues_by_name;
    GPtrArray *takes; /* of Take */
    guint asked;      /* jobs, by `takes` */
    guint capacity;
    gboolean quiet;
    gboolean owes_settled;
    ev_async advance; /* never started, only fed: the last thing to run in an iteration in which something
                         happened */
    ev_timer release, unwatched;
};

static RedisScript take_script = REDIS_SCRIPT(lua_take);

static void schedule_advance(Fetch *fetch)
{
    ev_feed_event(fetch->options.loop, &fetch->advance, EV_CUSTOM);
}

/* --- jobs arrive --- */

/* `jobs` are replies in the order in which they were taken. */
static void receive(Queue *queue, redisReply *const *jobs, gsize n)
{
    Fetch *fetch = queue->fetch;
    for (gsize i = 0; i < n; i++)
        working_jobs_add(queue->working, jobs[i]->str, jobs[i]->len);

    gsize delivered = 0;
    for (; delivered < n && (fetch->capacity > 0 || fetch->quiet); delivered++) {
        const redisReply *job = jobs[delivered];
        if (fetch->capacity > 0)
            fetch->capacity--;
        fetch->options.deliver(queue->name, job->str, job->len, fetch->options.user_data);
    }
    for (gsize i = n; i > delivered; i--) {
        queue->may_have_jobs = TRUE;
        fetch_settle(fetch, settlement_requeue(queue->name, jobs[i - 1]->str, jobs[i - 1]->len, TRUE));
    }
}

static void load_take_script(Fetch *fetch);

/* Nothing is lost: what the script or the list would have told is found out after the reconnect. */
static void refused(Fetch *fetch, const redisReply *reply)
{
    if (g_str_has_prefix(reply->str, "NOSCRIPT")) {
        load_take_script(fetch);
        return;
    }
    if (!async_redis_is_outage(reply))
        log_warn("jobs cannot be fetched", "{s:s}", "reason", reply->str);
    async_redis_drop(fetch->commands, reply->str);
}

/* --- taking --- */

static void take_free(gpointer data)
{
    Take *take = data;
    for (guint i = 0; i < take->queues->len; i++)
        ((Queue *)take->queues->pdata[i])->takes--;
    take->fetch->asked -= take->wanted;
    g_ptr_array_unref(take->queues);
    g_free(take);
}

static void receive_taken(const Take *take, const redisReply *reply)
{
    gsize room = take->wanted;
    for (gsize i = 0; i < reply->elements; i++) {
        Queue *queue = take->queues->pdata[i];
        const redisReply *jobs = reply->element[i];
        if (jobs->elements < room)
            queue->may_have_jobs = FALSE;
        room -= jobs->elements;
        receive(queue, jobs->element, jobs->elements);
    }
}

static void on_taken(const redisReply *reply, gpointer data)
{
    Take *take = data;
    Fetch *fetch = take->fetch;
    if (reply->type == REDIS_REPLY_ERROR) {
        g_ptr_array_remove(fetch->takes, take);
        refused(fetch, reply);
    } else {
        async_redis_confirm(fetch->commands);
        receive_taken(take, reply);
        g_ptr_array_remove(fetch->takes, take);
    }
    schedule_advance(fetch);
}

static void send_take(Fetch *fetch, Take *take)
{
    g_autoptr(RedisCommand) command = redis_command_new("EVALSHA", redis_script_sha1(&take_script), NULL);
    redis_command_add_int(command, 2 * (gint64)take->queues->len);
    for (guint i = 0; i < take->queues->len; i++) {
        const Queue *queue = take->queues->pdata[i];
        redis_command_add(command, queue->key);
        redis_command_add(command, queue->working_list);
    }
    redis_command_add_int(command, take->wanted);
    async_redis_send(fetch->commands, on_taken, take, redis_command_argc(command),
                     redis_command_argv(command), redis_command_lengths(command));
}

/* `queues` in the order in which they are to be visited now. (transfer full) */
static GPtrArray *in_order(const Fetch *fetch, GPtrArray *queues)
{
    if (fetch->options.strict || queues->len < 2)
        return queues;
    g_autoptr(GPtrArray) candidates = queues;
    g_autofree guint *weights = g_new(guint, candidates->len);
    g_autofree guint *order = g_new(guint, candidates->len);
    for (guint i = 0; i < candidates->len; i++)
        weights[i] = ((Queue *)candidates->pdata[i])->weight;
    queue_order_draw(weights, candidates->len, order);

    GPtrArray *drawn = g_ptr_array_sized_new(candidates->len);
    for (guint i = 0; i < candidates->len; i++)
        g_ptr_array_add(drawn, candidates->pdata[order[i]]);
    return drawn;
}

/* Waiting for the working list to be compared, which needs the queue to be at rest. */
static gboolean must_rest(const Queue *queue)
{
    return queue->reconciliation == RECONCILING ||
           (queue->reconciliation == UNRECONCILED && queue_watch_is_ready(queue->watch));
}

static void start_take(Fetch *fetch, guint wanted)
{
    GPtrArray *candidates = g_ptr_array_new();
    for (guint i = 0; i < fetch->queues->len; i++) {
        Queue *queue = fetch->queues->pdata[i];
        if (queue->may_have_jobs && !must_rest(queue))
            g_ptr_array_add(candidates, queue);
    }
    if (candidates->len == 0) {
        g_ptr_array_unref(candidates);
        return;
    }
    Take *take = g_new(Take, 1);
    *take = (Take){.fetch = fetch, .wanted = wanted, .queues = in_order(fetch, candidates)};
    for (guint i = 0; i < take->queues->len; i++)
        ((Queue *)take->queues->pdata[i])->takes++;
    fetch->asked += wanted;
    g_ptr_array_add(fetch->takes, take);
    send_take(fetch, take);
}

/* A further take beside one in flight only if it is at least as large: small ones are worth waiting to grow.
 */
static void take_jobs(Fetch *fetch)
{
    while (!fetch->quiet && fetch->capacity > fetch->asked && fetch->takes->len < TAKES_IN_FLIGHT) {
        guint in_flight = fetch->takes->len, wanted = MIN(fetch->capacity - fetch->asked, TAKE_MAX);
        if (wanted < fetch->asked)
            return;
        start_take(fetch, wanted);
        if (fetch->takes->len == in_flight)
            return;
    }
}

/* --- watching --- */

static void on_unblocked(const redisReply *reply, gpointer data)
{
    Queue *queue = data;
    if (reply->type == REDIS_REPLY_ERROR)
        return; /* not permitted: the BLMOVE ends by its timeout */
    /* 0: it did not wait yet, or not any more */
    if (reply->integer == 0)
        queue->releasing = FALSE;
    schedule_advance(queue->fetch);
}

static void release_watch(Queue *queue)
{
    gint64 client_id = queue_watch_client_id(queue->watch);
    if (!queue_watch_is_parked(queue->watch) || queue->releasing || client_id == 0)
        return;
    char number[24];
    g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, client_id);
    queue->releasing = TRUE;
    async_redis_call(queue->fetch->commands, on_unblocked, queue, "CLIENT", "UNBLOCK", number, NULL);
}

static void on_release(G_GNUC_UNUSED struct ev_loop *loop, ev_timer *timer, G_GNUC_UNUSED int events)
{
    Fetch *fetch = timer->data;
    if (!async_redis_is_ready(fetch->commands))
        return;
    for (guint i = 0; i < fetch->queues->len; i++)
        release_watch(fetch->queues->pdata[i]);
}

static void watch_capacity(Fetch *fetch)
{
    if (fetch->capacity > 0)
        ev_timer_stop(fetch->options.loop, &fetch->release);
    else if (!ev_is_active(&fetch->release)) {
        ev_timer_set(&fetch->release, RELEASE_AFTER, 0);
        ev_timer_start(fetch->options.loop, &fetch->release);
    }
}

static void on_watch_ready(gpointer user_data)
{
    Queue *queue = user_data;
    schedule_advance(queue->fetch);
}

static void on_watch_ended(const redisReply *job, gpointer user_data)
{
    Queue *queue = user_data;
    queue->releasing = FALSE;
    if (job) {
        queue->may_have_jobs = TRUE;
        receive(queue, (redisReply *const[]){(redisReply *)job}, 1);
    }
    schedule_advance(queue->fetch);
}

static void on_watch_lost(gboolean was_parked, gpointer user_data)
{
    Queue *queue = user_data;
    queue->releasing = FALSE;
    if (was_parked)
        queue->reconciliation = UNRECONCILED;
    schedule_advance(queue->fetch);
}

static void on_unwatched(G_GNUC_UNUSED struct ev_loop *loop, ev_timer *timer, G_GNUC_UNUSED int events)
{
    Fetch *fetch = timer->data;
    for (guint i = 0; i < fetch->queues->len; i++) {
        Queue *queue = fetch->queues->pdata[i];
        if (!queue_watch_is_ready(queue->watch))
            queue->may_have_jobs = TRUE;
    }
    schedule_advance(fetch);
}

/* --- reconciling --- */

/* Jobs of the working list that are not known here, the first taken first. (transfer container) */
static GPtrArray *unknown_jobs(const Queue *queue, const redisReply *members)
{
    g_autoptr(WorkingJobs) seen = working_jobs_new();
    GPtrArray *unknown = g_ptr_array_new();
    for (gsize i = members->elements; i > 0; i--) {
        redisReply *job = members->element[i - 1];
        if (working_jobs_add(seen, job->str, job->len) >
            working_jobs_count(queue->working, job->str, job->len))
            g_ptr_array_add(unknown, job);
    }
    return unknown;
}

static void on_working_list(const redisReply *reply, gpointer data)
{
    Queue *queue = data;
    if (reply->type == REDIS_REPLY_ERROR) {
        queue->reconciliation = UNRECONCILED;
        refused(queue->fetch, reply);
        return;
    }
    g_autoptr(GPtrArray) unknown = unknown_jobs(queue, reply);
    if (unknown->len > 0)
        log_info("jobs found whose arrival was lost with a Redis connection", "{s:s, s:i}", "queue",
                 queue->name, "jobs", (int)unknown->len);
    queue->reconciliation = RECONCILED;
    receive(queue, (redisReply *const *)unknown->pdata, unknown->len);
    schedule_advance(queue->fetch);
}

static void reconcile(Queue *queue)
{
    if (queue->reconciliation != UNRECONCILED || !queue_watch_is_ready(queue->watch) || queue->takes > 0)
        return;
    if (queue_watch_is_parked(queue->watch)) {
        release_watch(queue);
        return;
    }
    queue->reconciliation = RECONCILING;
    async_redis_call(queue->fetch->commands, on_working_list, queue, "LRANGE", queue->working_list, "0", "-1",
                     NULL);
}

/* --- the state machine --- */

static gboolean may_park(const Queue *queue)
{
    const Fetch *fetch = queue->fetch;
    return !fetch->quiet && fetch->capacity > 0 && !queue->may_have_jobs && !must_rest(queue) &&
           queue_watch_is_ready(queue->watch) && !queue_watch_is_parked(queue->watch);
}

static void advance_queue(Queue *queue)
{
    reconcile(queue);
    if (may_park(queue))
        queue_watch_park(queue->watch);
    else if (queue->fetch->quiet)
        release_watch(queue);
}

static void tell_settled(Fetch *fetch)
{
    if (!fetch->owes_settled || fetch_unsettled(fetch) > 0 || (fetch->quiet && !fetch_finished(fetch)))
        return;
    fetch->owes_settled = FALSE;
    if (fetch->options.settled)
        fetch->options.settled(fetch->options.user_data);
}

static void on_advance(G_GNUC_UNUSED struct ev_loop *loop, ev_async *advance, G_GNUC_UNUSED int events)
{
    Fetch *fetch = advance->data;
    if (async_redis_is_ready(fetch->commands)) {
        for (guint i = 0; i < fetch->queues->len; i++)
            advance_queue(fetch->queues->pdata[i]);
        take_jobs(fetch);
    }
    watch_capacity(fetch);
    tell_settled(fetch);
}

static void on_answered(const Settlement *settlement, gpointer user_data)
{
    Fetch *fetch = user_data;
    Queue *queue = g_hash_table_lookup(fetch->queues_by_name, settlement_queue(settlement));
    gsize length;
    const char *raw = settlement_raw(settlement, &length);
    working_jobs_remove(queue->working, raw, length);
    fetch->owes_settled = TRUE;
    schedule_advance(fetch);
}

static void on_script_loaded(const redisReply *reply, gpointer data)
{
    Fetch *fetch = data;
    if (reply->type == REDIS_REPLY_ERROR)
        async_redis_drop(fetch->commands, reply->str);
}

static void load_take_script(Fetch *fetch)
{
    async_redis_call(fetch->commands, on_script_loaded, fetch, "SCRIPT", "LOAD", take_script.source, NULL);
}

static void on_commands_ready(gpointer user_data)
{
    Fetch *fetch = user_data;
    load_take_script(fetch);
    settlement_sender_resume(fetch->sender);
    for (guint i = 0; i < fetch->queues->len; i++)
        ((Queue *)fetch->queues->pdata[i])->may_have_jobs = TRUE;
    schedule_advance(fetch);
}

static void on_commands_lost(gpointer user_data)
{
    Fetch *fetch = user_data;
    g_ptr_array_set_size(fetch->takes, 0);
    for (guint i = 0; i < fetch->queues->len; i++) {
        Queue *queue = fetch->queues->pdata[i];
        queue->releasing = FALSE;
        queue->reconciliation = UNRECONCILED;
    }
    schedule_advance(fetch);
}

/* --- the object --- */

static Queue *queue_new(Fetch *fetch, const FetchQueue *settings)
{
    const FetchOptions *options = &fetch->options;
    Queue *queue = g_new0(Queue, 1);
    queue->fetch = fetch;
    queue->name = settings->name;
    queue->weight = settings->weight;
    queue->key = key_queue(settings->name);
    queue->working_list = key_working_list(settings->name, options->identity);
    queue->working = working_jobs_new();
    QueueWatchOptions watch = {
        .loop = options->loop,
        .redis = options->redis,
        .identity = options->identity,
        .queue = queue->name,
        .queue_key = queue->key,
        .working_list = queue->working_list,
        .ready = on_watch_ready,
        .ended = on_watch_ended,
        .lost = on_watch_lost,
        .user_data = queue,
    };
    queue->watch = queue_watch_new(&watch);
    return queue;
}

static void queue_free(gpointer data)
{
    Queue *queue = data;
    queue_watch_free(queue->watch);
    working_jobs_free(queue->working);
    g_free(queue->working_list);
    g_free(queue->key);
    g_free(queue);
}

static AsyncRedis *connect_commands(Fetch *fetch)
{
    const FetchOptions *options = &fetch->options;
    fetch->commands_name = g_strconcat(options->identity, ":fetch", NULL);
    AsyncRedisOptions redis = {
        .loop = options->loop,
        .redis = options->redis,
        .name = fetch->commands_name,
        .log_level = LOG_WARN,
        .reply_timeout = options->redis->read_timeout_ms / 1000.0,
        .ready = on_commands_ready,
        .lost = on_commands_lost,
        .user_data = fetch,
    };
    return async_redis_new(&redis);
}

static void start_timers(Fetch *fetch)
{
    ev_init(&fetch->advance, on_advance);
    ev_set_priority(&fetch->advance, EV_MINPRI);
    ev_init(&fetch->release, on_release);
    ev_timer_init(&fetch->unwatched, on_unwatched, UNWATCHED_INTERVAL, UNWATCHED_INTERVAL);
    fetch->advance.data = fetch->release.data = fetch->unwatched.data = fetch;
    ev_timer_start(fetch->options.loop, &fetch->unwatched);
}

Fetch *fetch_new(const FetchOptions *options)
{
    Fetch *fetch = g_new0(Fetch, 1);
    fetch->options = *options;
    start_timers(fetch);
    fetch->takes = g_ptr_array_new_with_free_func(take_free);
    fetch->commands = connect_commands(fetch);
    fetch->sender = settlement_sender_new(fetch->commands, on_answered, fetch);
    fetch->queues = g_ptr_array_new_with_free_func(queue_free);
    fetch->queues_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < options->n_queues; i++) {
        Queue *queue = queue_new(fetch, &options->queues[i]);
        g_ptr_array_add(fetch->queues, queue);
        g_hash_table_insert(fetch->queues_by_name, (char *)queue->name, queue);
    }
    return fetch;
}

void fetch_free(Fetch *fetch)
{
    if (!fetch)
        return;
    ev_timer_stop(fetch->options.loop, &fetch->release);
    ev_timer_stop(fetch->options.loop, &fetch->unwatched);
    ev_clear_pending(fetch->options.loop, &fetch->advance);
    async_redis_free(fetch->commands);
    g_free(fetch->commands_name);
    settlement_sender_free(fetch->sender);
    g_ptr_array_unref(fetch->takes);
    g_hash_table_unref(fetch->queues_by_name);
    g_ptr_array_unref(fetch->queues);
    g_free(fetch);
}

void fetch_grant(Fetch *fetch, guint capacity)
{
    fetch->capacity = capacity;
    schedule_advance(fetch);
}

void fetch_quiet(Fetch *fetch)
{
    fetch->quiet = TRUE;
    fetch->owes_settled = TRUE;
    schedule_advance(fetch);
}

void fetch_settle(Fetch *fetch, Settlement *settlement)
{
    const Queue *queue = g_hash_table_lookup(fetch->queues_by_name, settlement_queue(settlement));
    g_assert(queue);
    settlement_sender_push(fetch->sender, settlement, queue->working_list);
}

guint fetch_unsettled(const Fetch *fetch)
{
    return settlement_sender_pending(fetch->sender);
}

static gboolean at_rest(const Queue *queue)
{
    return queue->reconciliation == RECONCILED && !queue_watch_is_parked(queue->watch);
}

gboolean fetch_finished(const Fetch *fetch)
{
    if (!fetch->quiet || !fetch_connected(fetch) || fetch_unsettled(fetch) > 0 || fetch->takes->len > 0)
        return FALSE;
    for (guint i = 0; i < fetch->queues->len; i++)
        if (!at_rest(fetch->queues->pdata[i]))
            return FALSE;
    return TRUE;
}

gboolean fetch_connected(const Fetch *fetch)
{
    return async_redis_is_ready(fetch->commands);
}
