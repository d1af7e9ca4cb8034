/* Gitlab::GithubImport::Importer::LabelsImporter (lib/gitlab/github_import/importer/labels_importer.rb,
 * app/models/label.rb). */
#include "importers/gitlab/label_finder.h"
#include "importers/objects/bulk_import.h"
#include "protocol/json.h"

#define TITLE_MAXIMUM 255

static gboolean is_colour(const char *color)
{
    size_t length = strlen(color);

    return (length == 3 || length == 6) && strspn(color, "0123456789abcdefABCDEF") == length;
}

static void validate(BulkRow *row, const char *title, const char *color)
{
    g_autofree char *stripped = g_strstrip(g_strdup(title));

    if (!*stripped)
        bulk_row_refuse(row, "Title can't be blank");
    if (!*stripped || strchr(title, ','))
        bulk_row_refuse(row, "Title is invalid");
    if (g_utf8_strlen(title, -1) > TITLE_MAXIMUM)
        bulk_row_refuse(row, "Title is too long (maximum is 255 characters)");
    if (!is_colour(color))
        bulk_row_refuse(row, "Color must be a valid color code");
}

static gboolean build(Stage *stage G_GNUC_UNUSED, const json_t *object, BulkRow **row,
                      GError **error G_GNUC_UNUSED)
{
    g_autoptr(json_t) name = bulk_text(object, "name");
    const char *title = json_is_string(name) ? json_string_value(name) : "";
    const char *color = json_string_field(object, "color");
    g_autofree char *now = database_now();

    *row = bulk_row_new(title, title,
                        json_pack("{s:s, s:o, s:s}", "key", title, "color",
                                  json_sprintf("#%s", color ? color : ""), "created_at", now),
                        json_pack("{s:s, s:s}", "title", title, "object_type", "label"));
    validate(*row, title, color ? color : "");
    return TRUE;
}

static gboolean finished(Stage *stage, GError **error)
{
    return label_finder_fill_cache(stage->session, stage->project->id, error);
}

const TableColumns label_columns = {
    .table = "labels",
    .columns = COLUMNS("id", "title", "color", "project_id", "group_id", "type", "created_at", "updated_at"),
    .inserts = TRUE,
};

const BulkImporter labels_importer = {
    .class_name = "Gitlab::GithubImport::Importer::LabelsImporter",
    .object_type = "label",
    .collection = "labels",
    .existing = {"labels_existing",
                 "SELECT id, title AS key FROM labels WHERE project_id = $1 AND type = 'ProjectLabel'"},
    .taken =
        {"labels_taken",
         "SELECT labels.title, 'Title already exists at group level for ' || groups.name || "
         "'. Please choose another one.' AS reason "
         "FROM projects JOIN namespaces ON namespaces.id = projects.namespace_id "
         "JOIN namespaces groups ON groups.id = ANY (namespaces.traversal_ids) AND groups.type = 'Group' "
         "JOIN labels ON labels.group_id = groups.id "
         "WHERE projects.id = $1"},
    .insert = {"labels_insert",
               "INSERT INTO labels (title, color, project_id, type, created_at, updated_at) "
               "SELECT key, color, $2::bigint, 'ProjectLabel', created_at, created_at "
               "FROM jsonb_to_recordset($1) AS r (key text, color text, created_at timestamp) "
               "ON CONFLICT (project_id, title) WHERE group_id IS NULL DO NOTHING "
               "RETURNING id, title AS key"},
    .build = build,
    .finished = finished,
};
