#include "importers/objects/issue_label_links.h"

#include "protocol/json.h"

const TableColumns label_link_columns = {
    .table = "label_links",
    .columns = COLUMNS("label_id", "target_id", "target_type", "created_at", "updated_at"),
    .known = COLUMNS("namespace_id"),
    .inserts = TRUE,
};

const RowTable label_link_table = {
    .columns = &label_link_columns,
    .where_present = COLUMNS("namespace_id"),
};

static const Statement read_links = {
    "issue_label_links",
    "SELECT target_id, label_id FROM label_links WHERE target_type = $1"
    " AND target_id = ANY(ARRAY(SELECT value::bigint FROM json_array_elements_text($2::json)))",
};

static const json_t *label_names(const ImportedObject *object)
{
    return json_object_get(object->representation, "label_names");
}

gboolean issue_label_links_preload(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        size_t j;
        json_t *name;
        json_array_foreach (label_names(batch->objects->pdata[i]), j, name)
            if (json_is_string(name))
                g_ptr_array_add(names, (gpointer)json_string_value(name));
    }
    return names->len == 0 || finder_preload(batch->labels, names, error);
}

GHashTable *issue_label_links_set_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static char *link_of(const char *type, gint64 target, gint64 label)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, type, target, label);
}

gboolean issue_label_links_read(Session *session, const char *type, const json_t *targets, GHashTable *linked,
                                GError **error)
{
    if (json_array_size(targets) == 0)
        return TRUE;
    g_autofree char *ids = json_dump(targets);
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &read_links, type, ids, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        g_hash_table_add(linked, link_of(type, database_integer(rows, row, "target_id"),
                                         database_integer(rows, row, "label_id")));
    return rows != NULL;
}

static json_t *row_of(const ObjectBatch *batch, const char *type, gint64 target, gint64 label)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:I}", "label_id", (json_int_t)label, "target_id",
                     (json_int_t)target, "target_type", type, "created_at", batch->now, "updated_at",
                     batch->now, "namespace_id", (json_int_t)batch->project->project_namespace_id);
}

gboolean issue_label_links_build(ObjectBatch *batch, ImportedObject *object, const char *type, gint64 target,
                                 GHashTable *linked, GError **error)
{
    g_autoptr(GHashTable) met = issue_label_links_set_new();
    size_t i;
    json_t *name;
    json_array_foreach (label_names(object), i, name) {
        gint64 label = 0;
        if (json_is_string(name) && !finder_find(batch->labels, json_string_value(name), &label, error))
            return FALSE;
        char *link = link_of(type, target, label);
        if (label != 0 && !g_hash_table_contains(linked, link) && !g_hash_table_contains(met, link))
            object_insert(object, &label_link_table, row_of(batch, type, target, label));
        g_hash_table_add(met, link);
    }
    return TRUE;
}
