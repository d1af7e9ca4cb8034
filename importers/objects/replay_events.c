#include "importers/objects/replay_events.h"

#include "importers/gitlab/events_cache.h"
#include "protocol/json.h"

#define UNREVIEWED 0 /* merge_request_reviewers.state */

/* --- while the timeline is read --- */

static char *record_of(const char *type, gint64 iid)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT, type, iid);
}

static char *parent_record(const json_t *parent)
{
    return record_of(json_string_field(parent, "issuable_type"), json_integer_field(parent, "iid", 0));
}

gboolean replay_events_cache(Stage *stage, const json_t *event, const json_t *parent, GError **error)
{
    g_autofree char *record = parent_record(parent);
    return events_cache_add(stage->session, stage->project->id, record, event, error);
}

gboolean replay_events_parent_done(Scheduling *scheduling, const json_t *parent, GError **error)
{
    const Stage *stage = parallel_scheduling_stage(scheduling);
    g_autofree char *record = parent_record(parent);
    gboolean any;
    if (!events_cache_any(stage->session, stage->project->id, record, &any, error))
        return FALSE;
    return !any || parallel_scheduling_enqueue(scheduling, "Gitlab::GithubImport::ReplayEventsWorker", record,
                                               json_pack("{s:O, s:O}", "issuable_type",
                                                         json_object_get(parent, "issuable_type"),
                                                         "issuable_iid", json_object_get(parent, "iid")),
                                               error);
}

/* --- the replay --- */

/* What one job replays. */
typedef struct Replay {
    char *record;
    json_t *reviewers; /* login -> user, of those still asked, in the order in which they were asked */
    json_t *rows;      /* of merge_request_reviewers; NULL: there is no such merge request */
} Replay;

static void replay_free(Replay *replay)
{
    g_free(replay->record);
    json_decref(replay->reviewers);
    json_decref(replay->rows);
    g_free(replay);
}

static char *iid_text(const json_t *representation)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(representation, "issuable_iid", 0));
}

static gboolean is_of_merge_request(const json_t *representation)
{
    return g_strcmp0(json_string_field(representation, "issuable_type"), "MergeRequest") == 0;
}

/* A requested team is no reviewer: such an event has no user. (transfer full) */
static json_t *remaining_reviewers(const json_t *events)
{
    json_t *reviewers = json_object(), *event;
    size_t index;
    json_array_foreach (events, index, event) {
        json_t *user = json_object_get(event, "requested_reviewer");
        const char *login = json_string_field(user, "login");
        if (!login)
            continue;
        if (g_strcmp0(json_string_field(event, "event"), "review_requested") == 0)
            json_object_set(reviewers, login, user);
        else
            json_object_del(reviewers, login);
    }
    return reviewers;
}

static char *replayed_record(const json_t *representation)
{
    const char *type = json_string_field(representation, "issuable_type");
    return record_of(type ? type : "", json_integer_field(representation, "issuable_iid", 0));
}

static GPtrArray *records_of(const ObjectBatch *batch)
{
    GPtrArray *records = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        g_ptr_array_add(records, replayed_record(object->representation));
    }
    return records;
}

static gboolean read_events(ObjectBatch *batch, json_t *users, GError **error)
{
    g_autoptr(GPtrArray) records = records_of(batch);
    g_autoptr(json_t) lists = events_cache_events(batch->session, batch->project->id, records, error);
    if (!lists)
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        Replay *replay = g_new0(Replay, 1);
        const char *login;
        json_t *user;
        replay->record = g_strdup(records->pdata[i]);
        replay->reviewers = remaining_reviewers(json_array_get(lists, i));
        object->importer_data = replay;
        object->importer_data_free = (GDestroyNotify)replay_free;
        json_object_foreach (replay->reviewers, login, user)
            json_array_append(users, user);
    }
    return TRUE;
}

static gboolean find_merge_requests(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) iids = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (is_of_merge_request(object->representation))
            g_ptr_array_add(iids, iid_text(object->representation));
    }
    return finder_preload(batch->merge_requests, iids, error);
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) users = json_array();
    return read_events(batch, users, error) && user_finder_preload(batch->users, users, error) &&
           find_merge_requests(batch, error);
}

static const RowTable reviewers = {
    .columns = &merge_request_reviewer_columns,
    .sequence = "merge_request_reviewers_id_seq",
};

