#include "protocol/cleanup.h"

#include "protocol/identity.h"
#include "protocol/interruption.h"
#include "protocol/keys.h"
#include "protocol/log.h"

#define MOVED_AT_ONCE 100 /* jobs per round trip */

typedef struct Cleanup {
    Redis *redis;
    const WorkerRegistry *registry;
    void (*exhausted)(const char *queue, const char *raw, gsize length, gpointer user_data);
    gpointer user_data;
    guint recovered;
} Cleanup;

gboolean cleanup_take_lease(Redis *redis, guint interval, gboolean *taken, GError **error)
{
    g_autofree char *seconds = g_strdup_printf("%u", interval);
    g_autoptr(redisReply) reply =
        redis_call(redis, error, "SET", KEY_CLEANUP_LEASE, "1", "NX", "EX", seconds, NULL);
    *taken = reply && reply->type != REDIS_REPLY_NIL;
    return reply != NULL;
}

static gboolean owner_is_dead(Redis *redis, const char *identity, gboolean *dead, GError **error)
{
    *dead = FALSE;
    if (g_str_equal(identity, process_identity()))
        return TRUE;
    g_autofree char *key = key_fetcher_heartbeat(identity);
    g_autoptr(redisReply) heartbeat = redis_call(redis, error, "GET", key, NULL);
    *dead = heartbeat && heartbeat->type == REDIS_REPLY_NIL;
    return heartbeat != NULL;
}

/* The script may be unknown to Redis, so it goes along with every batch. */
static GPtrArray *settle_all(Cleanup *cleanup, const char *queue, const char *identity,
                             const redisReply *jobs, gboolean *exhausted, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, redis_command_new("SCRIPT", "LOAD", settlement_script_text(), NULL));
    for (gsize i = jobs->elements; i > 0; i--) {
        const redisReply *job = jobs->element[i - 1];
        g_autoptr(Settlement) settlement =
            interruption_settle(queue, job->str, job->len, cleanup->registry, &exhausted[i - 1]);
        g_ptr_array_add(commands, settlement_command(settlement, identity));
    }
    return redis_pipeline(cleanup->redis, commands, error);
}

/* Another process may have moved some of them at the same time; those answer 0. */
static guint count_moved(Cleanup *cleanup, const char *queue, const redisReply *jobs,
                         const gboolean *exhausted, const GPtrArray *replies)
{
    guint moved = 0;
    for (gsize i = jobs->elements; i > 0; i--) {
        const redisReply *job = jobs->element[i - 1], *reply = replies->pdata[jobs->elements - i + 1];
        if (reply->integer != 1)
            continue;
        moved++;
        if (exhausted[i - 1] && cleanup->exhausted)
            cleanup->exhausted(queue, job->str, job->len, cleanup->user_data);
    }
    return moved;
}

/* The tail of the list, where the jobs are that were taken first. *jobs is how many there were. */
static gboolean move_batch(Cleanup *cleanup, const char *key, const char *queue, const char *identity,
                           gsize *jobs, GError **error)
{
    g_autoptr(redisReply) tail =
        redis_call(cleanup->redis, error, "LRANGE", key, "-" G_STRINGIFY(MOVED_AT_ONCE), "-1", NULL);
    if (!tail)
        return FALSE;
    *jobs = tail->elements;
    if (tail->elements == 0)
        return TRUE;

    gboolean exhausted[MOVED_AT_ONCE];
    g_autoptr(GPtrArray) replies = settle_all(cleanup, queue, identity, tail, exhausted, error);
    if (!replies)
        return FALSE;
    cleanup->recovered += count_moved(cleanup, queue, tail, exhausted, replies);
    return TRUE;
}

static gboolean clean_working_list(Cleanup *cleanup, const char *key, GError **error)
{
    g_autofree char *queue = NULL, *identity = NULL;
    if (!key_parse_working_list(key, &queue, &identity))
        return TRUE;
    gboolean dead;
    if (!owner_is_dead(cleanup->redis, identity, &dead, error))
        return FALSE;
    if (!dead)
        return TRUE;

    guint before = cleanup->recovered;
    gsize jobs;
    do {
        if (!move_batch(cleanup, key, queue, identity, &jobs, error))
            return FALSE;
    } while (jobs > 0);
    log_info("working list of a dead process emptied", "{s:s, s:s, s:i}", "queue", queue, "identity",
             identity, "jobs", (int)(cleanup->recovered - before));
    return TRUE;
}

static gboolean clean_all(Cleanup *cleanup, GError **error)
{
    g_autofree char *cursor = g_strdup("0");
    do {
        g_autoptr(redisReply) page = redis_call(cleanup->redis, error, "SCAN", cursor, "MATCH",
                                                "working:queue:*", "COUNT", "1000", NULL);
        if (!page)
            return FALSE;
        const redisReply *keys = page->element[1];
        for (gsize i = 0; i < keys->elements; i++)
            if (!clean_working_list(cleanup, keys->element[i]->str, error))
                return FALSE;
        g_free(cursor);
        cursor = g_strdup(page->element[0]->str);
    } while (!g_str_equal(cursor, "0"));
    return TRUE;
}

gboolean cleanup_working_lists(Redis *redis, const WorkerRegistry *registry,
                               void (*exhausted)(const char *queue, const char *raw, gsize length,
                                                 gpointer user_data),
                               gpointer user_data, guint *recovered, GError **error)
{
    Cleanup cleanup = {redis, registry, exhausted, user_data, 0};
    gboolean done = clean_all(&cleanup, error);
    if (recovered)
        *recovered = cleanup.recovered;
    return done;
}
