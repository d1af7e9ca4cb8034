#include "protocol/client.h"

#include "protocol/duplicate_jobs.h"
#include "protocol/job_payload.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"
#include "protocol/sidekiq_status.h"

#define BULK_SLICE      1000
#define JID_LENGTH      24
#define PUSHED_ONCE_TTL 604800 /* seconds; as long as Sidekiq may retry an importer's job, and more */

static RedisScript push_once = REDIS_SCRIPT(lua_push_once);

static char *queue_of(const Client *client, const WorkerClass *worker)
{
    const Job *parent = client->parent;
    const WorkerClass *parent_class =
        parent ? worker_registry_find(client->registry, parent->class_name) : NULL;
    return worker_router_queue(client->router, worker, parent_class, parent ? parent->queue : NULL);
}

static guint status_expiration(const WorkerClass *worker, gboolean with_status)
{
    if (worker->status_expiration > 0)
        return worker->status_expiration;
    return with_status ? SIDEKIQ_STATUS_DEFAULT_EXPIRATION : 0;
}

/* The set of what a parent has pushed. (transfer full) */
static char *pushed_key(const Job *parent)
{
    return g_strconcat("hubferry:pushed:", parent->jid, NULL);
}

/* What tells one push of a parent from its others: 40 hex digits. (transfer full) */
static char *name_of_push(const WorkerClass *worker, const json_t *args)
{
    g_autofree char *json = json_dump(args);
    g_autofree char *text = g_strconcat(worker->name, json, NULL);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
}

/* A parent without jid cannot be told from others of its kind. */
static gboolean is_once(const Client *client, const Push *push)
{
    return push->once && client->parent && *client->parent->jid;
}

/* A push that is to happen once has a jid of its own making: executed again after a kill, it finds the cookie
 * and the status key that it has set itself, and does not take them for another job's. (transfer full) */
static char *jid_of(const Client *client, const Push *push)
{
    if (push->jid)
        return g_strdup(push->jid);
    if (!is_once(client, push))
        return job_new_jid();
    g_autofree char *name = name_of_push(push->worker, push->args);
    g_autofree char *text = g_strconcat(client->parent->jid, name, NULL);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
    return g_strndup(digest, JID_LENGTH);
}

/* A payload ready to be written, but for deduplication. `at` 0: now. (transfer full) */
static json_t *new_payload(const Client *client, const Push *push, const char *queue, double at, double now)
{
    g_autofree char *jid = jid_of(client, push);
    json_t *payload = job_payload_new(&(NewJob){
        .worker = push->worker,
        .parent = client->parent,
        .args = push->args,
        .queue = queue,
        .jid = jid,
        .status_expiration = status_expiration(push->worker, push->with_status),
        .created_at = now,
    });
    if (push->rescheduled_once)
        json_object_set_new(payload, "rescheduled_once", json_true());
    json_object_set_new(payload, at > 0 ? "scheduled_at" : "enqueued_at", json_real(at > 0 ? at : now));
    return payload;
}

static gboolean is_deduplicated(const WorkerClass *worker, double at)
{
    return worker->idempotent && worker->deduplicate != DEDUPLICATE_NONE && !(at > 0);
}

/* Steps 1 to 5 of strategies/deduplicates_when_scheduling.rb. */
static gboolean check_duplicate(const Client *client, const Push *push, json_t *payload, gboolean *duplicate,
                                GError **error)
{
    const WorkerClass *worker = push->worker;
    guint ttl = worker->deduplicate_ttl > 0 ? worker->deduplicate_ttl : DUPLICATE_JOBS_DEFAULT_TTL;
    gboolean signals = worker->reschedule_once && !push->rescheduled_once &&
                       worker->deduplicate == DEDUPLICATE_UNTIL_EXECUTED;
    g_autofree char *key =
        duplicate_jobs_idempotency_key(worker->name, push->args, json_string_field(payload, "queue"));
    json_object_set_new(payload, "idempotency_key", json_string(key));

    if (signals && !duplicate_jobs_set_signal(client->queues_metadata, key, ttl, error))
        return FALSE;
    g_autofree char *duplicate_of = NULL;
    if (!duplicate_jobs_check(client->queues_metadata, key, json_string_field(payload, "jid"), ttl,
                              &duplicate_of, error))
        return FALSE;
    *duplicate = duplicate_of != NULL;
    return !signals || *duplicate || duplicate_jobs_delete_signal(client->queues_metadata, key, error);
}

static gboolean set_status(const Client *client, const json_t *payload, GError **error)
{
    gint64 seconds = json_integer_field(payload, "status_expiration", 0);
    return seconds == 0 || sidekiq_status_set(client->queues_metadata, json_string_field(payload, "jid"),
                                              (guint)seconds, error);
}

static gboolean write_once(const Client *client, const Push *push, const char *queue, double at,
                           const char *json, gboolean *pushed, GError **error)
{
    g_autofree char *pushed_set = pushed_key(client->parent);
    g_autofree char *list = key_queue(queue);
    g_autofree char *name = name_of_push(push->worker, push->args);
    RedisCommand *args = redis_command_new(name, NULL);
    redis_command_add_int(args, PUSHED_ONCE_TTL);
    redis_command_add(args, queue);
    if (at > 0)
        redis_command_add_double(args, at);
    else
        redis_command_add(args, "");
    redis_command_add(args, json);
    g_autoptr(redisReply) reply = redis_script_run(
        &push_once, client->queues,
        redis_command_new(pushed_set, at > 0 ? KEY_SCHEDULE : list, KEY_QUEUES, NULL), args, error);
    if (!reply)
        return FALSE;
    *pushed = reply->integer == 1;
    return TRUE;
}