/* A deleted account is asked no longer. */
static gboolean build_reviewer(ObjectBatch *batch, ImportedObject *object, gint64 merge_request_id,
                               const json_t *user, GError **error)
{
    const Replay *replay = object->importer_data;
    FoundUser found;
    gint64 id;
    if (!user_finder_find(batch->users, user, FALSE, &found, error))
        return FALSE;
    if (found.user_id == 0)
        return TRUE;
    if (!object_next_id(batch, &reviewers, &id, error))
        return FALSE;
    json_array_append_new(replay->rows,
                          json_pack("{s:I, s:I, s:I, s:i, s:s}", "id", (json_int_t)id, "merge_request_id",
                                    (json_int_t)merge_request_id, "user_id", (json_int_t)found.user_id,
                                    "state", UNREVIEWED, "created_at", batch->now));
    object_refer(batch, object, &found, "MergeRequestReviewer", id, "user_id");
    return TRUE;
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    Replay *replay = object->importer_data;
    g_autofree char *iid = iid_text(object->representation);
    gint64 merge_request_id;
    const char *login;
    json_t *user;
    if (!is_of_merge_request(object->representation))
        return TRUE;
    if (!finder_find(batch->merge_requests, iid, &merge_request_id, error))
        return FALSE;
    if (merge_request_id == 0)
        return TRUE;
    replay->rows = json_array();
    json_object_foreach (replay->reviewers, login, user)
        if (!build_reviewer(batch, object, merge_request_id, user, error))
            return FALSE;
    return TRUE;
}

/* Somebody may be a reviewer already. GitLab's trigger fills project_id. */
#define INSERT_REVIEWERS(columns, values)                                                                    \
    "INSERT INTO merge_request_reviewers (id, merge_request_id, user_id, state, created_at" columns ")"      \
    " SELECT id, merge_request_id, user_id, state, created_at" values                                        \
    " FROM json_to_recordset($1) AS r (id bigint, merge_request_id bigint, user_id bigint, state smallint,"  \
    "  created_at timestamptz) ON CONFLICT DO NOTHING"

static const Statement insert = {
    "replay_events_insert",
    INSERT_REVIEWERS(", updated_at", ", created_at"),
};
/* GitLab before the column. */
static const Statement insert_without_updated_at = {
    "replay_events_insert_without_updated_at",
    INSERT_REVIEWERS("", ""),
};

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    const Statement *statement =
        schema_has_column(batch->session->schema, "merge_request_reviewers", "updated_at")
            ? &insert
            : &insert_without_updated_at;
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const Replay *replay = object->importer_data;
        if (object->fresh && replay->rows)
            json_array_extend(rows, replay->rows);
    }
    if (json_array_size(rows) == 0)
        return TRUE;
    g_autofree char *text = json_dump(rows);
    g_autoptr(PGresult) result =
        database_run(session_database(batch->session), error, statement, text, DATABASE_END);
    return result != NULL;
}

/* The events of other records are left to expire, as in Ruby. */
static gboolean committed(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) replayed = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const Replay *replay = ((const ImportedObject *)batch->objects->pdata[i])->importer_data;
        if (replay->rows)
            g_ptr_array_add(replayed, replay->record);
    }
    return replayed->len == 0 || events_cache_delete(batch->session, batch->project->id, replayed, error);
}

static const char *counted_as(G_GNUC_UNUSED const json_t *representation)
{
    return NULL;
}

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:O?, s:O?}", "issuable_iid", json_object_get(representation, "issuable_iid"),
                     "issuable_type", json_object_get(representation, "issuable_type"));
}

const TableColumns merge_request_reviewer_columns = {
    .table = "merge_request_reviewers",
    .columns = COLUMNS("id", "merge_request_id", "user_id", "state", "created_at"),
    .known = COLUMNS("project_id", "updated_at"),
    .inserts = TRUE,
};

static const RowTable *const no_tables[] = {NULL};

const ObjectImporter replay_event_importer = {
    .class_name = "Gitlab::GithubImport::Importer::ReplayEventsImporter",
    .object_type = "replay_event",
    .counted_as = counted_as,
    .identifiers = identifiers,
    .receipt = replayed_record,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .committed = committed,
    .tables = no_tables,
};
