#include "importers/gitlab/object_counter.h"

#include "importers/gitlab/etag_cache.h"
#include "importers/import_metrics.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"

#include <string.h>

static const char *const OPERATIONS[] = {"fetched", "imported"};

/* Only a completed import: its counters may have expired. */
static const Statement stored_summary = {
    "object_counter_stored_summary",
    "SELECT checksums FROM project_mirror_data"
    " WHERE project_id = $1 AND status IN ('finished', 'failed', 'canceled')",
};

char *object_counter_list_key(gint64 project_id, const char *operation)
{
    return g_strdup_printf("github-importer/object-counters-list/%" G_GINT64_FORMAT "/%s", project_id,
                           operation);
}

char *object_counter_key(gint64 project_id, const char *operation, const char *object_type)
{
    return g_strdup_printf("github-importer/object-counter/%" G_GINT64_FORMAT "/%s/%s", project_id, operation,
                           object_type);
}

gboolean object_counter_increment(Session *session, gint64 project_id, const char *operation,
                                  const char *object_type, const GPtrArray *tokens, GError **error)
{
    if (tokens->len == 0)
        return TRUE;
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *list = object_counter_list_key(project_id, operation);
    g_autofree char *counter = object_counter_key(project_id, operation, object_type);
    gint64 added;
    if (!cache_set_add(redis, list, counter, OBJECT_COUNTER_TTL, error) ||
        !cache_increment_once(redis, counter, tokens, OBJECT_COUNTER_TTL, &added, error))
        return FALSE;
    import_metrics_objects(operation, object_type, added);
    return etag_cache_touch_import(session, error);
}

static gboolean add_counter(Redis *redis, json_t *counts, const char *counter, GError **error)
{
    gint64 count;
    gboolean found;
    if (!cache_read_integer(redis, counter, &count, &found, error))
        return FALSE;
    if (!found)
        return TRUE;
    const char *object_type = strrchr(counter, '/') + 1;
    json_object_set_new(counts, object_type, json_integer(count));
    return cache_expire(redis, counter, OBJECT_COUNTER_TTL, error);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *counts_of(Redis *redis, gint64 project_id, const char *operation, GError **error)
{
    g_autofree char *list = object_counter_list_key(project_id, operation);
    g_autoptr(GPtrArray) counters = cache_set_members(redis, list, error);
    if (!counters)
        return NULL;
    g_ptr_array_sort(counters, by_name);
    g_autoptr(json_t) counts = json_object();
    for (guint i = 0; i < counters->len; i++) {
        const char *counter = g_ptr_array_index(counters, i);
        if (strchr(counter, '/') && !add_counter(redis, counts, counter, error))
            return NULL;
    }
    return g_steal_pointer(&counts);
}

static json_t *stored(Session *session, gint64 project_id, json_t *otherwise, GError **error)
{
    g_autoptr(json_t) empty = otherwise;
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &stored_summary,
                                            SQL_INTEGER(project_id), DATABASE_END);
    if (!rows)
        return NULL;
    const char *text = PQntuples(rows) > 0 ? database_value(rows, 0, "checksums") : NULL;
    return text ? json_parse(text, strlen(text), error) : g_steal_pointer(&empty);
}

json_t *object_counter_summary(Session *session, gint64 project_id, GError **error)
{
    g_autoptr(json_t) summary = json_object();
    gsize n_counters = 0;
    for (guint i = 0; i < G_N_ELEMENTS(OPERATIONS); i++) {
        json_t *counts =
            counts_of(session_redis(session, REDIS_SHARED_STATE), project_id, OPERATIONS[i], error);
        if (!counts)
            return NULL;
        n_counters += json_object_size(counts);
        json_object_set_new(summary, OPERATIONS[i], counts);
    }
    if (n_counters > 0)
        return g_steal_pointer(&summary);
    return stored(session, project_id, g_steal_pointer(&summary), error);
}

gboolean object_counter_forget_tokens(Session *session, gint64 project_id, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    for (guint i = 0; i < G_N_ELEMENTS(OPERATIONS); i++) {
        g_autofree char *list = object_counter_list_key(project_id, OPERATIONS[i]);
        g_autoptr(GPtrArray) counters = cache_set_members(redis, list, error);
        if (!counters || !cache_forget_tokens(redis, counters, error))
            return FALSE;
    }
    return TRUE;
}
