#include "worker/commands/status_report.h"

static gboolean add(json_t *report, const char *name, json_t *part)
{
    return part && json_object_set_new(report, name, part) == 0;
}

json_t *status_report(Session *session, gboolean rate_limit, GError **error)
{
    Redis *redis = session_redis(session, REDIS_QUEUES);
    g_autoptr(json_t) report = json_pack("{s:f}", "time", job_now());
    if (!add(report, "imports", status_imports(session, rate_limit, error)) ||
        !add(report, "queues", status_queues(redis, error)) ||
        !add(report, "sets", status_sets(redis, error)) ||
        !add(report, "processes", status_processes(redis, error)))
        return NULL;
    return g_steal_pointer(&report);
}
