#include "importers/github/client.h"
#include "importers/gitlab/object_counter.h"
#include "protocol/job_waiter.h"
#include "protocol/json.h"
#include "worker/commands/import_jobs.h"
#include "worker/commands/status_report.h"

#include <string.h>

static const Statement in_progress = {
    "status_imports_in_progress",
    "SELECT s.project_id, s.status, p.import_source, r.path AS full_path,"
    " extract(epoch FROM p.created_at)::bigint AS created_at"
    " FROM project_mirror_data s JOIN projects p ON p.id = s.project_id"
    " LEFT JOIN routes r ON r.source_id = p.id AND r.source_type = 'Project'"
    " WHERE p.import_type = 'github' AND s.status IN ('scheduled', 'started') ORDER BY s.project_id LIMIT "
    "500",
};

static gint64 sum(const json_t *counters)
{
    const char *type;
    json_t *count;
    gint64 total = 0;
    json_object_foreach ((json_t *)counters, type, count)
        total += json_integer_value(count);
    return total;
}

/* Seconds until what has been fetched so far is imported, at the pace since the beginning; 0: not known. */
static double estimate(const json_t *counters, double elapsed)
{
    gint64 imported = sum(json_object_get(counters, "imported"));
    gint64 left = sum(json_object_get(counters, "fetched")) - imported;
    return imported > 0 && left > 0 && elapsed > 0 ? (double)left * elapsed / (double)imported : 0;
}

/* How many jobs the waiters of AdvanceStageWorker's arguments still wait for. */
static gboolean count_waiting(Session *session, const json_t *waiters, gint64 *waiting, GError **error)
{
    const char *key;
    json_t *count;
    *waiting = 0;
    json_object_foreach ((json_t *)waiters, key, count) {
        gint64 arrived = 0;
        if (job_waiter_key_valid(key) &&
            !job_waiter_arrived(session_redis(session, REDIS_SHARED_STATE), key, &arrived, error))
            return FALSE;
        *waiting += MAX(json_integer_value(count) - arrived, 0);
    }
    return TRUE;
}

static gboolean add_waiting(Session *session, json_t *jobs, GError **error)
{
    gint64 waiting = 0;
    const json_t *waiters = json_object_get(jobs, "waiters");
    if (!waiters)
        return TRUE;
    if (!count_waiting(session, waiters, &waiting, error))
        return FALSE;
    json_object_del(jobs, "waiters");
    json_object_set_new(jobs, "waiting_for", json_integer(waiting));
    return TRUE;
}

/* A failure is part of the report, not the report's failure. (transfer full) */
static json_t *ask_rate_limit(Session *session, gint64 project_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Project) project = NULL;
    g_autoptr(ImportData) data = NULL;
    g_autoptr(GithubClient) client = NULL;
    g_autoptr(json_t) answer = NULL;
    if (project_find(session, project_id, &project, &error) && project &&
        import_data_find(session, project_id, &data, &error))
        client = github_client_new(session, project, data, &error);
    if (client)
        answer = github_get(client, "rate_limit", &error);
    json_t *core = json_object_get(json_object_get(answer, "resources"), "core");
    return core ? json_deep_copy(core) : json_pack("{s:s}", "error", error ? error->message : "no project");
}

static json_t *import_status(Session *session, const PGresult *rows, int row, const ImportJobs *jobs,
                             gboolean rate_limit, GError **error)
{
    gint64 id = database_integer(rows, row, "project_id");
    double created_at = (double)database_integer(rows, row, "created_at");
    g_autoptr(json_t) counters = object_counter_summary(session, id, error);
    g_autoptr(json_t) position = import_jobs_of(jobs, id);
    if (!counters || !add_waiting(session, position, error))
        return NULL;
    g_autoptr(json_t) import = json_pack(
        "{s:I, s:s*, s:s*, s:s, s:f, s:O}", "project_id", (json_int_t)id, "project",
        database_value(rows, row, "full_path"), "source", database_value(rows, row, "import_source"),
        "status", database_value(rows, row, "status"), "created_at", created_at, "counters", counters);
    json_object_update(import, position);
    double eta = estimate(counters, job_now() - created_at);
    if (eta > 0)
        json_object_set_new(import, "eta_s", json_real(eta));
    if (rate_limit)
        json_object_set_new(import, "rate_limit", ask_rate_limit(session, id));
    return g_steal_pointer(&import);
}

json_t *status_imports(Session *session, gboolean rate_limit, GError **error)
{
    if (!session->configuration->database_keywords)
        return json_null();
    g_autoptr(ImportJobs) jobs = import_jobs_read(session_redis(session, REDIS_QUEUES), error);
    if (!jobs)
        return NULL;
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &in_progress, DATABASE_END);
    if (!rows)
        return NULL;
    g_autoptr(json_t) imports = json_array();
    for (int row = 0; row < PQntuples(rows); row++) {
        json_t *import = import_status(session, rows, row, jobs, rate_limit, error);
        if (!import)
            return NULL;
        json_array_append_new(imports, import);
    }
    return g_steal_pointer(&imports);
}
