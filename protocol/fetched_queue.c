#include "protocol/fetched_queue.h"

#include "protocol/keys.h"
#include "protocol/queue_watch.h"
#include "protocol/working_jobs.h"

struct FetchedQueue {
    FetchedQueueOptions options;
    char *key, *working_list;
    QueueWatch *watch;
    WorkingJobs *working;
    gboolean expects_jobs;
    gboolean releasing; /* CLIENT UNBLOCK has been sent for the watch */
    guint takes;        /* under way */
    enum { RECONCILED, UNRECONCILED, RECONCILING } reconciliation;
};

static void tell_changed(FetchedQueue *queue)
{
    queue->options.changed(queue->options.user_data);
}

static void tell_arrived(FetchedQueue *queue, redisReply *const *jobs, gsize n)
{
    queue->options.arrived(queue, jobs, n, queue->options.user_data);
}

/* Waiting for the comparison of the working list, which needs the queue to be at rest. Without a connection
 * for the watch nobody knows when that will be, and the queue goes on meanwhile. */
static gboolean must_rest(const FetchedQueue *queue)
{
    return queue->reconciliation == RECONCILING ||
           (queue->reconciliation == UNRECONCILED && queue_watch_is_ready(queue->watch));
}

static void on_watch_ready(gpointer user_data)
{
    tell_changed(user_data);
}

static void on_watch_ended(const redisReply *job, gpointer user_data)
{
    FetchedQueue *queue = user_data;
    queue->releasing = FALSE;
    if (job) {
        queue->expects_jobs = TRUE;
        tell_arrived(queue, (redisReply *const[]){(redisReply *)job}, 1);
    }
    tell_changed(queue);
}

static void on_watch_lost(gboolean was_parked, gpointer user_data)
{
    FetchedQueue *queue = user_data;
    queue->releasing = FALSE;
    if (was_parked)
        queue->reconciliation = UNRECONCILED;
    tell_changed(queue);
}

static void on_unblocked(const redisReply *reply, gpointer data)
{
    FetchedQueue *queue = data;
    if (reply->type == REDIS_REPLY_ERROR)
        return; /* not permitted: the BLMOVE ends by its timeout */
    /* 0: it did not wait yet, or not any more */
    if (reply->integer == 0)
        queue->releasing = FALSE;
    tell_changed(queue);
}

void fetched_queue_release_watch(FetchedQueue *queue)
{
    gint64 client_id = queue_watch_client_id(queue->watch);
    if (!queue_watch_is_parked(queue->watch) || queue->releasing || client_id == 0)
        return;
    char number[24];
    g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, client_id);
    queue->releasing = TRUE;
    async_redis_call(queue->options.commands, on_unblocked, queue, "CLIENT", "UNBLOCK", number, NULL);
}

/* Jobs of the working list that are not known here, the first taken first. (transfer container) */
static GPtrArray *unknown_jobs(const FetchedQueue *queue, const redisReply *members)
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
    FetchedQueue *queue = data;
    if (reply->type == REDIS_REPLY_ERROR) {
        async_redis_drop_refused(queue->options.commands, reply, "working list cannot be read");
        return;
    }
    g_autoptr(GPtrArray) unknown = unknown_jobs(queue, reply);
    if (unknown->len > 0)
        log_info("jobs found whose arrival was lost with a Redis connection", "{s:s, s:i}", "queue",
                 queue->options.name, "jobs", (int)unknown->len);
    queue->reconciliation = RECONCILED;
    tell_arrived(queue, (redisReply *const *)unknown->pdata, unknown->len);
    tell_changed(queue);
}

static void reconcile(FetchedQueue *queue)
{
    if (queue->reconciliation != UNRECONCILED || !queue_watch_is_ready(queue->watch) || queue->takes > 0)
        return;
    if (queue_watch_is_parked(queue->watch)) {
        fetched_queue_release_watch(queue);
        return;
    }
    queue->reconciliation = RECONCILING;
    async_redis_call(queue->options.commands, on_working_list, queue, "LRANGE", queue->working_list, "0",
                     "-1", NULL);
}

void fetched_queue_advance(FetchedQueue *queue, gboolean may_watch)
{
    reconcile(queue);
    if (may_watch && !queue->expects_jobs && !must_rest(queue) && queue_watch_is_ready(queue->watch) &&
        !queue_watch_is_parked(queue->watch))
        queue_watch_park(queue->watch);
}

void fetched_queue_commands_lost(FetchedQueue *queue)
{
    queue->releasing = FALSE;
    queue->reconciliation = UNRECONCILED;
}

gboolean fetched_queue_is_takeable(const FetchedQueue *queue)
{
    return queue->expects_jobs && !must_rest(queue);
}

gboolean fetched_queue_is_at_rest(const FetchedQueue *queue)
{
    return queue->reconciliation == RECONCILED && !queue_watch_is_parked(queue->watch);
}

gboolean fetched_queue_is_watchable(const FetchedQueue *queue)
{
    return queue_watch_is_ready(queue->watch);
}

void fetched_queue_expect_jobs(FetchedQueue *queue, gboolean expected)
{
    queue->expects_jobs = expected;
}

void fetched_queue_begin_take(FetchedQueue *queue)
{
    queue->takes++;
}

void fetched_queue_end_take(FetchedQueue *queue)
{
    queue->takes--;
}

void fetched_queue_add_working(FetchedQueue *queue, const redisReply *job)
{
    working_jobs_add(queue->working, job->str, job->len);
}

void fetched_queue_remove_working(FetchedQueue *queue, const char *raw, gsize length)
{
    working_jobs_remove(queue->working, raw, length);
}

const char *fetched_queue_name(const FetchedQueue *queue)
{
    return queue->options.name;
}

guint fetched_queue_weight(const FetchedQueue *queue)
{
    return queue->options.weight;
}

const char *fetched_queue_key(const FetchedQueue *queue)
{
    return queue->key;
}

const char *fetched_queue_working_list(const FetchedQueue *queue)
{
    return queue->working_list;
}

static QueueWatch *new_watch(FetchedQueue *queue)
{
    QueueWatchOptions watch = {
        .loop = queue->options.loop,
        .redis = queue->options.redis,
        .identity = queue->options.identity,
        .queue = queue->options.name,
        .queue_key = queue->key,
        .working_list = queue->working_list,
        .ready = on_watch_ready,
        .ended = on_watch_ended,
        .lost = on_watch_lost,
        .user_data = queue,
    };
    return queue_watch_new(&watch);
}

FetchedQueue *fetched_queue_new(const FetchedQueueOptions *options)
{
    FetchedQueue *queue = g_new0(FetchedQueue, 1);
    queue->options = *options;
    queue->key = key_queue(options->name);
    queue->working_list = key_working_list(options->name, options->identity);
    queue->working = working_jobs_new();
    queue->watch = new_watch(queue);
    return queue;
}

void fetched_queue_free(FetchedQueue *queue)
{
    if (!queue)
        return;
    queue_watch_free(queue->watch);
    working_jobs_free(queue->working);
    g_free(queue->working_list);
    g_free(queue->key);
    g_free(queue);
}
