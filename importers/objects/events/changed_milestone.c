/* lib/gitlab/github_import/importer/events/changed_milestone.rb. GitHub names the milestone by its title; an
 * event of a milestone that is gone writes nothing. */
#include "importers/objects/events/event.h"

#include "protocol/json.h"

#define ADD          1
#define REMOVE       2
#define STATE_OPENED 1 /* GitHub does not say which it was */

const TableColumns resource_milestone_event_columns = {
    .table = "resource_milestone_events",
    .columns = COLUMNS(RESOURCE_EVENT_COLUMNS, "action", "milestone_id", "state"),
    .known = RESOURCE_EVENT_WHERE_PRESENT,
    .inserts = TRUE,
};

const RowTable resource_milestone_event_table = {
    .columns = &resource_milestone_event_columns,
    .where_present = RESOURCE_EVENT_WHERE_PRESENT,
    .sequence = "resource_milestone_events_id_seq",
};

static const Statement by_title = {
    "changed_milestone_by_title",
    "SELECT title, min(id) AS id FROM milestones WHERE project_id = $1"
    " AND title = ANY(ARRAY(SELECT json_array_elements_text($2::json))) GROUP BY title",
};

/* NULL: no event of a milestone. */
static const char *milestone_title(const IssueEvent *event)
{
    gboolean concerned = event_is(event, "milestoned") || event_is(event, "demilestoned");
    return concerned ? json_string_field(event->representation, "milestone_title") : NULL;
}

static void take_milestone(ObjectBatch *batch, const char *title, gint64 id)
{
    for (guint i = 0; i < batch->objects->len; i++)
        if (g_strcmp0(milestone_title(event_at(batch, i)), title) == 0)
            event_at(batch, i)->milestone_id = id;
}

gboolean events_find_milestones(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) titles = json_array();
    for (guint i = 0; i < batch->objects->len; i++)
        if (milestone_title(event_at(batch, i)))
            json_array_append_new(titles, json_string(milestone_title(event_at(batch, i))));
    if (json_array_size(titles) == 0)
        return TRUE;
    g_autofree char *text = json_dump(titles);
    g_autoptr(PGresult) rows = database_run(session_database(batch->session), error, &by_title,
                                            SQL_INTEGER(batch->project->id), text, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        take_milestone(batch, database_value(rows, row, "title"), database_integer(rows, row, "id"));
    return rows != NULL;
}

gboolean event_import_changed_milestone(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    FoundUser author;
    if (event->milestone_id == 0)
        return TRUE;
    if (!event_require_issuable(event, error) || !event_author(batch, object, "actor", &author, error))
        return FALSE;
    return event_insert_resource_event(
        batch, object, &resource_milestone_event_table, "ResourceMilestoneEvent", &author,
        json_pack("{s:i, s:I, s:i}", "action", event_is(event, "demilestoned") ? REMOVE : ADD, "milestone_id",
                  (json_int_t)event->milestone_id, "state", STATE_OPENED),
        error);
}
