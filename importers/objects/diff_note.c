#include "importers/objects/diff_note.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/objects/diff_note_collection.h"
#include "importers/objects/diff_notes/default_hunk.h"
#include "importers/objects/diff_notes/diff_position.h"
#include "importers/objects/diff_notes/hunk.h"
#include "importers/objects/diff_notes/st_diff.h"
#include "importers/objects/diff_notes/suggestion_formatter.h"
#include "importers/objects/diff_notes/suggestions.h"
#include "importers/objects/note.h"
#include "importers/objects/repository_update.h"
#include "importers/objects/representation.h"
#include "protocol/error_class.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <string.h>

static json_t *identifiers(const json_t *note)
{
    return json_pack("{s:o, s:o, s:s}", "note_id", representation_value(note, "note_id"), "noteable_iid",
                     representation_value(note, "noteable_id"), "noteable_type", "MergeRequest");
}

/* The iid of the merge request, as the finder names it. (transfer full) */
static char *noteable_iid(const json_t *note)
{
    return representation_id(note, "noteable_id");
}

static void log_attempt(const ObjectBatch *batch, const ImportedObject *object, const char *model)
{
    log_info("importing diff note", "{s:s, s:o, s:s}", "importer", batch->importer->class_name,
             "external_identifiers", identifiers(object->representation), "model", model);
}

/* --- what both kinds of note have --- */

/* The row of a comment on a diff; *id is its. NULL: error. (transfer full) */
static json_t *diff_note_row(ObjectBatch *batch, const ImportedObject *object, const Comment *comment,
                             const char *type, gint64 *id, GError **error)
{
    const json_t *note = object->representation;
    if (!object_next_id(batch, &note_table, id, error))
        return NULL;
    json_t *row = note_row(batch, *id, &comment->note, json_string_field(note, "discussion_id"));
    json_object_set_new(row, "type", json_string(type));
    json_object_set_new(row, "commit_id", representation_value(note, "original_commit_id"));
    return row;
}

/* --- LegacyDiffNote --- */

/* (transfer full) */
static char *hunk_of(const ObjectBatch *batch, const json_t *note, GError **error)
{
    char *hunk = representation_text(note, "diff_hunk");
    if (hunk && !markdown_text_is_blank(hunk))
        return hunk;
    g_free(hunk);
    return default_hunk(batch->session, batch->project, note, error);
}

/* A comment on a whole file has no line; GitLab wants one all the same. (transfer full) */
static char *line_code(const json_t *note, const char *path, const char *hunk, GError **error)
{
    if (g_strcmp0(json_string_field(note, "subject_type"), "file") == 0)
        return hunk_line_code(path, 1, 1);
    g_autoptr(GArray) lines = hunk_parse(hunk);
    if (lines->len == 0) {
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD,
                            "undefined method `new_pos' for nil");
        return NULL;
    }
    const HunkLine *last = &g_array_index(lines, HunkLine, lines->len - 1);
    return hunk_line_code(path, last->old_line, last->new_line);
}

static gboolean insert_legacy_diff_note(ObjectBatch *batch, ImportedObject *object, const Comment *comment,
                                        GError **error)
{
    const json_t *note = object->representation;
    g_autofree char *path = representation_text(note, "file_path");
    g_autofree char *hunk = hunk_of(batch, note, error);
    g_autofree char *code = hunk ? line_code(note, path ? path : "", hunk, error) : NULL;
    gint64 id;
    json_t *row = code ? diff_note_row(batch, object, comment, "LegacyDiffNote", &id, error) : NULL;
    if (!row)
        return FALSE;
    g_autofree char *st_diff = st_diff_yaml(hunk, path ? path : "");
    json_object_set_new(row, "line_code", json_string(code));
    json_object_set_new(row, "st_diff", json_string(st_diff));
    object_insert(object, &note_table, row);
    object_refer(batch, object, comment->note.author, "LegacyDiffNote", id, "author_id");
    return TRUE;
}

/* --- DiffNote --- */

/* (transfer full) */
static char *own_discussion_key(const ObjectBatch *batch, const json_t *note)
{
    const char *source = batch->project->import_source;
    const char *slash = source ? strrchr(source, '/') : NULL, *repository = slash ? slash + 1 : "";
    return diff_note_discussion_key(repository, strlen(repository),
                                    json_integer_field(note, "noteable_id", 0),
                                    json_integer_field(note, "note_id", 0));
}

/* The note that starts a discussion shows the diff above it. A reply to a comment that is gone starts one
 * too: the stage has kept it under the reply's own id. */
static gboolean find_start(ObjectBatch *batch, const json_t *note, gboolean *starts, GError **error)
{
    g_autofree char *key = own_discussion_key(batch, note), *discussion_id = NULL;
    *starts = !json_is_integer(json_object_get(note, "in_reply_to_id"));
    if (*starts)
        return TRUE;
    if (!cache_read(session_redis(batch->session, REDIS_SHARED_STATE), key, &discussion_id, error))
        return FALSE;
    *starts = discussion_id && *discussion_id;
    return TRUE;
}

static gboolean insert_diff_file(ObjectBatch *batch, ImportedObject *object, const DiffPosition *position,
                                 gint64 note_id, GError **error)
{
    gint64 id;
    if (!object_next_id(batch, &note_diff_file_table, &id, error))
        return FALSE;
    json_t *row = note_diff_file_row(position);
    json_object_set_new(row, "id", json_integer(id));
    json_object_set_new(row, "diff_note_id", json_integer(note_id));
    object_insert(object, &note_diff_file_table, row);
    return TRUE;
}

