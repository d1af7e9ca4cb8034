#include "importers/objects/pull_requests/merge_metrics.h"

#include "importers/gitlab/people_mode.h"
#include "importers/gitlab/receipts.h"
#include "importers/objects/issuable.h"
#include "importers/objects/note.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#define NOTE_RECEIPT "merged_by_note" /* keyed by the merge request's id */

struct MergeMetrics {
    gint64 merge_request_id;
    const json_t *user;
    char *merged_at;
    gint64 id; /* of the row, the one that is there or a new one */
    FoundUser merged_by;
    json_t *note; /* the row; NULL: none is due */
};

const TableColumns merge_request_metrics_columns = {
    .table = "merge_request_metrics",
    .columns = COLUMNS("id", "merge_request_id", "target_project_id", "merged_by_id", "merged_at",
                       "created_at", "updated_at"),
    .inserts = TRUE,
};

static const RowTable metrics_table = {
    .columns = &merge_request_metrics_columns,
    .sequence = "merge_request_metrics_id_seq",
};

MergeMetrics *merge_metrics_new(gint64 merge_request_id, const json_t *user, char *merged_at)
{
    MergeMetrics *metrics = g_new0(MergeMetrics, 1);
    metrics->merge_request_id = merge_request_id;
    metrics->user = user;
    metrics->merged_at = merged_at;
    return metrics;
}

void merge_metrics_free(MergeMetrics *metrics)
{
    g_free(metrics->merged_at);
    json_decref(metrics->note);
    g_free(metrics);
}

/* --- what is looked up for all at once --- */

static const Statement find = {
    "merge_metrics_find",
    "SELECT merge_request_id, id FROM merge_request_metrics WHERE merge_request_id = ANY"
    "(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))",
};

static void take_id(const GPtrArray *all, gint64 merge_request_id, gint64 id)
{
    for (guint i = 0; i < all->len; i++) {
        MergeMetrics *metrics = all->pdata[i];
        if (metrics->merge_request_id == merge_request_id)
            metrics->id = id;
    }
}

gboolean merge_metrics_prepare(ObjectBatch *batch, const GPtrArray *all, GError **error)
{
    g_autoptr(json_t) ids = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(ids, json_integer(((const MergeMetrics *)all->pdata[i])->merge_request_id));
    if (json_array_size(ids) == 0)
        return TRUE;
    g_autofree char *text = json_dump(ids);
    g_autoptr(PGresult) rows =
        database_run(session_database(batch->session), error, &find, text, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        take_id(all, database_integer(rows, row, "merge_request_id"), database_integer(rows, row, "id"));
    return rows != NULL;
}

/* --- one merge request --- */

static gboolean refer(ObjectBatch *batch, ImportedObject *object, MergeMetrics *metrics, GError **error)
{
    if (!user_finder_find(batch->users, metrics->user, TRUE, &metrics->merged_by, error) ||
        (metrics->id == 0 && !object_next_id(batch, &metrics_table, &metrics->id, error)))
        return FALSE;
    object_refer(batch, object, &metrics->merged_by, "MergeRequest::Metrics", metrics->id, "merged_by_id");
    return TRUE;
}

static char *note_text(const MergeMetrics *metrics, const char *time)
{
    g_autofree char *login = representation_text(metrics->user, "login");
    return g_strdup_printf("*Merged by: %s at %.19s UTC*", login ? login : "ghost", time);
}

static char *discussion_id(const MergeMetrics *metrics)
{
    g_autofree char *name =
        g_strdup_printf("discussion-merge_request-%" G_GINT64_FORMAT "-merged_by", metrics->merge_request_id);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, name, -1);
}

static gboolean build_note(ObjectBatch *batch, MergeMetrics *metrics, GError **error)
{
    const char *time = metrics->merged_at ? metrics->merged_at : batch->now;
    FoundUser creator = {.user_id = batch->project->creator_id};
    g_autofree char *text = note_text(metrics, time);
    g_autofree char *discussion = discussion_id(metrics);
    NewNote note = {
        .noteable_type = "MergeRequest",
        .noteable_id = metrics->merge_request_id,
        .author = &creator,
        .text = text,
        .created_at = time,
        .updated_at = batch->now,
    };
    gint64 id;
    if (!object_next_id(batch, &note_table, &id, error))
        return FALSE;
    metrics->note = note_row(batch, id, &note, discussion);
    return TRUE;
}

gboolean merge_metrics_import(ObjectBatch *batch, ImportedObject *object, MergeMetrics *metrics,
                              GError **error)
{
    return refer(batch, object, metrics, error) &&
           (people_mode_maps(batch->session, batch->data) || build_note(batch, metrics, error));
}

/* --- the rows of all --- */

static const Statement upsert = {
    "merge_metrics_upsert",
    "INSERT INTO merge_request_metrics (id, merge_request_id, target_project_id, merged_by_id, merged_at,"
    "  created_at, updated_at)"
    " SELECT DISTINCT ON (merge_request_id) id, merge_request_id, $2::bigint, merged_by_id, merged_at,"
    "  $3::timestamp, $3::timestamp"
    " FROM json_to_recordset($1::json)"
    "  AS r (id bigint, merge_request_id bigint, merged_by_id bigint, merged_at timestamp)"
    " ORDER BY merge_request_id, merged_at DESC NULLS LAST"
    " ON CONFLICT (merge_request_id) DO UPDATE SET target_project_id = excluded.target_project_id,"
    "  merged_by_id = excluded.merged_by_id, merged_at = excluded.merged_at,"
    "  created_at = excluded.created_at, updated_at = excluded.updated_at",
};

static json_t *metrics_row(const MergeMetrics *metrics)
{
    return json_pack("{s:I, s:I, s:o, s:s?}", "id", (json_int_t)metrics->id, "merge_request_id",
                     (json_int_t)metrics->merge_request_id, "merged_by_id",
                     issuable_id_or_null(metrics->merged_by.user_id), "merged_at", metrics->merged_at);
}

static gboolean write_metrics(ObjectBatch *batch, const GPtrArray *all, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(rows, metrics_row(all->pdata[i]));
    g_autofree char *text = json_dump(rows);
    g_autoptr(PGresult) result = database_run(session_database(batch->session), error, &upsert, text,
                                              SQL_INTEGER(batch->project->id), batch->now, DATABASE_END);
    return result != NULL;
}

/* *due is FALSE when an earlier job or event has written the note. */
static gboolean record_note(ObjectBatch *batch, const MergeMetrics *metrics, gboolean *due, GError **error)
{
    g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, metrics->merge_request_id);
    return receipts_record(batch->session, batch->project->id, NOTE_RECEIPT, key, due, error);
}

static gboolean write_notes(ObjectBatch *batch, const GPtrArray *all, GError **error)
{
    g_autoptr(json_t) rows = json_array();
    for (guint i = 0; i < all->len; i++) {
        const MergeMetrics *metrics = all->pdata[i];
        gboolean due;
        if (!metrics->note)
            continue;
        if (!record_note(batch, metrics, &due, error))
            return FALSE;
        if (due)
            json_array_append(rows, metrics->note);
    }
    return json_array_size(rows) == 0 || row_table_insert(batch->session, &note_table, rows, error);
}

gboolean merge_metrics_write(ObjectBatch *batch, const GPtrArray *all, GError **error)
{
    return all->len == 0 || (write_metrics(batch, all, error) && write_notes(batch, all, error));
}
