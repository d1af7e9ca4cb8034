#include "protocol/taker.h"

#include "protocol/lua_scripts.h"
#include "protocol/queue_order.h"
#include "protocol/redis_script.h"

#define TAKE_MAX        256 /* jobs in one script call, to keep Redis responsive */
#define TAKES_UNDER_WAY 2   /* so that Redis works while a batch is being delivered */

struct Taker {
    TakerOptions options;
    GPtrArray *takes; /* of Take */
    guint asked;      /* jobs, by `takes` */
};

/* One call of take.lua that is not answered. */
typedef struct Take {
    Taker *taker;
    guint wanted;
    GPtrArray *queues; /* of FetchedQueue, in the order of visiting */
} Take;

static RedisScript take_script = REDIS_SCRIPT(lua_take);

/* Takes ownership of `queues`. */
static Take *take_new(Taker *taker, guint wanted, GPtrArray *queues)
{
    Take *take = g_new(Take, 1);
    *take = (Take){.taker = taker, .wanted = wanted, .queues = queues};
    for (guint i = 0; i < queues->len; i++)
        fetched_queue_begin_take(queues->pdata[i]);
    taker->asked += wanted;
    return take;
}

static void take_free(gpointer data)
{
    Take *take = data;
    for (guint i = 0; i < take->queues->len; i++)
        fetched_queue_end_take(take->queues->pdata[i]);
    take->taker->asked -= take->wanted;
    g_ptr_array_unref(take->queues);
    g_free(take);
}

/* A queue that gave fewer jobs than there was room for is empty now. */
static void receive(const Take *take, const redisReply *reply)
{
    const TakerOptions *options = &take->taker->options;
    gsize room = take->wanted;
    for (gsize i = 0; i < reply->elements; i++) {
        FetchedQueue *queue = take->queues->pdata[i];
        const redisReply *jobs = reply->element[i];
        if (jobs->elements < room)
            fetched_queue_expect_jobs(queue, FALSE);
        room -= jobs->elements;
        options->arrived(queue, jobs->element, jobs->elements, options->user_data);
    }
}

/* Nothing is lost by an error: what it has done is found out after the reconnect. */
static void refused(Taker *taker, const redisReply *reply)
{
    if (g_str_has_prefix(reply->str, "NOSCRIPT"))
        async_redis_load_script(taker->options.commands, take_script.source);
    else
        async_redis_drop_refused(taker->options.commands, reply, "jobs cannot be fetched");
}

static void on_taken(const redisReply *reply, gpointer data)
{
    Take *take = data;
    Taker *taker = take->taker;
    if (reply->type != REDIS_REPLY_ERROR) {
        async_redis_confirm(taker->options.commands);
        receive(take, reply);
    }
    g_ptr_array_remove(taker->takes, take);
    if (reply->type == REDIS_REPLY_ERROR)
        refused(taker, reply);
    taker->options.changed(taker->options.user_data);
}

static void send_take(Take *take)
{
    RedisCommand *command = redis_command_new("EVALSHA", redis_script_sha1(&take_script), NULL);
    redis_command_add_int(command, 2 * (gint64)take->queues->len);
    for (guint i = 0; i < take->queues->len; i++) {
        redis_command_add(command, fetched_queue_key(take->queues->pdata[i]));
        redis_command_add(command, fetched_queue_working_list(take->queues->pdata[i]));
    }
    redis_command_add_int(command, take->wanted);
    async_redis_run(take->taker->options.commands, on_taken, take, command);
}

/* `queues` in a weighted random order. (transfer container) */
static GPtrArray *shuffled(const GPtrArray *queues)
{
    g_autofree guint *weights = g_new(guint, queues->len);
    g_autofree guint *order = g_new(guint, queues->len);
    for (guint i = 0; i < queues->len; i++)
        weights[i] = fetched_queue_weight(queues->pdata[i]);
    queue_order_draw(weights, queues->len, order);

    GPtrArray *drawn = g_ptr_array_sized_new(queues->len);
    for (guint i = 0; i < queues->len; i++)
        g_ptr_array_add(drawn, queues->pdata[order[i]]);
    return drawn;
}

/* Those that can be taken from now, in the order of visiting. (transfer container) */
static GPtrArray *takeable_queues(const Taker *taker)
{
    GPtrArray *takeable = g_ptr_array_new();
    for (guint i = 0; i < taker->options.queues->len; i++)
        if (fetched_queue_is_takeable(taker->options.queues->pdata[i]))
            g_ptr_array_add(takeable, taker->options.queues->pdata[i]);
    if (taker->options.strict || takeable->len < 2)
        return takeable;
    g_autoptr(GPtrArray) in_configured_order = takeable;
    return shuffled(in_configured_order);
}

/* A further take beside one under way only if it is at least as large: small ones are worth waiting to grow.
 */
void taker_take(Taker *taker, guint capacity)
{
    while (capacity > taker->asked && taker->takes->len < TAKES_UNDER_WAY) {
        guint wanted = MIN(capacity - taker->asked, TAKE_MAX);
        g_autoptr(GPtrArray) queues = takeable_queues(taker);
        if (wanted < taker->asked || queues->len == 0)
            return;
        Take *take = take_new(taker, wanted, g_steal_pointer(&queues));
        g_ptr_array_add(taker->takes, take);
        send_take(take);
    }
}

gboolean taker_is_idle(const Taker *taker)
{
    return taker->takes->len == 0;
}

void taker_commands_ready(Taker *taker)
{
    async_redis_load_script(taker->options.commands, take_script.source);
}

void taker_commands_lost(Taker *taker)
{
    g_ptr_array_set_size(taker->takes, 0);
}

Taker *taker_new(const TakerOptions *options)
{
    Taker *taker = g_new0(Taker, 1);
    taker->options = *options;
    taker->takes = g_ptr_array_new_with_free_func(take_free);
    return taker;
}

void taker_free(Taker *taker)
{
    if (!taker)
        return;
    g_ptr_array_unref(taker->takes);
    g_free(taker);
}
