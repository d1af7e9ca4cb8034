#include "worker/commands/import_jobs.h"

#include "protocol/json.h"
#include "protocol/keys.h"

#include <string.h>

#define SLICE           500 /* jobs per round trip */
#define STAGE_PREFIX    "Gitlab::GithubImport::Stage::"
#define IMPORTER_PREFIX "Gitlab::GithubImport::"
#define ADVANCE_STAGE   "Gitlab::GithubImport::AdvanceStageWorker"
#define FIRST_JOB       "RepositoryImportWorker"

struct ImportJobs {
    GHashTable *projects; /* id (gint64 *) -> json_t object */
};

void import_jobs_free(ImportJobs *jobs)
{
    g_hash_table_unref(jobs->projects);
    g_free(jobs);
}

static json_t *project_of(ImportJobs *jobs, gint64 id)
{
    json_t *project = g_hash_table_lookup(jobs->projects, &id);
    if (!project) {
        gint64 *key = g_new(gint64, 1);
        *key = id;
        project = json_object();
        g_hash_table_insert(jobs->projects, key, project);
    }
    return project;
}

/* "ImportIssuesAndDiffNotes" of the stage's class name. (transfer full) */
static char *stage_name(const char *class_name)
{
    const char *name = class_name + strlen(STAGE_PREFIX);
    gsize length = strlen(name);
    return g_strndup(name, g_str_has_suffix(name, "Worker") ? length - strlen("Worker") : length);
}

/* A stage job says more than an AdvanceStageWorker, and a running one more than a waiting one; the first
 * found is kept. */
static void set_stage(json_t *project, const char *stage, const char *where, double at)
{
    if (json_object_get(project, "stage"))
        return;
    json_object_set_new(project, "stage", json_string(stage));
    json_object_set_new(project, "where", json_string(where));
    if (at > 0)
        json_object_set_new(project, "at", json_real(at));
}

static void take_job(ImportJobs *jobs, const char *text, gsize length, const char *where, double at)
{
    g_autoptr(json_t) job = json_parse(text, length, NULL);
    const char *class_name = json_string_field(job, "class");
    const json_t *args = json_object_get(job, "args");
    const json_t *id = json_array_get(args, 0);
    gboolean first_job = g_strcmp0(class_name, FIRST_JOB) == 0;
    if (!class_name || !json_is_integer(id) || (!first_job && !g_str_has_prefix(class_name, IMPORTER_PREFIX)))
        return;
    json_t *project = project_of(jobs, json_integer_value(id));
    if (first_job) {
        set_stage(project, "RepositoryImport", where, at);
    } else if (g_str_has_prefix(class_name, STAGE_PREFIX)) {
        g_autofree char *stage = stage_name(class_name);
        set_stage(project, stage, where, at);
    } else if (g_str_equal(class_name, ADVANCE_STAGE)) {
        set_stage(project, "AdvanceStage", where, at);
        json_object_set(project, "waiters", json_array_get(args, 1));
        json_object_set(project, "next_stage", json_array_get(args, 2));
    } else {
        gint64 seen = json_integer_field(project, "object_jobs", 0);
        json_object_set_new(project, "object_jobs", json_integer(seen + 1));
    }
}

static gboolean read_list(ImportJobs *jobs, Redis *redis, const char *key, const char *where, GError **error)
{
    for (guint from = 0; from < JOBS_SEEN_PER_LIST; from += SLICE) {
        g_autofree char *first = g_strdup_printf("%u", from);
        g_autofree char *last = g_strdup_printf("%u", from + SLICE - 1);
        g_autoptr(redisReply) reply = redis_call(redis, error, "LRANGE", key, first, last, NULL);
        if (!reply)
            return FALSE;
        for (gsize i = 0; i < reply->elements; i++)
            take_job(jobs, reply->element[i]->str, reply->element[i]->len, where, 0);
        if (reply->elements < SLICE)
            return TRUE;
    }
    return TRUE;
}

static gboolean read_queues(ImportJobs *jobs, Redis *redis, GError **error)
{
    g_autoptr(redisReply) queues = redis_call(redis, error, "SMEMBERS", KEY_QUEUES, NULL);
    for (gsize i = 0; queues && i < queues->elements; i++) {
        g_autofree char *key = key_queue(queues->element[i]->str);
        if (!read_list(jobs, redis, key, "queued", error))
            return FALSE;
    }
    return queues != NULL;
}

static gboolean read_set(ImportJobs *jobs, Redis *redis, const char *key, const char *where, GError **error)
{
    g_autofree char *last = g_strdup_printf("%d", JOBS_SEEN_PER_LIST - 1);
    g_autoptr(redisReply) reply = redis_call(redis, error, "ZRANGE", key, "0", last, "WITHSCORES", NULL);
    for (gsize i = 0; reply && i + 1 < reply->elements; i += 2)
        take_job(jobs, reply->element[i]->str, reply->element[i]->len, where,
                 g_ascii_strtod(reply->element[i + 1]->str, NULL));
    return reply != NULL;
}

/* The working lists, of Ruby processes too. IDENTITY:work would only tell what ran at the last heartbeat. */
static gboolean read_running(ImportJobs *jobs, Redis *redis, GError **error)
{
    g_autofree char *cursor = g_strdup("0");
    do {
        g_autoptr(redisReply) page =
            redis_call(redis, error, "SCAN", cursor, "MATCH", "working:queue:*", "COUNT", "1000", NULL);
        if (!page)
            return FALSE;
        g_free(cursor);
        cursor = g_strdup(page->element[0]->str);
        for (gsize i = 0; i < page->element[1]->elements; i++)
            if (!read_list(jobs, redis, page->element[1]->element[i]->str, "running", error))
                return FALSE;
    } while (!g_str_equal(cursor, "0"));
    return TRUE;
}

ImportJobs *import_jobs_read(Redis *queues, GError **error)
{
    g_autoptr(ImportJobs) jobs = g_new0(ImportJobs, 1);
    jobs->projects = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)json_decref);
    if (!read_running(jobs, queues, error) || !read_queues(jobs, queues, error) ||
        !read_set(jobs, queues, KEY_SCHEDULE, "scheduled", error) ||
        !read_set(jobs, queues, KEY_RETRY, "to be retried", error))
        return NULL;
    return g_steal_pointer(&jobs);
}

json_t *import_jobs_of(const ImportJobs *jobs, gint64 project_id)
{
    const json_t *project = g_hash_table_lookup(jobs->projects, &project_id);
    return project ? json_deep_copy(project) : json_object();
}
