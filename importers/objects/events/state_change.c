#include "importers/objects/events/state_change.h"

#include <string.h>

#define SOURCE_COMMIT_MAXIMUM 40

const TableColumns event_columns = {
    .table = "events",
    .columns = COLUMNS("id", "project_id", "author_id", "action", "target_type", "target_id", "created_at",
                       "updated_at"),
    .known = COLUMNS("imported_from"),
    .inserts = TRUE,
};

const RowTable event_table = {
    .columns = &event_columns,
    .where_present = COLUMNS("imported_from"),
    .sequence = "events_id_seq",
};

const TableColumns resource_state_event_columns = {
    .table = "resource_state_events",
    .columns = COLUMNS(RESOURCE_EVENT_COLUMNS, "state", "source_commit"),
    .known = RESOURCE_EVENT_WHERE_PRESENT,
    .inserts = TRUE,
};

const RowTable resource_state_event_table = {
    .columns = &resource_state_event_columns,
    .where_present = RESOURCE_EVENT_WHERE_PRESENT,
    .sequence = "resource_state_events_id_seq",
};

/* A flag without a row has its default: on. */
static const Statement pruning = {
    "events_pruning",
    "SELECT NOT EXISTS (SELECT FROM features WHERE key = 'ops_prune_old_events')"
    " OR EXISTS (SELECT FROM feature_gates WHERE feature_key = 'ops_prune_old_events' AND key = 'boolean'"
    " AND value = 'true') AS enabled",
};

static gboolean is_state_change(const IssueEvent *event)
{
    return event_is(event, "closed") || event_is(event, "reopened") || event_is(event, "merged");
}

/* Three years and a day ago. (transfer full) */
static char *cutoff(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) time = g_date_time_add_full(now, -3, 0, -1, 0, 0, 0);
    return g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
}

gboolean events_find_pruned(ObjectBatch *batch, GError **error)
{
    g_autofree char *oldest = cutoff();
    g_autoptr(GPtrArray) old = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        IssueEvent *event = event_at(batch, i);
        if (is_state_change(event) && strcmp(event->created_at, oldest) < 0)
            g_ptr_array_add(old, event);
    }
    if (old->len == 0)
        return TRUE;
    g_autoptr(PGresult) flag = database_run(session_database(batch->session), error, &pruning, DATABASE_END);
    for (guint i = 0; flag && i < old->len; i++)
        ((IssueEvent *)old->pdata[i])->is_pruned = database_boolean(flag, 0, "enabled");
    return flag != NULL;
}

static gboolean insert_event(ObjectBatch *batch, ImportedObject *object, const FoundUser *author,
                             EventAction action, GError **error)
{
    const IssueEvent *event = event_of(object);
    gint64 id;
    if (!object_next_id(batch, &event_table, &id, error))
        return FALSE;
    object_insert(object, &event_table,
                  json_pack("{s:I, s:I, s:I, s:i, s:s, s:I, s:s, s:s, s:i}", "id", (json_int_t)id,
                            "project_id", (json_int_t)batch->project->id, "author_id",
                            (json_int_t)author->user_id, "action", (int)action, "target_type",
                            event->issuable_type, "target_id", (json_int_t)event->issuable_id, "created_at",
                            event->created_at, "updated_at", event->created_at, "imported_from",
                            IMPORTED_FROM_GITHUB));
    object_refer(batch, object, author, "Event", id, "author_id");
    return TRUE;
}

static gboolean check_source_commit(const char *source_commit, GError **error)
{
    if (!source_commit || strlen(source_commit) <= SOURCE_COMMIT_MAXIMUM)
        return TRUE;
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                        "Validation failed: Source commit is too long (maximum is 40 characters)");
    return FALSE;
}

gboolean state_change_import(ObjectBatch *batch, ImportedObject *object, EventAction action,
                             ResourceState state, const char *source_commit, GError **error)
{
    FoundUser author;
    return event_require_issuable(event_of(object), error) && check_source_commit(source_commit, error) &&
           event_author(batch, object, "actor", &author, error) &&
           (event_of(object)->is_pruned || insert_event(batch, object, &author, action, error)) &&
           event_insert_resource_event(
               batch, object, &resource_state_event_table, "ResourceStateEvent", &author,
               json_pack("{s:i, s:s?}", "state", (int)state, "source_commit", source_commit), error);
}
