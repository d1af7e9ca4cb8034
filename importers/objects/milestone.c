/* Gitlab::GithubImport::Importer::MilestonesImporter
 * (lib/gitlab/github_import/importer/milestones_importer.rb, app/models/milestone.rb). */
#include "importers/gitlab/milestone_finder.h"
#include "importers/objects/bulk_import.h"
#include "protocol/json.h"

#define TITLE_MAXIMUM 255

static json_t *time_of(const json_t *object, const char *field)
{
    const char *text = json_string_field(object, field);
    g_autofree char *time = text ? database_time(text) : NULL;

    return time ? json_string(time) : json_null();
}

/* The date of `due_on` in UTC. */
static json_t *due_date(const json_t *object)
{
    g_autoptr(json_t) time = time_of(object, "due_on");

    return json_is_string(time) ? json_stringn(json_string_value(time), strlen("2024-06-01")) : json_null();
}

static const char *state(const json_t *object)
{
    return g_strcmp0(json_string_field(object, "state"), "open") == 0 ? "active" : "closed";
}

static void validate(BulkRow *row, const char *title)
{
    g_autofree char *stripped = g_strstrip(g_strdup(title));

    if (!*stripped)
        bulk_row_refuse(row, "Title can't be blank");
    if (g_utf8_strlen(title, -1) > TITLE_MAXIMUM)
        bulk_row_refuse(row, "Title is too long (maximum is 255 characters)");
}

static gboolean build(Stage *stage G_GNUC_UNUSED, const json_t *object, BulkRow **row,
                      GError **error G_GNUC_UNUSED)
{
    g_autoptr(json_t) text = bulk_text(object, "title");
    const char *title = json_is_string(text) ? json_string_value(text) : "";
    json_int_t iid = json_integer_field(object, "number", 0);
    g_autofree char *key = g_strdup_printf("%" JSON_INTEGER_FORMAT, iid);

    *row = bulk_row_new(key, title,
                        json_pack("{s:I, s:s, s:o, s:s, s:o, s:o, s:o}", "key", iid, "title", title,
                                  "description", bulk_text(object, "description"), "state", state(object),
                                  "due_date", due_date(object), "created_at", time_of(object, "created_at"),
                                  "updated_at", time_of(object, "updated_at")),
                        json_pack("{s:I, s:s, s:s}", "iid", iid, "title", title, "object_type", "milestone"));
    validate(*row, title);
    return TRUE;
}

static gboolean finished(Stage *stage, GError **error)
{
    return milestone_finder_fill_cache(stage->session, stage->project->id, error);
}

const TableColumns milestone_columns = {
    .table = "milestones",
    .columns = COLUMNS("id", "iid", "title", "description", "project_id", "group_id", "state", "due_date",
                       "created_at", "updated_at"),
    .inserts = TRUE,
};

const BulkImporter milestones_importer = {
    .class_name = "Gitlab::GithubImport::Importer::MilestonesImporter",
    .object_type = "milestone",
    .collection = "milestones",
    .query = "state=all",
    .existing = {"milestones_existing", "SELECT id, iid AS key FROM milestones WHERE project_id = $1"},
    .taken = {"milestones_taken",
              "SELECT milestones.title, "
              "'Title already being used for another group or project milestone.' AS reason "
              "FROM projects JOIN namespaces ON namespaces.id = projects.namespace_id "
              "JOIN milestones ON milestones.project_id = projects.id "
              "OR milestones.group_id = ANY (namespaces.traversal_ids) "
              "WHERE projects.id = $1"},
    .insert = {"milestones_insert",
               "INSERT INTO milestones "
               "(iid, title, description, project_id, state, due_date, created_at, updated_at) "
               "SELECT key, title, description, $2::bigint, state, due_date, created_at, updated_at "
               "FROM jsonb_to_recordset($1) AS r (key integer, title text, description text, state text, "
               "due_date date, created_at timestamp, updated_at timestamp) "
               "ON CONFLICT (project_id, iid) DO NOTHING "
               "RETURNING id, iid AS key"},
    .build = build,
    .finished = finished,
};
