#include "worker/commands/sequential_import.h"

#include "protocol/cleanup.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "worker/commands/import_progress.h"
#include "worker/launcher.h"
#include "worker/thread.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SHUTDOWN_TIMEOUT 5 /* seconds that a running job gets when interrupted */
#define POLL_INTERVAL    1 /* seconds between looks at the schedule */

char *sequential_import_queue(gint64 project_id)
{
    return g_strdup_printf("hubferry:import:%" G_GINT64_FORMAT, project_id);
}

WorkerRouter *sequential_import_router(const Configuration *configuration, const WorkerClass *const *tables,
                                       guint n_tables, const char *queue, GError **error)
{
    g_autoptr(json_t) rules = json_array();
    for (guint i = 0; i < n_tables; i++)
        for (const WorkerClass *worker = tables[i]; worker->name; worker++) {
            g_autofree char *query = g_strconcat("worker_name=", worker->name, NULL);
            g_autofree char *own = worker_router_queue(configuration->router, worker, NULL, NULL);
            json_array_append_new(rules, json_pack("[s, s]", query, worker->perform ? queue : own));
        }
    json_array_append_new(rules, json_pack("[s, s]", "*", configuration->fallback_queue));
    return worker_router_new(rules, error);
}

/* (transfer full) */
static WorkOptions *worker_options(const char *queue)
{
    WorkOptions *work = g_new0(WorkOptions, 1);
    char *name = g_strdup(queue);
    FetchQueue only = {.name = name, .weight = 1};
    work->queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue));
    g_array_append_val(work->queues, only);
    work->queue_names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(work->queue_names, name);
    work->labels = g_ptr_array_new_with_free_func(g_free);
    work->tag = g_strdup("import");
    work->strict = TRUE;
    work->concurrency = 1;
    work->timeout = SHUTDOWN_TIMEOUT;
    work->unknown = UNKNOWN_REQUEUE;
    work->poll = TRUE;
    work->average_scheduled_poll_interval = POLL_INTERVAL;
    work->cleanup_interval = CLEANUP_INTERVAL_DEFAULT;
    work->lease_interval = CLEANUP_LEASE_INTERVAL_DEFAULT;
    return work;
}

/* The thread that watches the import and ends the worker with it. */
typedef struct Watch {
    ImportProgress progress;
    gint stopping; /* atomic */
    char *status;
    GError *error;
} Watch;

static void *watch_import(void *data)
{
    Watch *watch = data;
    import_progress_wait(&watch->progress, &watch->status, &watch->error);
    if (!g_atomic_int_get(&watch->stopping))
        kill(getpid(), SIGTERM);
    return NULL;
}

/* `members`: of the schedule, each followed by its score. */
static gboolean remove_own(Redis *redis, const redisReply *members, const char *queue, GError **error)
{
    for (gsize i = 0; i + 1 < members->elements; i += 2) {
        const redisReply *member = members->element[i];
        g_autoptr(json_t) job = json_parse(member->str, member->len, NULL);
        if (g_strcmp0(json_string_field(job, "queue"), queue) != 0)
            continue;
        RedisCommand *command = redis_command_new("ZREM", KEY_SCHEDULE, NULL);
        redis_command_add_bytes(command, member->str, member->len);
        g_autoptr(redisReply) removed = redis_run(redis, command, error);
        if (!removed)
            return FALSE;
    }
    return TRUE;
}

/* Jobs that keep an import alive are left in the schedule when it ends; nobody else listens to their queue. A
 * part at a time, because the schedule is that of all of GitLab. */
static gboolean remove_scheduled(Redis *redis, const char *queue, GError **error)
{
    g_autofree char *pattern = g_strdup_printf("*\"%s\"*", queue);
    g_autofree char *cursor = g_strdup("0");
    do {
        g_autoptr(redisReply) page =
            redis_call(redis, error, "ZSCAN", KEY_SCHEDULE, cursor, "MATCH", pattern, "COUNT", "1000", NULL);
        if (!page || !remove_own(redis, page->element[1], queue, error))
            return FALSE;
        g_free(cursor);
        cursor = g_strdup(page->element[0]->str);
    } while (!g_str_equal(cursor, "0"));
    return TRUE;
}

static gboolean remove_queue(const Configuration *configuration, const char *queue, GError **error)
{
    g_autoptr(Redis) redis = redis_new(configuration->redis[REDIS_QUEUES]);
    g_autofree char *key = key_queue(queue);
    if (!remove_scheduled(redis, queue, error))
        return FALSE;
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, redis_command_new("DEL", key, NULL));
    g_ptr_array_add(commands, redis_command_new("SREM", KEY_QUEUES, queue, NULL));
    g_autoptr(GPtrArray) replies = redis_multi(redis, commands, error);
    return replies != NULL;
}

/* The thread tells of the end through `watch`; a worker that cannot start says why in the log. */
static gboolean run_worker(Watch *watch, const Configuration *configuration, const WorkerRegistry *registry,
                           const char *queue, GError **error)
{
    g_autoptr(WorkOptions) work = worker_options(queue);
    pthread_t thread = thread_start("import progress", watch_import, watch);
    launcher_run(work, configuration, registry);
    g_atomic_int_set(&watch->stopping, 1);
    pthread_join(thread, NULL);
    if (watch->error) {
        g_propagate_error(error, watch->error);
        return FALSE;
    }
    return TRUE;
}

gboolean sequential_import_run(const Invocation *invocation, const Configuration *configuration,
                               const WorkerRegistry *registry, gint64 project_id, gboolean quiet,
                               char **status, GError **error)
{
    g_autofree char *queue = sequential_import_queue(project_id);
    g_autoptr(WorkerRouter) router =
        sequential_import_router(configuration, invocation->tables, invocation->n_tables, queue, error);
    if (!router)
        return FALSE;
    Configuration own = *configuration;
    own.router = router;
    /* The one executor is the stage's own: nobody would shrink a backlog while the stage waits. */
    own.backlog = G_MAXUINT;
    Watch watch = {
        .progress = {
            .configuration = configuration, .registry = registry, .project_id = project_id, .quiet = quiet}};
    watch.progress.stopping = &watch.stopping;
    if (!run_worker(&watch, &own, registry, queue, error))
        return FALSE;
    *status = watch.status;
    return !*status || remove_queue(configuration, queue, error);
}
