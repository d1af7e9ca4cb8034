#include "worker/status_keys.h"

#include "protocol/async_redis.h"

typedef struct Batch {
    StatusKeys *status;
    GPtrArray *keys;
    GPtrArray *settlements; /* NULL where passed on */
    GList link;             /* in `sent` */
} Batch;

struct StatusKeys {
    StatusKeysOptions options;
    char *name;
    AsyncRedis *redis;
    Batch *next; /* being filled */
    GQueue sent; /* of Batch, not answered */
    guint pending;
};

static Batch *batch_new(StatusKeys *status)
{
    Batch *batch = g_new0(Batch, 1);
    batch->status = status;
    batch->keys = g_ptr_array_new_with_free_func(g_free);
    batch->settlements = g_ptr_array_new_with_free_func((GDestroyNotify)settlement_free);
    batch->link.data = batch;
    return batch;
}

static void batch_free(Batch *batch)
{
    g_ptr_array_unref(batch->keys);
    g_ptr_array_unref(batch->settlements);
    g_free(batch);
}

static void settle(Batch *batch)
{
    StatusKeys *status = batch->status;
    status->pending -= batch->settlements->len;
    for (guint i = 0; i < batch->settlements->len; i++)
        status->options.settle(g_steal_pointer(&batch->settlements->pdata[i]), status->options.user_data);
}

static void on_deleted(const redisReply *reply, gpointer data)
{
    Batch *batch = data;
    StatusKeys *status = batch->status;
    if (async_redis_is_outage(reply)) {
        async_redis_drop(status->redis, reply->str);
        return;
    }
    if (reply->type == REDIS_REPLY_ERROR)
        log_warn("Redis refused to delete status keys; they will expire", "{s:s}", "reason", reply->str);
    else
        async_redis_confirm(status->redis);
    g_queue_unlink(&status->sent, &batch->link);
    settle(batch);
    batch_free(batch);
}

static void send_batch(Batch *batch)
{
    RedisCommand *command = redis_command_new("UNLINK", NULL);
    for (guint i = 0; i < batch->keys->len; i++)
        redis_command_add(command, batch->keys->pdata[i]);
    async_redis_run(batch->status->redis, on_deleted, batch, command);
}

static void on_ready(gpointer user_data)
{
    StatusKeys *status = user_data;
    for (GList *link = status->sent.head; link; link = link->next)
        send_batch(link->data);
}

/* What was sent is sent again at the next on_ready(). */
static void on_lost(gpointer user_data G_GNUC_UNUSED)
{
}

StatusKeys *status_keys_new(const StatusKeysOptions *options)
{
    StatusKeys *status = g_new0(StatusKeys, 1);
    status->options = *options;
    status->name = g_strconcat(options->identity, ":status", NULL);
    status->next = batch_new(status);
    g_queue_init(&status->sent);
    const AsyncRedisOptions redis = {
        .loop = options->loop,
        .redis = options->redis,
        .name = status->name,
        .log_level = LOG_WARN,
        .reply_timeout = options->redis->read_timeout_ms / 1000.0,
        .ready = on_ready,
        .lost = on_lost,
        .user_data = status,
    };
    status->redis = async_redis_new(&redis);
    return status;
}

void status_keys_free(StatusKeys *status)
{
    if (!status)
        return;
    async_redis_free(status->redis);
    GList *link;
    while ((link = g_queue_pop_head_link(&status->sent)))
        batch_free(link->data);
    batch_free(status->next);
    g_free(status->name);
    g_free(status);
}

void status_keys_add(StatusKeys *status, char *key, Settlement *settlement)
{
    g_ptr_array_add(status->next->keys, key);
    g_ptr_array_add(status->next->settlements, settlement);
    status->pending++;
}

void status_keys_flush(StatusKeys *status)
{
    Batch *batch = status->next;
    if (batch->keys->len == 0)
        return;
    status->next = batch_new(status);
    g_queue_push_tail_link(&status->sent, &batch->link);
    if (async_redis_is_ready(status->redis))
        send_batch(batch);
}

guint status_keys_pending(const StatusKeys *status)
{
    return status->pending;
}

void status_keys_give_up(StatusKeys *status)
{
    status_keys_flush(status);
    for (GList *link = status->sent.head; link; link = link->next) {
        Batch *batch = link->data;
        settle(batch);
        g_ptr_array_set_size(batch->settlements, 0);
    }
}
