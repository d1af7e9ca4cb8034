#include "importers/stages/scheduled_elsewhere.h"

#include "importers/objects/representation.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"

#define FIELD "scheduled_elsewhere"

static gboolean find_in(Stage *stage, json_t *objects, const GPtrArray *ids, const char *collection,
                        GError **error)
{
    g_autofree char *set = g_strdup_printf("github-importer/already-imported/%" G_GINT64_FORMAT "/%s",
                                           stage->project->id, collection);
    g_autofree gboolean *included =
        cache_set_includes_all(session_redis(stage->session, REDIS_SHARED_STATE), set, ids, error);
    for (guint i = 0; included && i < ids->len; i++)
        if (included[i])
            json_object_set_new(json_array_get(objects, i), FIELD, json_true());
    return included != NULL;
}

gboolean scheduled_elsewhere_find(Stage *stage, json_t *objects, const char *const *collections,
                                  GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    size_t i;
    json_t *object;
    json_array_foreach (objects, i, object)
        g_ptr_array_add(ids, representation_id(object, "id"));
    for (; *collections; collections++)
        if (!find_in(stage, objects, ids, *collections, error))
            return FALSE;
    return TRUE;
}

gboolean scheduled_elsewhere(const json_t *object)
{
    return json_true_field(object, FIELD);
}
