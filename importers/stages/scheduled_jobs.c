#include "importers/stages/scheduled_jobs.h"

#include "importers/gitlab/etag_cache.h"
#include "importers/gitlab/object_counter.h"
#include "importers/import_metrics.h"
#include "protocol/import_caching.h"
#include "protocol/job_waiter.h"
#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"

#define JID_LENGTH 24

static RedisScript record_scheduled = REDIS_SCRIPT(lua_record_scheduled);

struct ScheduledJobs {
    Session *session; /* borrowed */
    gint64 project_id;
    char *already_imported, *job_waiter, *remaining; /* raw keys */
    char *waiter;
    gint64 count;
};

static Redis *shared_state(const ScheduledJobs *jobs)
{
    return session_redis(jobs->session, REDIS_SHARED_STATE);
}

static char *key_of(const char *kind, gint64 project_id, const char *collection)
{
    return g_strdup_printf("github-importer/%s/%" G_GINT64_FORMAT "/%s", kind, project_id, collection);
}

static gboolean find_waiter(ScheduledJobs *jobs, GError **error)
{
    if (!cache_read(shared_state(jobs), jobs->job_waiter, &jobs->waiter, error))
        return FALSE;
    if (jobs->waiter && *jobs->waiter)
        return TRUE;
    g_free(jobs->waiter);
    jobs->waiter = job_waiter_new_key();
    return cache_write(shared_state(jobs), jobs->job_waiter, jobs->waiter, CACHE_TIMEOUT, error);
}

ScheduledJobs *scheduled_jobs_load(Session *session, gint64 project_id, const char *collection,
                                   GError **error)
{
    g_autoptr(ScheduledJobs) jobs = g_new0(ScheduledJobs, 1);
    gboolean found;
    jobs->session = session;
    jobs->project_id = project_id;
    jobs->already_imported = key_of("already-imported", project_id, collection);
    jobs->job_waiter = key_of("job-waiter", project_id, collection);
    jobs->remaining = key_of("job-waiter-remaining", project_id, collection);
    if (!find_waiter(jobs, error) ||
        !cache_read_integer(shared_state(jobs), jobs->remaining, &jobs->count, &found, error))
        return NULL;
    return g_steal_pointer(&jobs);
}

void scheduled_jobs_free(ScheduledJobs *jobs)
{
    g_free(jobs->already_imported);
    g_free(jobs->job_waiter);
    g_free(jobs->remaining);
    g_free(jobs->waiter);
    g_free(jobs);
}

const char *scheduled_jobs_waiter(const ScheduledJobs *jobs)
{
    return jobs->waiter;
}

gint64 scheduled_jobs_count(const ScheduledJobs *jobs)
{
    return jobs->count;
}

gboolean scheduled_jobs_unfinished(ScheduledJobs *jobs, gint64 *count, GError **error)
{
    gint64 arrived;
    if (!job_waiter_arrived(shared_state(jobs), jobs->waiter, &arrived, error))
        return FALSE;
    *count = MAX(jobs->count - arrived, 0);
    return TRUE;
}

char *scheduled_jobs_jid(const ScheduledJobs *jobs, const char *id)
{
    g_autofree char *text = g_strconcat(jobs->waiter, "/", id, NULL);
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
    return g_strndup(digest, JID_LENGTH);
}

gboolean *scheduled_jobs_contain(ScheduledJobs *jobs, const GPtrArray *ids, GError **error)
{
    return cache_set_includes_all(shared_state(jobs), jobs->already_imported, ids, error);
}

/* The counters that `types` name, each once, as type -> position from 1. */
static GHashTable *counters_of(const GPtrArray *types, GPtrArray *names)
{
    GHashTable *counters = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < types->len; i++) {
        if (!types->pdata[i] || g_hash_table_contains(counters, types->pdata[i]))
            continue;
        g_ptr_array_add(names, types->pdata[i]);
        g_hash_table_insert(counters, types->pdata[i], GUINT_TO_POINTER(names->len));
    }
    return counters;
}

static void add_key(RedisCommand *command, const char *raw_key)
{
    g_autofree char *key = cache_redis_key(raw_key);
    redis_command_add(command, key);
}

static RedisCommand *record_keys(const ScheduledJobs *jobs, const GPtrArray *names)
{
    RedisCommand *keys = redis_command_new(NULL, NULL);
    g_autofree char *list = object_counter_list_key(jobs->project_id, "fetched");
    add_key(keys, jobs->already_imported);
    add_key(keys, jobs->job_waiter);
    add_key(keys, jobs->remaining);
    add_key(keys, list);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *counter = object_counter_key(jobs->project_id, "fetched", names->pdata[i]);
        add_key(keys, counter);
    }
    return keys;
}

static RedisCommand *record_args(const ScheduledJobs *jobs, const GPtrArray *names, GHashTable *counters,
                                 const GPtrArray *ids, const GPtrArray *types)
{
    RedisCommand *args = redis_command_new(NULL, NULL);
    redis_command_add_int(args, CACHE_TIMEOUT);
    redis_command_add_int(args, OBJECT_COUNTER_TTL);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *counter = object_counter_key(jobs->project_id, "fetched", names->pdata[i]);
        redis_command_add(args, counter);
    }
    for (guint i = 0; i < ids->len; i++) {
        gpointer type = types->pdata[i];
        redis_command_add(args, ids->pdata[i]);
        redis_command_add_int(args, type ? GPOINTER_TO_UINT(g_hash_table_lookup(counters, type)) : 0);
    }
    return args;
}

gboolean scheduled_jobs_record(ScheduledJobs *jobs, const GPtrArray *ids, const GPtrArray *types,
                               GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GHashTable) counters = counters_of(types, names);
    g_autoptr(redisReply) reply =
        redis_script_run(&record_scheduled, shared_state(jobs), record_keys(jobs, names),
                         record_args(jobs, names, counters, ids, types), error);
    if (!reply)
        return FALSE;
    jobs->count = reply->element[0]->integer;
    for (guint i = 0; i < names->len; i++)
        import_metrics_objects("fetched", names->pdata[i], reply->element[1 + i]->integer);
    return names->len == 0 || etag_cache_touch_import(jobs->session, error);
}

gboolean scheduled_jobs_end(ScheduledJobs *jobs, GError **error)
{
    return cache_expire(shared_state(jobs), jobs->already_imported, CACHE_SHORTER_TIMEOUT, error);
}

gboolean scheduled_jobs_ended(ScheduledJobs *jobs, gboolean *ended, GError **error)
{
    gint64 members = 0;
    if (!cache_set_count(shared_state(jobs), jobs->already_imported, &members, error))
        return FALSE;
    *ended = jobs->count > 0 && members == 0;
    return TRUE;
}
