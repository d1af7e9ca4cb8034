#include "importers/objects/pull_request.h"

#include "importers/git/branches.h"
#include "importers/git/reader.h"
#include "importers/objects/issuable.h"
#include "importers/objects/merge_request.h"
#include "importers/objects/merge_request_assignee.h"
#include "importers/objects/merge_request_diff.h"
#include "importers/objects/pull_request_representation.h"
#include "importers/objects/repository_update.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define STATE_OPENED 1
#define STATE_CLOSED 2
#define STATE_MERGED 3

/* What a batch knows of a pull request (ImportedObject.importer_data). */
typedef struct PullRequest {
    gint64 id;        /* of the merge request; 0 until it has one */
    gboolean exists;  /* before this job */
    gboolean foreign; /* it exists, and no import has written it: it is left alone */
    int state_id;
    json_t *row; /* of a new merge request; NULL: none */
    gint64 diff_id;
    MergeRequestDiff *diff;
    MergeRequestAssignee assignee;
} PullRequest;

static void pull_request_free(gpointer data)
{
    PullRequest *pull_request = data;
    merge_request_assignee_clear(&pull_request->assignee);
    g_clear_pointer(&pull_request->row, json_decref);
    g_clear_pointer(&pull_request->diff, merge_request_diff_free);
    g_free(pull_request);
}

static ImportedObject *object_at(const ObjectBatch *batch, guint i)
{
    return batch->objects->pdata[i];
}

static PullRequest *pull_request_at(const ObjectBatch *batch, guint i)
{
    return object_at(batch, i)->importer_data;
}

static gint64 iid_of(const json_t *representation)
{
    return json_integer_field(representation, "iid", 0);
}

/* --- what is looked up for a whole batch --- */

static int state_id_of(const json_t *representation)
{
    const char *state = pull_request_state(representation);
    if (g_str_equal(state, "opened"))
        return STATE_OPENED;
    return g_str_equal(state, "merged") ? STATE_MERGED : STATE_CLOSED;
}

static void attach(ObjectBatch *batch)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = object_at(batch, i);
        PullRequest *pull_request = g_new0(PullRequest, 1);
        pull_request->state_id = state_id_of(object->representation);
        object->importer_data = pull_request;
        object->importer_data_free = pull_request_free;
    }
}

static void note_existing(ObjectBatch *batch, const PGresult *rows, int row)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        PullRequest *pull_request = pull_request_at(batch, i);
        if (iid_of(object_at(batch, i)->representation) != database_integer(rows, row, "iid"))
            continue;
        pull_request->exists = TRUE;
        pull_request->id = database_integer(rows, row, "id");
        pull_request->state_id = (int)database_integer(rows, row, "state_id");
        pull_request->foreign = !database_boolean(rows, row, "imported");
    }
}

static gboolean find_existing(ObjectBatch *batch, GError **error)
{
    /* GitLabs that do not know where a merge request comes from have no imported_from. */
    static const Statement EXISTING = {
        "pull_requests_existing",
        "SELECT id, iid, state_id, coalesce((to_jsonb(m) ->> 'imported_from')::integer, 4) = 4 AS imported"
        " FROM merge_requests m WHERE target_project_id = $1"
        "  AND iid = ANY(ARRAY(SELECT value::integer FROM json_array_elements_text($2::json)))",
    };
    g_autoptr(json_t) iids = json_array();
    for (guint i = 0; i < batch->objects->len; i++)
        json_array_append_new(iids, json_integer(iid_of(object_at(batch, i)->representation)));
    g_autofree char *text = json_dump(iids);
    g_autoptr(PGresult) rows = database_run(session_database(batch->session), error, &EXISTING,
                                            SQL_INTEGER(batch->project->id), text, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        note_existing(batch, rows, row);
    return rows != NULL;
}

static gboolean read_diff(git_repository *repository, const ImportedObject *object, GError **error)
{
    PullRequest *pull_request = object->importer_data;
    const json_t *representation = object->representation;
    pull_request->diff =
        merge_request_diff_read(repository, json_string_field(representation, "target_branch_sha"),
                                json_string_field(representation, "source_branch_sha"), error);
    return pull_request->diff != NULL;
}

static gboolean read_diffs(ObjectBatch *batch, GError **error)
{
    git_repository *repository = git_reader_repository(batch->session, batch->project, error);
    g_autoptr(GPtrArray) diffs = g_ptr_array_new();
    for (guint i = 0; repository && i < batch->objects->len; i++) {
        if (!session_check_stopping(batch->session, error) ||
            !read_diff(repository, object_at(batch, i), error))
            return FALSE;
        g_ptr_array_add(diffs, pull_request_at(batch, i)->diff);
    }
    return repository && merge_request_diffs_resolve_commits(batch->session, batch->project, diffs, error);
}

static gboolean find_assignees(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) assignees = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        PullRequest *pull_request = pull_request_at(batch, i);
        pull_request->assignee.merge_request_id = pull_request->id;
        if (pull_request->exists)
            g_ptr_array_add(assignees, &pull_request->assignee);
    }
    return merge_request_assignees_find(batch->session, assignees, error);
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    attach(batch);
    return repository_update_own_mirror(batch->session, batch->project, batch->github, error) &&
           object_batch_preload(batch, batch->milestones, issuable_milestone_iid, error) &&
           find_existing(batch, error) && find_assignees(batch, error) && read_diffs(batch, error);
}

