#include "protocol/fetch.h"

#include "protocol/async_redis.h"
#include "protocol/fetched_queue.h"
#include "protocol/settlement_sender.h"
#include "protocol/taker.h"

#define RELEASE_AFTER      0.05 /* seconds without capacity after which the watches are ended */
#define UNWATCHED_INTERVAL 1.0  /* seconds between looks into a queue whose watch has no connection */

struct Fetch {
    FetchOptions options;
    AsyncRedis *commands; /* everything but BLMOVE */
    char *commands_name;
    SettlementSender *sender;
    GPtrArray *queues; /* of FetchedQueue */
    GHashTable *queues_by_name;
    Taker *taker;
    guint capacity;
    gboolean quiet;
    ev_async advance; /* never started, only fed: runs once, as the last thing of an iteration with events */
    ev_timer release, unwatched;
};

static FetchedQueue *queue_at(const Fetch *fetch, guint index)
{
    return fetch->queues->pdata[index];
}

static void schedule_advance(gpointer user_data)
{
    Fetch *fetch = user_data;
    ev_feed_event(fetch->options.loop, &fetch->advance, EV_CUSTOM);
}

/* The last goes back first, to the place where it was taken from. */
static void give_back(Fetch *fetch, FetchedQueue *queue, redisReply *const *jobs, gsize n)
{
    for (gsize i = n; i > 0; i--) {
        const redisReply *job = jobs[i - 1];
        fetch_settle(fetch, settlement_requeue(fetched_queue_name(queue), job->str, job->len, TRUE));
    }
    if (n > 0)
        fetched_queue_expect_jobs(queue, TRUE);
}

static void on_arrived(FetchedQueue *queue, redisReply *const *jobs, gsize n, gpointer user_data)
{
    Fetch *fetch = user_data;
    for (gsize i = 0; i < n; i++)
        fetched_queue_add_working(queue, jobs[i]);

    gsize delivered = 0;
    for (; delivered < n && (fetch->capacity > 0 || fetch->quiet); delivered++) {
        const redisReply *job = jobs[delivered];
        if (fetch->capacity > 0)
            fetch->capacity--;
        fetch->options.deliver(fetched_queue_name(queue), job->str, job->len, fetch->options.user_data);
    }
    give_back(fetch, queue, jobs + delivered, n - delivered);
}

static void on_answered(const Settlement *settlement, gpointer user_data)
{
    Fetch *fetch = user_data;
    FetchedQueue *queue = g_hash_table_lookup(fetch->queues_by_name, settlement_queue(settlement));
    gsize length;
    const char *raw = settlement_raw(settlement, &length);
    fetched_queue_remove_working(queue, raw, length);
}

static void on_release(G_GNUC_UNUSED struct ev_loop *loop, ev_timer *timer, G_GNUC_UNUSED int events)
{
    Fetch *fetch = timer->data;
    if (!fetch_connected(fetch))
        return;
    for (guint i = 0; i < fetch->queues->len; i++)
        fetched_queue_release_watch(queue_at(fetch, i));
}

static void on_unwatched(G_GNUC_UNUSED struct ev_loop *loop, ev_timer *timer, G_GNUC_UNUSED int events)
{
    Fetch *fetch = timer->data;
    for (guint i = 0; i < fetch->queues->len; i++)
        if (!fetched_queue_is_watchable(queue_at(fetch, i)))
            fetched_queue_expect_jobs(queue_at(fetch, i), TRUE);
    schedule_advance(fetch);
}

/* A moment without capacity is not worth the commands that end the watches and begin them again. */
static void watch_capacity(Fetch *fetch)
{
    if (fetch->capacity > 0) {
        ev_timer_stop(fetch->options.loop, &fetch->release);
    } else if (!ev_is_active(&fetch->release)) {
        ev_timer_set(&fetch->release, RELEASE_AFTER, 0);
        ev_timer_start(fetch->options.loop, &fetch->release);
    }
}

static void advance_queues(Fetch *fetch)
{
    gboolean may_watch = fetch->capacity > 0 && !fetch->quiet;
    for (guint i = 0; i < fetch->queues->len; i++) {
        fetched_queue_advance(queue_at(fetch, i), may_watch);
        if (fetch->quiet)
            fetched_queue_release_watch(queue_at(fetch, i));
    }
}

