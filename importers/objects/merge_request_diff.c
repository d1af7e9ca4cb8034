#include "importers/objects/merge_request_diff.h"

#include "importers/git/compare.h"
#include "importers/git/diff/patch_id.h"
#include "importers/git/object_id.h"
#include "importers/objects/merge_request.h"
#include "importers/objects/merge_request_commits.h"
#include "protocol/json.h"

#include <string.h>

#define FLUSH_BYTES    ((gsize)1024 * 1024)
#define FLUSH_ROWS     1000
#define BYTES_PER_FILE 5120 /* Gitlab::Git::DiffCollection.limits */
#define REGULAR        1    /* diff_type */
#define EXTERNAL_LOCAL 1    /* external_diff_store; must not be NULL */

const TableColumns merge_request_diff_columns = {
    .table = "merge_request_diffs",
    .columns = COLUMNS("id", "merge_request_id", "state", "start_commit_sha", "head_commit_sha",
                       "base_commit_sha", "real_size", "commits_count", "files_count", "sorted", "diff_type",
                       "external_diff_store", "created_at", "updated_at"),
    .known = COLUMNS("project_id", "patch_id_sha"),
    .inserts = TRUE,
};

const RowTable merge_request_diff_table = {
    .columns = &merge_request_diff_columns,
    .where_present = COLUMNS("project_id", "patch_id_sha"),
    .sequence = "merge_request_diffs_id_seq",
};

const TableColumns merge_request_diff_file_columns = {
    .table = "merge_request_diff_files",
    .columns = COLUMNS("merge_request_diff_id", "relative_order", "new_file", "renamed_file", "deleted_file",
                       "too_large", "a_mode", "b_mode", "new_path", "old_path", "diff", "binary"),
    .known = COLUMNS("encoded_file_path", "project_id"),
    .inserts = TRUE,
};

static const RowTable file_table = {
    .columns = &merge_request_diff_file_columns,
    .where_present = COLUMNS("encoded_file_path", "project_id"),
};

/* --- commits --- */

struct MergeRequestDiff {
    char *start_sha, *head_sha; /* NULL: no commit id */
    gboolean has_base;
    git_oid base, head;
    GPtrArray *commits;     /* of GitCommit */
    GArray *commit_columns; /* of MergeRequestCommit, one for each */
};

void merge_request_diff_free(MergeRequestDiff *diff)
{
    g_free(diff->start_sha);
    g_free(diff->head_sha);
    g_ptr_array_unref(diff->commits);
    g_array_unref(diff->commit_columns);
    g_free(diff);
}

/* GitLab's newer schema refuses a sha that is no hexadecimal number. (transfer full) */
static char *commit_id(const char *sha)
{
    git_oid id;
    return object_id_parse(sha, &id) ? g_strdup(sha) : NULL;
}

static gboolean read_commits(MergeRequestDiff *diff, git_repository *repository, GError **error)
{
    git_oid start;
    if (!diff->start_sha || !diff->head_sha || !git_find_commit(repository, diff->start_sha, &start) ||
        !git_find_commit(repository, diff->head_sha, &diff->head))
        return TRUE;
    g_autoptr(GPtrArray) commits = git_commits_between(repository, &start, &diff->head, error);
    if (!commits)
        return FALSE;
    for (guint i = 0; i < commits->len; i++) {
        MergeRequestCommit columns = {.commit = commits->pdata[i]};
        g_array_append_val(diff->commit_columns, columns);
    }
    g_ptr_array_unref(diff->commits);
    diff->commits = g_steal_pointer(&commits);
    return git_merge_base_of(repository, &start, &diff->head, &diff->base, &diff->has_base, error);
}

MergeRequestDiff *merge_request_diff_read(git_repository *repository, const char *start_sha,
                                          const char *head_sha, GError **error)
{
    g_autoptr(MergeRequestDiff) diff = g_new0(MergeRequestDiff, 1);
    diff->start_sha = commit_id(start_sha);
    diff->head_sha = commit_id(head_sha);
    diff->commits = g_ptr_array_new();
    diff->commit_columns = g_array_new(FALSE, TRUE, sizeof(MergeRequestCommit));
    return read_commits(diff, repository, error) ? g_steal_pointer(&diff) : NULL;
}

