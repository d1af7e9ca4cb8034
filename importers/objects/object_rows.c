#include "importers/objects/object_batch.h"

#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/receipts.h"

typedef struct Row {
    const RowTable *table;
    json_t *columns;
} Row;

/* Ids taken from a sequence and not used yet. */
typedef struct IdPool {
    GArray *ids;
    guint next;
} IdPool;

/* --- what an object becomes --- */

static void row_clear(Row *row)
{
    json_decref(row->columns);
}

GArray *object_rows_new(void)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_array_set_clear_func(rows, (GDestroyNotify)row_clear);
    return rows;
}

void object_insert(ImportedObject *object, const RowTable *table, json_t *row)
{
    Row added = {table, row};
    g_array_append_val(object->state->rows, added);
}

static void add_reference(ImportedObject *object, char *reference)
{
    if (reference)
        g_ptr_array_add(object->state->references, reference);
}

void object_refer(ObjectBatch *batch, ImportedObject *object, const FoundUser *user, const char *model,
                  gint64 id, const char *column)
{
    add_reference(object, placeholder_reference(batch->project, user, model, id, column));
}

void object_refer_composite(ObjectBatch *batch, ImportedObject *object, const FoundUser *user,
                            const char *model, json_t *key, const char *column)
{
    add_reference(object, placeholder_reference_composite(batch->project, user, model, key, column));
}

static void id_pool_free(IdPool *pool)
{
    g_array_unref(pool->ids);
    g_free(pool);
}

GHashTable *object_id_pools_new(void)
{
    return g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)id_pool_free);
}

gboolean object_next_id(ObjectBatch *batch, const RowTable *table, gint64 *id, GError **error)
{
    IdPool *pool = g_hash_table_lookup(batch->id_pools, table);
    if (!pool || pool->next == pool->ids->len) {
        GArray *ids = row_table_ids(batch->session, table, batch->objects->len, error);
        if (!ids)
            return FALSE;
        pool = g_new0(IdPool, 1);
        pool->ids = ids;
        g_hash_table_insert(batch->id_pools, (gpointer)table, pool);
    }
    *id = g_array_index(pool->ids, gint64, pool->next++);
    return TRUE;
}

GPtrArray *object_batch_fresh_data(const ObjectBatch *batch)
{
    GPtrArray *data = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (object->fresh && object->importer_data)
            g_ptr_array_add(data, object->importer_data);
    }
    return data;
}

/* --- the rows of a batch --- */

static const char *receipt_kind(const ObjectBatch *batch, const ImportedObject *object)
{
    const ObjectImporter *importer = batch->importer;
    return importer->receipt_kind ? importer->receipt_kind(object->representation) : importer->object_type;
}

static gboolean record_receipts(ObjectBatch *batch, GError **error)
{
    g_autoptr(GArray) receipts = g_array_new(FALSE, TRUE, sizeof(Receipt));
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        Receipt receipt = {.kind = receipt_kind(batch, object),
                           .key = object->state->receipt,
                           .jid = object->job->jid,
                           .references = object->state->references};
        g_array_append_val(receipts, receipt);
    }
    if (!receipts_record_new(batch->session, batch->project->id, receipts, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++)
        ((ImportedObject *)batch->objects->pdata[i])->fresh = g_array_index(receipts, Receipt, i).first;
    return TRUE;
}

/* The rows for one table of all fresh objects. (transfer full) */
static json_t *rows_for(const ObjectBatch *batch, const RowTable *table)
{
    json_t *rows = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        for (guint j = 0; object->fresh && j < object->state->rows->len; j++) {
            const Row *row = &g_array_index(object->state->rows, Row, j);
            if (row->table == table)
                json_array_append(rows, row->columns);
        }
    }
    return rows;
}

gboolean object_insert_rows(ObjectBatch *batch, const RowTable *table, GError **error)
{
    g_autoptr(json_t) rows = rows_for(batch, table);
    return json_array_size(rows) == 0 || row_table_insert(batch->session, table, rows, error);
}

static gboolean insert_rows(ObjectBatch *batch, GError **error)
{
    for (const RowTable *const *table = batch->importer->tables; *table; table++)
        if (!object_insert_rows(batch, *table, error))
            return FALSE;
    return TRUE;
}

/* Those of the rows that are there, whoever has written them. */
static gboolean push_references(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) references = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        for (guint j = 0; j < object->state->references->len; j++)
            g_ptr_array_add(references, object->state->references->pdata[j]);
    }
    return placeholder_references_push(batch->session, batch->project, references, error);
}

static gboolean write_batch(G_GNUC_UNUSED Database *database, gpointer data, GError **error)
{
    ObjectBatch *batch = data;
    return record_receipts(batch, error) && insert_rows(batch, error) &&
           (!batch->importer->write || batch->importer->write(batch, error));
}

/* A receipt remembers the references; without receipts they go first, because a reference to a row that is
 * not there does no harm, and a row without its reference has lost its author. */
gboolean object_rows_write(ObjectBatch *batch, GError **error)
{
    Database *database = session_database(batch->session);
    if (!batch->session->configuration->receipts)
        return push_references(batch, error) && database_transaction(database, write_batch, batch, error);
    return database_transaction(database, write_batch, batch, error) && push_references(batch, error);
}
