#include "protocol/queue_watch.h"

struct QueueWatch {
    QueueWatchOptions options;
    char *name;
    AsyncRedis *redis;
    gboolean parked;
};

static void on_ready(gpointer user_data)
{
    QueueWatch *watch = user_data;
    watch->options.ready(watch->options.user_data);
}

static void on_lost(gpointer user_data)
{
    QueueWatch *watch = user_data;
    gboolean was_parked = watch->parked;
    watch->parked = FALSE;
    watch->options.lost(was_parked, watch->options.user_data);
}

static void on_blmove(const redisReply *reply, gpointer data)
{
    QueueWatch *watch = data;
    if (reply->type == REDIS_REPLY_ERROR) {
        async_redis_drop_refused(watch->redis, reply, "queue cannot be watched");
        return;
    }
    watch->parked = FALSE;
    async_redis_confirm(watch->redis);
    watch->options.ended(reply->type == REDIS_REPLY_STRING ? reply : NULL, watch->options.user_data);
}

void queue_watch_park(QueueWatch *watch)
{
    watch->parked = TRUE;
    async_redis_call(watch->redis, on_blmove, watch, "BLMOVE", watch->options.queue_key,
                     watch->options.working_list, "RIGHT", "LEFT", G_STRINGIFY(QUEUE_WATCH_TIMEOUT), NULL);
}

gboolean queue_watch_is_ready(const QueueWatch *watch)
{
    return async_redis_is_ready(watch->redis);
}

gboolean queue_watch_is_parked(const QueueWatch *watch)
{
    return watch->parked;
}

gint64 queue_watch_client_id(const QueueWatch *watch)
{
    return async_redis_client_id(watch->redis);
}

QueueWatch *queue_watch_new(const QueueWatchOptions *options)
{
    QueueWatch *watch = g_new0(QueueWatch, 1);
    watch->options = *options;
    watch->name = g_strconcat(options->identity, ":watch:", options->queue, NULL);
    AsyncRedisOptions redis = {
        .loop = options->loop,
        .redis = options->redis,
        .name = watch->name,
        .log_level = LOG_DEBUG, /* the fetcher's main connection tells of an outage */
        .reply_timeout = QUEUE_WATCH_TIMEOUT + options->redis->read_timeout_ms / 1000.0,
        .ready = on_ready,
        .lost = on_lost,
        .user_data = watch,
    };
    watch->redis = async_redis_new(&redis);
    return watch;
}

void queue_watch_free(QueueWatch *watch)
{
    if (!watch)
        return;
    async_redis_free(watch->redis);
    g_free(watch->name);
    g_free(watch);
}
