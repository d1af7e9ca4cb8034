#include "importers/objects/replay_events.h"

#include "importers/gitlab/events_cache.h"
#include "importers/objects/pull_requests/reviewers.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

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
    json_t *reviewers;       /* login -> user, of those still asked, in the order in which they were asked */
    gint64 merge_request_id; /* 0: there is none */
    GHashTable *present;     /* reviewers already, of the whole batch; see merge_request_users.h */
    json_t *rows;            /* of merge_request_reviewers; NULL: there is no such merge request */
} Replay;

static void replay_free(Replay *replay)
{
    g_free(replay->record);
    json_decref(replay->reviewers);
    g_clear_pointer(&replay->present, g_hash_table_unref);
    json_decref(replay->rows);
    g_free(replay);
}

/* NULL: the events are of an issue. (transfer full) */
static char *merge_request_iid(const json_t *representation)
{
    const char *type = json_string_field(representation, "issuable_type");
    return g_strcmp0(type, "MergeRequest") == 0 ? representation_id(representation, "issuable_iid") : NULL;
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

/* Appends the merge request's id. */
static gboolean find_merge_request(ObjectBatch *batch, const ImportedObject *object, json_t *ids,
                                   GError **error)
{
    Replay *replay = object->importer_data;
    g_autofree char *iid = merge_request_iid(object->representation);
    if (!iid)
        return TRUE;
    if (!finder_find(batch->merge_requests, iid, &replay->merge_request_id, error))
        return FALSE;
    json_array_append_new(ids, json_integer(replay->merge_request_id));
    return TRUE;
}

static gboolean find_reviewers(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) ids = json_array();
    for (guint i = 0; i < batch->objects->len; i++)
        if (!find_merge_request(batch, batch->objects->pdata[i], ids, error))
            return FALSE;
    g_autoptr(GHashTable) present = reviewers_find(batch, ids, error);
    for (guint i = 0; present && i < batch->objects->len; i++)
        ((Replay *)((ImportedObject *)batch->objects->pdata[i])->importer_data)->present =
            g_hash_table_ref(present);
    return present != NULL;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) users = json_array();
    return read_events(batch, users, error) && user_finder_preload(batch->users, users, error) &&
           object_batch_preload(batch, batch->merge_requests, merge_request_iid, error) &&
           find_reviewers(batch, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    Replay *replay = object->importer_data;
    const char *login;
    json_t *user;
    if (replay->merge_request_id == 0)
        return TRUE;
    replay->rows = json_array();
    json_object_foreach (replay->reviewers, login, user)
        if (!reviewer_build_asked(batch, object, replay->merge_request_id, user, replay->present,
                                  replay->rows, error))
            return FALSE;
    return TRUE;
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const Replay *replay = object->importer_data;
        if (object->fresh && replay->rows)
            json_array_extend(rows, replay->rows);
    }
    return reviewers_write(batch, rows, error);
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