/* Payloads of one queue; `at` is NULL or one time for each. */
static gboolean write_all(const Client *client, const char *queue, const GPtrArray *payloads,
                          const double *at, GError **error)
{
    g_autofree char *list = key_queue(queue);
    GPtrArray *commands = redis_commands_new();
    RedisCommand *push =
        at ? redis_command_new("ZADD", KEY_SCHEDULE, NULL) : redis_command_new("LPUSH", list, NULL);
    for (guint i = 0; i < payloads->len; i++) {
        g_autofree char *json = json_dump(payloads->pdata[i]);
        if (at)
            redis_command_add_double(push, at[i]);
        redis_command_add(push, json);
    }
    if (!at)
        g_ptr_array_add(commands, redis_command_new("SADD", KEY_QUEUES, queue, NULL));
    g_ptr_array_add(commands, push);
    g_autoptr(GPtrArray) replies = redis_pipeline(client->queues, commands, error);
    return replies != NULL;
}

static GPtrArray *payloads_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
}

static gboolean write_push(const Client *client, const Push *push, const char *queue, double at,
                           json_t *payload, gboolean *pushed, GError **error)
{
    if (is_once(client, push)) {
        g_autofree char *json = json_dump(payload);
        return write_once(client, push, queue, at, json, pushed, error);
    }
    g_autoptr(GPtrArray) one = payloads_new();
    g_ptr_array_add(one, json_incref(payload));
    *pushed = TRUE;
    return write_all(client, queue, one, at > 0 ? &at : NULL, error);
}

gboolean client_push(Client *client, const Push *push, char **jid, GError **error)
{
    double now = job_now(), at = push->at > now ? push->at : 0;
    g_autofree char *queue = push->queue ? g_strdup(push->queue) : queue_of(client, push->worker);
    g_autoptr(json_t) payload = new_payload(client, push, queue, at, now);
    if (jid)
        *jid = NULL;

    gboolean duplicate = FALSE, pushed = FALSE;
    if (is_once(client, push) && !client_pushed(client, push->worker, push->args, &pushed, error))
        return FALSE;
    if (pushed)
        return TRUE;
    if (is_deduplicated(push->worker, at) && !check_duplicate(client, push, payload, &duplicate, error))
        return FALSE;
    if (duplicate)
        return TRUE;
    if (!set_status(client, payload, error) || !write_push(client, push, queue, at, payload, &pushed, error))
        return FALSE;
    if (jid && pushed)
        *jid = g_strdup(json_string_field(payload, "jid"));
    return TRUE;
}

gboolean client_pushed(Client *client, const WorkerClass *worker, const json_t *args, gboolean *pushed,
                       GError **error)
{
    *pushed = FALSE;
    if (!client->parent)
        return TRUE;
    g_autofree char *pushed_set = pushed_key(client->parent);
    g_autofree char *name = name_of_push(worker, args);
    g_autoptr(redisReply) reply = redis_call(client->queues, error, "SISMEMBER", pushed_set, name, NULL);
    *pushed = reply && reply->integer == 1;
    return reply != NULL;
}

/* Adds the payload of one job of a bulk push, unless it is a duplicate. */
static gboolean add_bulk_job(const Client *client, const Push *push, const char *queue, double at, double now,
                             GPtrArray *payloads, GError **error)
{
    gboolean duplicate = FALSE;
    g_autoptr(json_t) payload = new_payload(client, push, queue, at, now);
    if (is_deduplicated(push->worker, at) && !check_duplicate(client, push, payload, &duplicate, error))
        return FALSE;
    if (duplicate)
        return TRUE;
    if (!set_status(client, payload, error))
        return FALSE;
    g_ptr_array_add(payloads, g_steal_pointer(&payload));
    return TRUE;
}

static gboolean push_slice(const Client *client, const WorkerClass *worker, const char *queue,
                           const json_t *args_list, gsize from, const char *const *jids, const double *at,
                           double now, GError **error)
{
    g_autoptr(GPtrArray) payloads = payloads_new();
    for (gsize i = from; i < MIN(from + BULK_SLICE, json_array_size(args_list)); i++) {
        const Push push = {
            .worker = worker, .args = json_array_get(args_list, i), .jid = jids ? jids[i] : NULL};
        if (!add_bulk_job(client, &push, queue, at ? at[i] : 0, now, payloads, error))
            return FALSE;
    }
    return payloads->len == 0 || write_all(client, queue, payloads, at ? at + from : NULL, error);
}

gboolean client_push_bulk(Client *client, const WorkerClass *worker, const json_t *args_list,
                          const char *const *jids, const double *at, GError **error)
{
    g_autofree char *queue = queue_of(client, worker);
    double now = job_now();
    for (gsize from = 0; from < json_array_size(args_list); from += BULK_SLICE)
        if (!push_slice(client, worker, queue, args_list, from, jids, at, now, error))
            return FALSE;
    return TRUE;
}

char *client_requeue_text(const json_t *payload, const char *queue)
{
    g_autoptr(json_t) again = json_copy((json_t *)payload);
    json_object_del(again, "at");
    if (queue || !json_object_get(again, "queue"))
        json_object_set_new(again, "queue", json_string(queue ? queue : "default"));
    if (!json_object_get(again, "retry"))
        json_object_set_new(again, "retry", json_true());
    json_object_set_new(again, "enqueued_at", json_real(job_now()));
    return json_dump(again);
}
