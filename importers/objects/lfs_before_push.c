#include "importers/objects/lfs_before_push.h"

#include "importers/gitlab/object_counter.h"
#include "importers/http/exchange.h"
#include "importers/lfs/lfs_download_list.h"
#include "importers/lfs/lfs_error.h"
#include "importers/objects/lfs_object.h"
#include "protocol/json.h"
#include "protocol/log.h"

static gboolean write_rows(G_GNUC_UNUSED Database *database, gpointer batch, GError **error)
{
    return lfs_object_importer.write(batch, error);
}

/* The batch has one object. */
static gboolean import(ObjectBatch *batch, GError **error)
{
    return lfs_object_importer.prepare(batch, error) &&
           lfs_object_importer.build(batch, batch->objects->pdata[0], error) &&
           database_transaction(session_database(batch->session), write_rows, batch, error) &&
           lfs_object_importer.committed(batch, error);
}

static gboolean count(const Stage *stage, const char *oid, GError **error)
{
    g_autoptr(GPtrArray) token = g_ptr_array_new();
    g_ptr_array_add(token, (gpointer)oid);
    return object_counter_increment(stage->session, stage->project->id, "fetched",
                                    lfs_object_importer.object_type, token, error) &&
           object_counter_increment(stage->session, stage->project->id, "imported",
                                    lfs_object_importer.object_type, token, error);
}

/* An object that could not be had leaves no importer_data; it is the stage's to count. */
static gboolean import_one(const Stage *stage, const json_t *representation, GError **error)
{
    ImportedObject object = {.representation = representation};
    g_autoptr(GPtrArray) objects = g_ptr_array_new();
    g_autofree char *now = database_now();
    ObjectBatch batch = {.session = stage->session,
                         .importer = &lfs_object_importer,
                         .project = stage->project,
                         .data = stage->data,
                         .github = stage->github,
                         .objects = objects,
                         .now = now};
    g_ptr_array_add(objects, &object);
    gboolean done = import(&batch, error);
    gboolean is_there = object.importer_data != NULL;
    if (is_there)
        object.importer_data_free(object.importer_data);
    return done && (!is_there || count(stage, json_string_field(representation, "oid"), error));
}

static gboolean import_all(gpointer data, const json_t *representations, GError **error)
{
    const Stage *stage = data;
    size_t i;
    json_t *representation;
    json_array_foreach (representations, i, representation)
        if (!session_check_stopping(stage->session, error) || !import_one(stage, representation, error))
            return FALSE;
    log_info("LFS objects imported before the push", "{s:i}", "count", (int)i);
    return TRUE;
}

gboolean lfs_objects_before_push(Stage *stage, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (lfs_download_list(stage, import_all, stage, &failure))
        return TRUE;
    if (failure->domain == HTTP_ERROR || failure->domain == LFS_ERROR) {
        log_error("LFS objects are missing before the push", failure, NULL);
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
