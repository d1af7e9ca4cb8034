#include "protocol/interruption.h"

#include "protocol/json.h"

#define FIELD_COUNT "interrupted_count"
#define FIELD_LIMIT "max_retries_after_interruption"

static gint64 limit_of(const json_t *payload, const WorkerRegistry *registry)
{
    const char *class_name = json_string_field(payload, "class");
    const WorkerClass *worker = class_name ? worker_registry_find(registry, class_name) : NULL;

    if (worker && worker->max_interruptions != 0)
        return worker->max_interruptions;
    return json_integer_field(payload, FIELD_LIMIT, WORKER_INTERRUPTIONS_DEFAULT);
}

static Settlement *settle_unreadable(const char *queue, const char *raw, gsize length, const GError *error)
{
    if (g_error_matches(error, JSON_ERROR, JSON_ERROR_UNREPRESENTABLE))
        return settlement_requeue(queue, raw, length, FALSE);
    return settlement_dead(queue, raw, length, NULL);
}

Settlement *interruption_settle(const char *queue, const char *raw, gsize length,
                                const WorkerRegistry *registry, gboolean *exhausted)
{
    if (exhausted)
        *exhausted = FALSE;

    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) payload = json_parse(raw, length, &error);
    if (!payload)
        return settle_unreadable(queue, raw, length, error);
    if (!json_is_object(payload))
        return settlement_dead(queue, raw, length, NULL);

    gint64 count = MIN(json_integer_field(payload, FIELD_COUNT, 0), G_MAXINT64 - 1) + 1;
    json_object_set_new(payload, FIELD_COUNT, json_integer(count));
    g_autofree char *text = json_dump(payload);

    gint64 limit = limit_of(payload, registry);
    gboolean quarantine = limit >= 0 && count >= limit;
    if (exhausted)
        *exhausted = quarantine;
    return quarantine ? settlement_quarantine(queue, raw, length, text)
                      : settlement_push_back(queue, raw, length, text);
}