/* --- rows --- */

/* What Ruby's representation would stumble over. */
static gboolean check_shape(const json_t *representation, GError **error)
{
    if (iid_of(representation) > 0)
        return TRUE;
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD,
                        "the representation of a pull request has no iid");
    return FALSE;
}

static gboolean check_branches(const char *source, const char *target, GError **error)
{
    const char *missing = !source || !*source ? "Source" : !target || !*target ? "Target" : NULL;
    if (missing)
        g_set_error(error, OBJECT_ERROR, OBJECT_ERROR_INVALID, "Validation failed: %s branch can't be blank",
                    missing);
    return missing == NULL;
}

static void set_row(const ObjectBatch *batch, const ImportedObject *object, const char *title,
                    const char *description, gint64 author_id, gint64 milestone_id)
{
    PullRequest *pull_request = object->importer_data;
    const json_t *representation = object->representation;
    g_autofree char *source_branch = pull_request_source_branch(representation);
    g_autofree char *target_branch = representation_text(representation, "target_branch");
    json_t *row = json_object();
    json_object_set_new(row, "id", json_integer(pull_request->id));
    json_object_set_new(row, "iid", json_integer(iid_of(representation)));
    json_object_set_new(row, "title", json_string(title));
    json_object_set_new(row, "description", description ? json_string(description) : json_null());
    json_object_set_new(row, "source_project_id", json_integer(batch->project->id));
    json_object_set_new(row, "target_project_id", json_integer(batch->project->id));
    json_object_set_new(row, "source_branch", json_string(source_branch));
    json_object_set_new(row, "target_branch", json_string(target_branch));
    json_object_set_new(row, "state_id", json_integer(pull_request->state_id));
    json_object_set_new(row, "milestone_id", issuable_id_or_null(milestone_id));
    json_object_set_new(row, "author_id", json_integer(author_id));
    json_object_set_new(row, "created_at", issuable_time(batch, representation, "created_at"));
    json_object_set_new(row, "updated_at", issuable_time(batch, representation, "updated_at"));
    json_object_set_new(row, "imported_from", json_integer(IMPORTED_FROM_GITHUB));
    pull_request->row = row;
}

static gboolean build_merge_request(ObjectBatch *batch, ImportedObject *object, const FoundUser *author,
                                    gboolean author_found, GError **error)
{
    PullRequest *pull_request = object->importer_data;
    const json_t *representation = object->representation;
    g_autofree char *title = pull_request_truncated_title(representation);
    g_autofree char *description = issuable_description(batch, representation, author_found);
    g_autofree char *source_branch = pull_request_source_branch(representation);
    gint64 milestone_id;
    if (!issuable_validate(title, description, error) ||
        !check_branches(source_branch, json_string_field(representation, "target_branch"), error) ||
        !issuable_find_milestone(batch, representation, &milestone_id, error) ||
        !object_next_id(batch, &merge_request_table, &pull_request->id, error))
        return FALSE;
    set_row(batch, object, title, description, author->user_id, milestone_id);
    return TRUE;
}

/* Only GitHub's single assignee, and no ghost. */
static gboolean build_assignee(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    PullRequest *pull_request = object->importer_data;
    MergeRequestAssignee *assignee = &pull_request->assignee;
    assignee->merge_request_id = pull_request->id;
    return user_finder_find(batch->users, json_object_get(object->representation, "assignee"), FALSE,
                            &assignee->user, error) &&
           merge_request_assignee_build(batch, object, assignee, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    PullRequest *pull_request = object->importer_data;
    const json_t *representation = object->representation;
    FoundUser author;
    gboolean author_found;
    if (!check_shape(representation, error))
        return FALSE;
    if (pull_request->foreign)
        return TRUE;
    if (!user_finder_author(batch->users, json_object_get(representation, "author"), &author, &author_found,
                            error) ||
        (!pull_request->exists && !build_merge_request(batch, object, &author, author_found, error)) ||
        !object_next_id(batch, &merge_request_diff_table, &pull_request->diff_id, error))
        return FALSE;
    object_refer(batch, object, &author, "MergeRequest", pull_request->id, "author_id");
    return build_assignee(batch, object, error);
}

static gboolean is_written(const ObjectBatch *batch, guint i)
{
    return object_at(batch, i)->fresh && !pull_request_at(batch, i)->foreign;
}

/* (transfer full; array of gint64) */
static GArray *replaced(const ObjectBatch *batch)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < batch->objects->len; i++)
        if (is_written(batch, i) && pull_request_at(batch, i)->exists)
            g_array_append_val(ids, pull_request_at(batch, i)->id);
    return ids;
}