gboolean merge_request_diffs_resolve_commits(Session *session, const Project *project, const GPtrArray *diffs,
                                             GError **error)
{
    g_autoptr(GPtrArray) commits = g_ptr_array_new();
    for (guint i = 0; i < diffs->len; i++) {
        GArray *columns = ((MergeRequestDiff *)diffs->pdata[i])->commit_columns;
        for (guint j = 0; j < columns->len; j++)
            g_ptr_array_add(commits, &g_array_index(columns, MergeRequestCommit, j));
    }
    return merge_request_commits_resolve(session, project, commits, error);
}

/* --- rows --- */

struct MergeRequestDiffWriter {
    Session *session;
    const Project *project;
    git_repository *repository;
    const char *now;
    GitDiffLimits limits;
    json_t *merge_requests, *diffs, *commits, *files; /* rows that are not written yet */
    gsize bytes;                                      /* of texts in them */
    json_t *latest; /* what becomes latest_merge_request_diff_id of which, if that is no new one */
};

void merge_request_diff_writer_free(MergeRequestDiffWriter *writer)
{
    json_decref(writer->merge_requests);
    json_decref(writer->diffs);
    json_decref(writer->commits);
    json_decref(writer->files);
    json_decref(writer->latest);
    g_free(writer);
}

/* Commit.max_diff_options (app/models/commit.rb) and Gitlab::Git::DiffCollection.limits. */
static gboolean read_limits(Session *session, GitDiffLimits *limits, GError **error)
{
    static const Statement SETTINGS = {
        "merge_request_diff_limits",
        "SELECT coalesce((s ->> 'diff_max_files')::bigint, 1000) AS max_files,"
        " coalesce((s ->> 'diff_max_lines')::bigint, 50000) AS max_lines,"
        " coalesce((s ->> 'diff_max_patch_bytes')::bigint, 204800) AS max_patch_bytes"
        " FROM (SELECT (SELECT to_jsonb(a) FROM application_settings a ORDER BY id DESC LIMIT 1) AS s) "
        "newest",
    };
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &SETTINGS, DATABASE_END);
    if (!rows)
        return FALSE;
    limits->max_files = (guint)database_integer(rows, 0, "max_files");
    limits->max_lines = (guint)database_integer(rows, 0, "max_lines");
    limits->max_bytes = (gsize)limits->max_files * BYTES_PER_FILE;
    limits->max_patch_bytes = (gsize)database_integer(rows, 0, "max_patch_bytes");
    return TRUE;
}

MergeRequestDiffWriter *merge_request_diff_writer_new(Session *session, const Project *project,
                                                      git_repository *repository, const char *now,
                                                      GError **error)
{
    g_autoptr(MergeRequestDiffWriter) writer = g_new0(MergeRequestDiffWriter, 1);
    writer->session = session;
    writer->project = project;
    writer->repository = repository;
    writer->now = now;
    writer->merge_requests = json_array();
    writer->diffs = json_array();
    writer->commits = json_array();
    writer->files = json_array();
    writer->latest = json_array();
    return read_limits(session, &writer->limits, error) ? g_steal_pointer(&writer) : NULL;
}

static gboolean flush_table(MergeRequestDiffWriter *writer, const RowTable *table, json_t *rows,
                            GError **error)
{
    if (json_array_size(rows) > 0 && !row_table_insert(writer->session, table, rows, error))
        return FALSE;
    json_array_clear(rows);
    return TRUE;
}

static gboolean flush_merge_requests(MergeRequestDiffWriter *writer, GError **error)
{
    if (json_array_size(writer->merge_requests) == 0)
        return flush_table(writer, &merge_request_diff_table, writer->diffs, error);
    if (!row_table_insert_both(writer->session, &merge_request_table, writer->merge_requests,
                               &merge_request_diff_table, writer->diffs, error))
        return FALSE;
    json_array_clear(writer->merge_requests);
    json_array_clear(writer->diffs);
    return TRUE;
}

static gboolean flush(MergeRequestDiffWriter *writer, GError **error)
{
    writer->bytes = 0;
    return flush_merge_requests(writer, error) &&
           flush_table(writer, merge_request_diff_commit_table(writer->session), writer->commits, error) &&
           flush_table(writer, &file_table, writer->files, error);
}