static void on_advance(G_GNUC_UNUSED struct ev_loop *loop, ev_async *advance, G_GNUC_UNUSED int events)
{
    Fetch *fetch = advance->data;
    if (fetch_connected(fetch)) {
        advance_queues(fetch);
        if (!fetch->quiet)
            taker_take(fetch->taker, fetch->capacity);
    }
    watch_capacity(fetch);
}

static void on_commands_ready(gpointer user_data)
{
    Fetch *fetch = user_data;
    taker_commands_ready(fetch->taker);
    settlement_sender_resume(fetch->sender);
    for (guint i = 0; i < fetch->queues->len; i++)
        fetched_queue_expect_jobs(queue_at(fetch, i), TRUE);
    schedule_advance(fetch);
}

static void on_commands_lost(gpointer user_data)
{
    Fetch *fetch = user_data;
    taker_commands_lost(fetch->taker);
    for (guint i = 0; i < fetch->queues->len; i++)
        fetched_queue_commands_lost(queue_at(fetch, i));
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

static void add_queue(Fetch *fetch, const FetchQueue *settings)
{
    FetchedQueueOptions options = {
        .loop = fetch->options.loop,
        .redis = fetch->options.redis,
        .identity = fetch->options.identity,
        .name = settings->name,
        .weight = settings->weight,
        .commands = fetch->commands,
        .arrived = on_arrived,
        .changed = schedule_advance,
        .user_data = fetch,
    };
    FetchedQueue *queue = fetched_queue_new(&options);
    g_ptr_array_add(fetch->queues, queue);
    g_hash_table_insert(fetch->queues_by_name, (char *)settings->name, queue);
}

static Taker *make_taker(Fetch *fetch)
{
    TakerOptions options = {
        .commands = fetch->commands,
        .queues = fetch->queues,
        .strict = fetch->options.strict,
        .arrived = on_arrived,
        .changed = schedule_advance,
        .user_data = fetch,
    };
    return taker_new(&options);
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
    fetch->commands = connect_commands(fetch);
    fetch->sender = settlement_sender_new(fetch->commands, on_answered, fetch);
    fetch->queues = g_ptr_array_new_with_free_func((GDestroyNotify)fetched_queue_free);
    fetch->queues_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < options->n_queues; i++)
        add_queue(fetch, &options->queues[i]);
    fetch->taker = make_taker(fetch);
    start_timers(fetch);
    return fetch;
}

void fetch_free(Fetch *fetch)
{
    if (!fetch)
        return;
    ev_timer_stop(fetch->options.loop, &fetch->release);
    ev_timer_stop(fetch->options.loop, &fetch->unwatched);
    async_redis_free(fetch->commands);
    g_free(fetch->commands_name);
    settlement_sender_free(fetch->sender);
    taker_free(fetch->taker);
    g_hash_table_unref(fetch->queues_by_name);
    g_ptr_array_unref(fetch->queues);
    ev_clear_pending(fetch->options.loop, &fetch->advance);
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
    schedule_advance(fetch);
}

void fetch_settle(Fetch *fetch, Settlement *settlement)
{
    const FetchedQueue *queue = g_hash_table_lookup(fetch->queues_by_name, settlement_queue(settlement));
    g_assert(queue);
    settlement_sender_push(fetch->sender, settlement, fetched_queue_working_list(queue));
}

guint fetch_unsettled(const Fetch *fetch)
{
    return settlement_sender_pending(fetch->sender);
}

gboolean fetch_finished(const Fetch *fetch)
{
    if (!fetch->quiet || !fetch_connected(fetch) || fetch_unsettled(fetch) > 0 ||
        !taker_is_idle(fetch->taker))
        return FALSE;
    for (guint i = 0; i < fetch->queues->len; i++)
        if (!fetched_queue_is_at_rest(queue_at(fetch, i)))
            return FALSE;
    return TRUE;
}

gboolean fetch_connected(const Fetch *fetch)
{
    return async_redis_is_ready(fetch->commands);
}