static gboolean insert_suggestions(ObjectBatch *batch, ImportedObject *object, const DiffPosition *position,
                                   const char *text, gint64 note_id, GError **error)
{
    g_autoptr(json_t) rows = suggestion_rows(batch->session, batch->project, position, text, error);
    size_t index;
    json_t *row;
    if (!rows)
        return FALSE;
    json_array_foreach (rows, index, row) {
        gint64 id;
        if (!object_next_id(batch, &suggestion_table, &id, error))
            return FALSE;
        json_object_set_new(row, "id", json_integer(id));
        json_object_set_new(row, "note_id", json_integer(note_id));
        object_insert(object, &suggestion_table, json_incref(row));
    }
    return TRUE;
}

static gboolean insert_diff_note(ObjectBatch *batch, ImportedObject *object, const Comment *comment,
                                 const DiffPosition *position, GError **error)
{
    gint64 id;
    gboolean starts;
    if (!find_start(batch, object->representation, &starts, error))
        return FALSE;
    json_t *row = diff_note_row(batch, object, comment, "DiffNote", &id, error);
    if (!row)
        return FALSE;
    json_object_set_new(row, "line_code", json_string(position->line_code));
    json_object_set_new(row, "position", json_string(position->yaml));
    json_object_set_new(row, "original_position", json_string(position->yaml));
    object_insert(object, &note_table, row);
    object_refer(batch, object, comment->note.author, "DiffNote", id, "author_id");
    return (!starts || insert_diff_file(batch, object, position, id, error)) &&
           insert_suggestions(batch, object, position, comment->text, id, error);
}

/* --- which of the two --- */

static gboolean insert_with_suggestion(ObjectBatch *batch, ImportedObject *object, const Comment *comment,
                                       GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autoptr(DiffPosition) position =
        diff_position_find(object->importer_data, object->representation, &reason);
    if (position)
        return insert_diff_note(batch, object, comment, position, error);
    if (reason->domain != DIFF_POSITION_ERROR) {
        g_propagate_error(error, g_steal_pointer(&reason));
        return FALSE;
    }
    log_warn(reason->message, "{s:s}", "error.class", error_class(reason));
    log_attempt(batch, object, "LegacyDiffNote");
    return insert_legacy_diff_note(batch, object, comment, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    g_auto(Comment) comment = {0};
    gboolean suggests = object->importer_data != NULL;
    gint64 merge_request_id;
    g_autofree char *iid = noteable_iid(object->representation);
    g_autofree char *text = suggestion_formatter_text(object->representation, NULL);
    if (!finder_find(batch->merge_requests, iid, &merge_request_id, error))
        return FALSE;
    if (merge_request_id == 0)
        return TRUE;
    log_attempt(batch, object, suggests ? "DiffNote" : "LegacyDiffNote");
    if (!comment_read(batch, object->representation, text, &comment, error))
        return FALSE;
    comment.note.noteable_type = "MergeRequest";
    comment.note.noteable_id = merge_request_id;
    return suggests ? insert_with_suggestion(batch, object, &comment, error)
                    : insert_legacy_diff_note(batch, object, &comment, error);
}

/* --- jobs --- */

/* The file that a comment with a suggestion points at. Others need none, and have no target. */
static gboolean find_target(ObjectBatch *batch, const ImportedObject *object, DiffTarget *target,
                            GError **error)
{
    gboolean suggests;
    g_autofree char *iid = noteable_iid(object->representation);
    g_autofree char *text = suggestion_formatter_text(object->representation, &suggests);
    const char *path = json_string_field(object->representation, "file_path");
    *target = (DiffTarget){.path = path ? path : ""};
    return !suggests || finder_find(batch->merge_requests, iid, &target->merge_request_id, error);
}

/* Each such comment's importer_data is its DiffFile. */
static gboolean find_diff_files(ObjectBatch *batch, GError **error)
{
    g_autoptr(GArray) targets = g_array_new(FALSE, FALSE, sizeof(DiffTarget));
    g_autoptr(GPtrArray) targeted = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        DiffTarget target;
        if (!find_target(batch, object, &target, error))
            return FALSE;
        if (target.merge_request_id == 0)
            continue;
        g_array_append_val(targets, target);
        g_ptr_array_add(targeted, object);
    }
    if (targets->len == 0)
        return TRUE;
    g_autoptr(GPtrArray) files =
        diff_files_load(batch->session, &g_array_index(targets, DiffTarget, 0), targets->len, error);
    for (guint i = 0; files && i < files->len; i++) {
        ImportedObject *object = targeted->pdata[i];
        object->importer_data = diff_file_ref(files->pdata[i]);
        object->importer_data_free = (GDestroyNotify)diff_file_unref;
    }
    return files != NULL;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    return repository_update_own_mirror(batch->session, batch->project, batch->github, error) &&
           object_batch_preload(batch, batch->merge_requests, noteable_iid, error) &&
           find_diff_files(batch, error);
}

static void people(const json_t *note, json_t *users)
{
    json_array_append(users, json_object_get(note, "author"));
}

static char *receipt(const json_t *note)
{
    return representation_id(note, "note_id");
}

static const RowTable *const tables[] = {&note_table, &note_diff_file_table, &suggestion_table, NULL};

const ObjectImporter diff_note_importer = {
    .class_name = "Gitlab::GithubImport::Importer::DiffNoteImporter",
    .object_type = "diff_note",
    .identifiers = identifiers,
    .receipt = receipt,
    .people = people,
    .prepare = prepare,
    .build = build,
    .tables = tables,
};
