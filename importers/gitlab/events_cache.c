#include "importers/gitlab/events_cache.h"

#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <string.h>

#define MAX_NUMBER_OF_EVENTS 100
#define MAX_EVENT_SIZE       102400 /* bytes */

static char *cache_key(gint64 project_id, const char *record)
{
    return g_strdup_printf("github-importer/events/%" G_GINT64_FORMAT "/%s", project_id, record);
}

static GPtrArray *cache_keys(gint64 project_id, const GPtrArray *records)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < records->len; i++)
        g_ptr_array_add(keys, cache_key(project_id, records->pdata[i]));
    return keys;
}

static void warn_too_large(const char *record, const json_t *event)
{
    json_int_t iid = g_ascii_strtoll(strchr(record, '/') + 1, NULL, 10);
    log_warn("Event too large to cache", "{s:{s:O?, s:I, s:O?}}", "github_identifiers", "id",
             json_object_get(event, "id"), "issuable_iid", iid, "event", json_object_get(event, "event"));
}

gboolean events_cache_add(Session *session, gint64 project_id, const char *record, const json_t *event,
                          GError **error)
{
    g_autofree char *text = json_dump(event);
    if (strlen(text) > MAX_EVENT_SIZE) {
        warn_too_large(record, event);
        return TRUE;
    }
    g_autofree char *key = cache_key(project_id, record);
    return cache_list_add(session_redis(session, REDIS_SHARED_STATE), key, text, MAX_NUMBER_OF_EVENTS,
                          CACHE_TIMEOUT, error);
}

gboolean events_cache_any(Session *session, gint64 project_id, const char *record, gboolean *any,
                          GError **error)
{
    g_autofree char *key = cache_key(project_id, record);
    gint64 count;
    if (!cache_list_count(session_redis(session, REDIS_SHARED_STATE), key, &count, error))
        return FALSE;
    *any = count > 0;
    return TRUE;
}

typedef struct CachedEvent {
    char *time; /* comparable as text; "": none */
    json_t *event;
} CachedEvent;

static void cached_event_clear(CachedEvent *cached)
{
    g_free(cached->time);
    json_decref(cached->event);
}

static int compare_times(gconstpointer one, gconstpointer other)
{
    return strcmp(((const CachedEvent *)one)->time, ((const CachedEvent *)other)->time);
}

/* One list's events in their order. GLib's sort is stable. (transfer full) */
static json_t *sorted_events(const GPtrArray *texts, GError **error)
{
    g_autoptr(GArray) cached = g_array_new(FALSE, FALSE, sizeof(CachedEvent));
    g_array_set_clear_func(cached, (GDestroyNotify)cached_event_clear);
    for (guint i = 0; i < texts->len; i++) {
        const char *text = texts->pdata[i];
        json_t *event = json_parse(text, strlen(text), error);
        if (!event)
            return NULL;
        const char *created_at = json_string_field(event, "created_at");
        char *time = created_at ? database_time(created_at) : NULL;
        CachedEvent one = {time ? time : g_strdup(""), event};
        g_array_append_val(cached, one);
    }
    g_array_sort(cached, compare_times);
    json_t *events = json_array();
    for (guint i = 0; i < cached->len; i++)
        json_array_append(events, g_array_index(cached, CachedEvent, i).event);
    return events;
}

json_t *events_cache_events(Session *session, gint64 project_id, const GPtrArray *records, GError **error)
{
    g_autoptr(GPtrArray) keys = cache_keys(project_id, records);
    g_autoptr(GPtrArray) lists = cache_lists(session_redis(session, REDIS_SHARED_STATE), keys, error);
    if (!lists)
        return NULL;
    g_autoptr(json_t) all = json_array();
    for (guint i = 0; i < lists->len; i++) {
        json_t *events = sorted_events(lists->pdata[i], error);
        if (!events) {
            g_prefix_error(error, "cached event of %s: ", (const char *)records->pdata[i]);
            return NULL;
        }
        json_array_append_new(all, events);
    }
    return g_steal_pointer(&all);
}

gboolean events_cache_delete(Session *session, gint64 project_id, const GPtrArray *records, GError **error)
{
    g_autoptr(GPtrArray) keys = cache_keys(project_id, records);
    return cache_delete_all(session_redis(session, REDIS_SHARED_STATE), keys, error);
}