static gboolean flush_if_full(MergeRequestDiffWriter *writer, GError **error)
{
    gboolean full = writer->bytes >= FLUSH_BYTES || json_array_size(writer->commits) >= FLUSH_ROWS ||
                    json_array_size(writer->files) >= FLUSH_ROWS;
    return !full || flush(writer, error);
}

static gboolean delete_diffs(MergeRequestDiffWriter *writer, const char *ids, GError **error)
{
    static const Statement DELETE = {
        "merge_request_diffs_delete",
        "DELETE FROM merge_request_diffs WHERE merge_request_id = ANY"
        "(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))",
    };
    g_autoptr(PGresult) result =
        database_run(session_database(writer->session), error, &DELETE, ids, DATABASE_END);
    return result != NULL;
}

gboolean merge_request_diff_writer_replace(MergeRequestDiffWriter *writer, const GArray *merge_request_ids,
                                           GError **error)
{
    if (merge_request_ids->len == 0)
        return TRUE;
    g_autoptr(json_t) ids = json_array();
    for (guint i = 0; i < merge_request_ids->len; i++)
        json_array_append_new(ids, json_integer(g_array_index(merge_request_ids, gint64, i)));
    g_autofree char *text = json_dump(ids);
    return delete_diffs(writer, text, error);
}