static gboolean write_diffs(ObjectBatch *batch, GError **error)
{
    git_repository *repository = git_reader_repository(batch->session, batch->project, error);
    g_autoptr(MergeRequestDiffWriter) writer = NULL;
    if (repository)
        writer = merge_request_diff_writer_new(batch->session, batch->project, repository, batch->now, error);
    g_autoptr(GArray) ids = replaced(batch);
    if (!writer || !merge_request_diff_writer_replace(writer, ids, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        const PullRequest *pull_request = pull_request_at(batch, i);
        if (is_written(batch, i) &&
            (!session_check_stopping(batch->session, error) ||
             !merge_request_diff_writer_add(writer, pull_request->diff, pull_request->diff_id,
                                            pull_request->id, pull_request->row, error)))
            return FALSE;
    }
    return merge_request_diff_writer_finish(writer, error);
}

static gboolean write_assignees(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) assignees = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++)
        if (is_written(batch, i) && pull_request_at(batch, i)->exists)
            g_ptr_array_add(assignees, &pull_request_at(batch, i)->assignee);
    return merge_request_assignees_set(batch->session, assignees, error);
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    return write_assignees(batch, error) && write_diffs(batch, error) &&
           object_insert_rows(batch, &merge_request_assignee_table, error);
}

/* --- after the commit --- */

/* 0: an earlier execution wrote it, and somebody has deleted it since. */
static gint64 committed_id(const ImportedObject *object)
{
    const PullRequest *pull_request = object->importer_data;
    return pull_request->exists || object->fresh ? pull_request->id : 0;
}

static gboolean remember(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) iids = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = object_at(batch, i);
        gint64 id = committed_id(object);
        if (!id)
            continue;
        g_ptr_array_add(iids, issuable_iid_text(iid_of(object->representation)));
        g_array_append_val(ids, id);
    }
    return finder_remember(batch->merge_requests, iids, ids, error);
}

static void log_refusals(ObjectBatch *batch, const GArray *branches)
{
    session_begin_batch(batch->session, object_at(batch, 0)->job);
    for (guint i = 0; i < branches->len; i++) {
        const GitNewBranch *branch = &g_array_index(branches, GitNewBranch, i);
        if (branch->refusal)
            log_warn("the source branch of a merge request could not be made", "{s:s, s:s}", "branch",
                     branch->name, "reason", branch->refusal);
    }
}

static void new_branch_clear(GitNewBranch *branch)
{
    g_free((char *)branch->name);
    g_free(branch->refusal);
}

/* Only open merge requests need one: the head of the others is kept by refs/merge-requests. */
static gboolean create_branches(ObjectBatch *batch, GError **error)
{
    g_autoptr(GArray) branches = g_array_new(FALSE, TRUE, sizeof(GitNewBranch));
    g_array_set_clear_func(branches, (GDestroyNotify)new_branch_clear);
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = object_at(batch, i);
        const PullRequest *pull_request = object->importer_data;
        const char *sha = json_string_field(object->representation, "source_branch_sha");
        if (!committed_id(object) || pull_request->foreign || pull_request->state_id != STATE_OPENED || !sha)
            continue;
        GitNewBranch branch = {.name = pull_request_source_branch(object->representation), .sha = sha};
        g_array_append_val(branches, branch);
    }
    if (branches->len > 0 && !git_create_branches(batch->session, batch->project, branches, error))
        return FALSE;
    log_refusals(batch, branches);
    return TRUE;
}

static gboolean committed(ObjectBatch *batch, GError **error)
{
    return remember(batch, error) && create_branches(batch, error);
}

/* --- the job --- */

static void people(const json_t *representation, json_t *users)
{
    json_array_append_new(users, representation_value(representation, "author"));
    json_array_append_new(users, representation_value(representation, "assignee"));
}

static char *receipt(const json_t *representation)
{
    return issuable_iid_text(iid_of(representation));
}

const ObjectImporter pull_request_importer = {
    .class_name = "Gitlab::GithubImport::Importer::PullRequestImporter",
    .object_type = "pull_request",
    .identifiers = pull_request_identifiers,
    .receipt = receipt,
    .people = people,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .committed = committed,
    .tables = (const RowTable *const[]){NULL},
};