static json_t *sha_or_null(gboolean is_there, const git_oid *id)
{
    char sha[GIT_OID_HEXSZ + 1];
    return is_there ? json_string(git_oid_tostr(sha, sizeof(sha), id)) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static const char *state_of(const GitDiffCollection *collection)
{
    if (!collection)
        return "empty";
    if (collection->overflow)
        return "overflow";
    return collection->files->len > 0 ? "collected" : "empty";
}

/* (transfer full) */
static json_t *real_size_of(const GitDiffCollection *collection)
{
    return collection ? json_sprintf("%u%s", collection->files->len, collection->overflow ? "+" : "")
                      : json_null();
}

/* *patch_id is NULL where there is nothing to be identified. */
static gboolean find_patch_id(const MergeRequestDiffWriter *writer, const MergeRequestDiff *diff,
                              json_t **patch_id, GError **error)
{
    g_autofree char *id = NULL;
    *patch_id = json_null();
    if (!diff->has_base || git_oid_equal(&diff->base, &diff->head))
        return TRUE;
    if (!git_patch_id(writer->repository, &diff->base, &diff->head, &id, error))
        return FALSE;
    if (id)
        *patch_id = json_sprintf("\\x%s", id);
    return TRUE;
}

static void add_diff(MergeRequestDiffWriter *writer, const MergeRequestDiff *diff, gint64 id,
                     gint64 merge_request_id, const GitDiffCollection *collection, json_t *patch_id)
{
    guint n_files = collection ? collection->files->len : 0;
    json_t *row = json_object();
    json_object_set_new(row, "id", json_integer(id));
    json_object_set_new(row, "merge_request_id", json_integer(merge_request_id));
    json_object_set_new(row, "project_id", json_integer(writer->project->id));
    json_object_set_new(row, "state", json_string(state_of(collection)));
    json_object_set_new(row, "start_commit_sha", text_or_null(diff->start_sha));
    json_object_set_new(row, "head_commit_sha", text_or_null(diff->head_sha));
    json_object_set_new(row, "base_commit_sha", sha_or_null(diff->has_base, &diff->base));
    json_object_set_new(row, "real_size", real_size_of(collection));
    json_object_set_new(row, "commits_count", json_integer(diff->commits->len));
    json_object_set_new(row, "files_count", json_integer(n_files));
    json_object_set_new(row, "sorted", json_boolean(n_files > 0));
    json_object_set_new(row, "diff_type", json_integer(REGULAR));
    json_object_set_new(row, "external_diff_store", json_integer(EXTERNAL_LOCAL));
    json_object_set_new(row, "patch_id_sha", patch_id);
    json_object_set_new(row, "created_at", json_string(writer->now));
    json_object_set_new(row, "updated_at", json_string(writer->now));
    json_array_append_new(writer->diffs, row);
}

static gboolean add_commits(MergeRequestDiffWriter *writer, const MergeRequestDiff *diff, gint64 id,
                            GError **error)
{
    for (guint i = 0; i < diff->commit_columns->len; i++) {
        const MergeRequestCommit *commit = &g_array_index(diff->commit_columns, MergeRequestCommit, i);
        json_array_append_new(writer->commits,
                              merge_request_commit_row(writer->session, writer->project, commit, id, i));
        if (!flush_if_full(writer, error))
            return FALSE;
    }
    return TRUE;
}

static json_t *file_row(const MergeRequestDiffWriter *writer, const GitDiffFile *file, gint64 id, guint order)
{
    json_t *row = json_object();
    json_object_set_new(row, "merge_request_diff_id", json_integer(id));
    json_object_set_new(row, "relative_order", json_integer(order));
    json_object_set_new(row, "new_file", json_boolean(file->new_file));
    json_object_set_new(row, "renamed_file", json_boolean(file->renamed_file));
    json_object_set_new(row, "deleted_file", json_boolean(file->deleted_file));
    json_object_set_new(row, "too_large", json_boolean(file->too_large));
    json_object_set_new(row, "a_mode", json_sprintf("%o", file->a_mode));
    json_object_set_new(row, "b_mode", json_sprintf("%o", file->b_mode));
    json_object_set_new(row, "new_path", json_string(file->new_path));
    json_object_set_new(row, "old_path", json_string(file->old_path));
    json_object_set_new(row, "diff", json_string(file->diff));
    json_object_set_new(row, "binary", json_boolean(file->binary));
    json_object_set_new(row, "encoded_file_path", json_boolean(file->encoded_file_path));
    json_object_set_new(row, "project_id", json_integer(writer->project->id));
    return row;
}

static gboolean add_files(MergeRequestDiffWriter *writer, const GitDiffCollection *collection, gint64 id,
                          GError **error)
{
    for (guint i = 0; collection && i < collection->files->len; i++) {
        const GitDiffFile *file = collection->files->pdata[i];
        json_array_append_new(writer->files, file_row(writer, file, id, i));
        writer->bytes += strlen(file->diff);
        if (!flush_if_full(writer, error))
            return FALSE;
    }
    return TRUE;
}

/* Which diff is the merge request's latest. */
static void add_latest(MergeRequestDiffWriter *writer, gint64 id, gint64 merge_request_id,
                       json_t *merge_request)
{
    if (merge_request) {
        json_object_set_new(merge_request, "latest_merge_request_diff_id", json_integer(id));
        json_array_append(writer->merge_requests, merge_request);
    } else {
        json_array_append_new(writer->latest, json_pack("{s:I, s:I}", "id", (json_int_t)merge_request_id,
                                                        "diff_id", (json_int_t)id));
    }
}

gboolean merge_request_diff_writer_add(MergeRequestDiffWriter *writer, const MergeRequestDiff *diff,
                                       gint64 id, gint64 merge_request_id, json_t *merge_request,
                                       GError **error)
{
    g_autoptr(GitDiffCollection) collection = NULL;
    json_t *patch_id;
    if (diff->commits->len > 0) {
        collection = git_diff_collection(writer->repository, diff->has_base ? &diff->base : NULL, &diff->head,
                                         &writer->limits, error);
        if (!collection)
            return FALSE;
    }
    if (!find_patch_id(writer, diff, &patch_id, error))
        return FALSE;
    add_diff(writer, diff, id, merge_request_id, collection, patch_id);
    add_latest(writer, id, merge_request_id, merge_request);
    return add_commits(writer, diff, id, error) && add_files(writer, collection, id, error);
}

gboolean merge_request_diff_writer_finish(MergeRequestDiffWriter *writer, GError **error)
{
    static const Statement LATEST = {
        "merge_request_diff_latest",
        "UPDATE merge_requests m SET latest_merge_request_diff_id = r.diff_id"
        " FROM json_to_recordset($1::json) AS r (id bigint, diff_id bigint) WHERE m.id = r.id"
        "  AND (m.latest_merge_request_diff_id IS NULL OR m.latest_merge_request_diff_id < r.diff_id)",
    };
    if (!flush(writer, error))
        return FALSE;
    if (json_array_size(writer->latest) == 0)
        return TRUE;
    g_autofree char *text = json_dump(writer->latest);
    g_autoptr(PGresult) result =
        database_run(session_database(writer->session), error, &LATEST, text, DATABASE_END);
    return result != NULL;
}
