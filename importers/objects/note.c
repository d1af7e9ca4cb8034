#include "importers/objects/note.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/gitlab/people_mode.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#include <string.h>

#define TEXT_MAXIMUM 1000000
#define EARLIEST     "1970-01-01"

const TableColumns note_columns = {
    .table = "notes",
    .columns = COLUMNS("id", "note", "noteable_type", "noteable_id", "author_id", "project_id", "system",
                       "discussion_id", "created_at", "updated_at", "type", "line_code", "commit_id",
                       "st_diff", "position", "original_position"),
    .known = COLUMNS("imported_from", "namespace_id"),
    .inserts = TRUE,
};

const RowTable note_table = {
    .columns = &note_columns,
    .where_present = COLUMNS("imported_from", "namespace_id"),
    .sequence = "notes_id_seq",
};

/* 40 hex digits, like GitLab's, which are random; these are the same however often the job is executed. */
static char *discussion_id(const ObjectBatch *batch, const ImportedObject *object, const NewNote *note)
{
    const ObjectImporter *importer = batch->importer;
    const char *kind =
        importer->receipt_kind ? importer->receipt_kind(object->representation) : importer->object_type;
    g_autofree char *key = importer->receipt(object->representation);
    g_autofree char *name = g_strdup_printf(
        "discussion-%s-%" G_GINT64_FORMAT "-%s-%s",
        g_str_equal(note->noteable_type, "Issue") ? "issue" : "merge_request", note->noteable_id, kind, key);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, name, -1);
}

/* The newest GitLab keeps a project's notes free of it; before, the model gave it to every note, also to
 * those of the system. */
static json_t *namespace_id(const ObjectBatch *batch)
{
    return people_mode_is_newest(batch->session) ? json_null()
                                                 : json_integer(batch->project->project_namespace_id);
}

json_t *note_row(const ObjectBatch *batch, gint64 id, const NewNote *note, const char *discussion_id)
{
    return json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:b, s:s?, s:s, s:s, s:i, s:o}", "id", (json_int_t)id,
                     "note", note->text, "noteable_type", note->noteable_type, "noteable_id",
                     (json_int_t)note->noteable_id, "author_id", (json_int_t)note->author->user_id,
                     "project_id", (json_int_t)batch->project->id, "system", note->system, "discussion_id",
                     discussion_id, "created_at", note->created_at, "updated_at", note->updated_at,
                     "imported_from", IMPORTED_FROM_GITHUB, "namespace_id", namespace_id(batch));
}

gboolean note_insert(ObjectBatch *batch, ImportedObject *object, const NewNote *note, gint64 *id,
                     GError **error)
{
    gint64 note_id;
    if (!object_next_id(batch, &note_table, &note_id, error))
        return FALSE;
    g_autofree char *discussion = discussion_id(batch, object, note);
    object_insert(object, &note_table, note_row(batch, note_id, note, discussion));
    object_refer(batch, object, note->author, "Note", note_id, "author_id");
    if (id)
        *id = note_id;
    return TRUE;
}

/* app/models/note.rb, app/models/concerns/notes/active_record.rb. */
gboolean note_validate(const NewNote *note, GError **error)
{
    const char *invalid = NULL;
    if (!note->text || markdown_text_is_blank(note->text))
        invalid = "Note can't be blank";
    else if (g_utf8_strlen(note->text, -1) > TEXT_MAXIMUM)
        invalid = "Note is too long (maximum is 1000000 characters)";
    else if (strcmp(note->created_at, EARLIEST) < 0)
        invalid = "Created at The created date provided is too far in the past.";
    if (invalid)
        g_set_error(error, OBJECT_ERROR, OBJECT_ERROR_INVALID, "Validation failed: %s", invalid);
    return invalid == NULL;
}

/* The iid of the issue or merge request, as the finders name it. (transfer full) */
static char *noteable_iid(const json_t *note)
{
    return representation_id(note, "noteable_id");
}

static const char *noteable_type(const json_t *note)
{
    return g_strcmp0(json_string_field(note, "noteable_type"), "MergeRequest") == 0 ? "MergeRequest"
                                                                                    : "Issue";
}

static Finder *noteable_finder(const ObjectBatch *batch, const json_t *note)
{
    return g_str_equal(noteable_type(note), "MergeRequest") ? batch->merge_requests : batch->issues;
}

static gboolean find_noteable(ObjectBatch *batch, const json_t *note, gint64 *id, GError **error)
{
    g_autofree char *iid = noteable_iid(note);
    if (!finder_find(noteable_finder(batch, note), iid, id, error))
        return FALSE;
    if (*id == 0)
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NOTEABLE_NOT_FOUND,
                            "Error to find noteable_id for note");
    return *id != 0;
}

static char *time_or_now(const ObjectBatch *batch, const json_t *note, const char *field)
{
    char *time = representation_timestamp(note, field);
    return time ? time : g_strdup(batch->now);
}

gboolean comment_read(ObjectBatch *batch, const json_t *representation, const char *text, Comment *comment,
                      GError **error)
{
    const json_t *user = json_object_get(representation, "author");
    gboolean is_found;
    if (!user_finder_author(batch->users, user, &comment->author, &is_found, error))
        return FALSE;
    comment->text = markdown_text_format(batch->session, batch->project, MARKDOWN_TEXT_NOTE, text,
                                         json_string_field(user, "login"), is_found);
    comment->created_at = time_or_now(batch, representation, "created_at");
    comment->updated_at = time_or_now(batch, representation, "updated_at");
    comment->note = (NewNote){
        .author = &comment->author,
        .text = comment->text,
        .created_at = comment->created_at,
        .updated_at = comment->updated_at,
    };
    return note_validate(&comment->note, error);
}

void comment_clear(Comment *comment)
{
    g_clear_pointer(&comment->text, g_free);
    g_clear_pointer(&comment->created_at, g_free);
    g_clear_pointer(&comment->updated_at, g_free);
}

gboolean note_import(ObjectBatch *batch, ImportedObject *object, const json_t *note, GError **error)
{
    g_auto(Comment) comment = {0};
    g_autofree char *text = representation_text(note, "note");
    gint64 noteable_id;
    if (!find_noteable(batch, note, &noteable_id, error) || !comment_read(batch, note, text, &comment, error))
        return FALSE;
    comment.note.noteable_type = noteable_type(note);
    comment.note.noteable_id = noteable_id;
    return note_insert(batch, object, &comment.note, NULL, error);
}

/* --- jobs of their own --- */

static char *issue_iid(const json_t *note)
{
    return g_str_equal(noteable_type(note), "Issue") ? noteable_iid(note) : NULL;
}

static char *merge_request_iid(const json_t *note)
{
    return g_str_equal(noteable_type(note), "MergeRequest") ? noteable_iid(note) : NULL;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    return object_batch_preload(batch, batch->issues, issue_iid, error) &&
           object_batch_preload(batch, batch->merge_requests, merge_request_iid, error);
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    return note_import(batch, object, object->representation, error);
}

static void people(const json_t *note, json_t *users)
{
    json_array_append(users, json_object_get(note, "author"));
}

static json_t *identifiers(const json_t *note)
{
    return json_pack("{s:o, s:o, s:o}", "note_id", representation_value(note, "note_id"), "noteable_iid",
                     representation_value(note, "noteable_id"), "noteable_type",
                     representation_value(note, "noteable_type"));
}

static char *receipt(const json_t *note)
{
    return representation_id(note, "note_id");
}

static const RowTable *const tables[] = {&note_table, NULL};

const ObjectImporter note_importer = {
    .class_name = "Gitlab::GithubImport::Importer::NoteImporter",
    .object_type = "note",
    .identifiers = identifiers,
    .receipt = receipt,
    .people = people,
    .prepare = prepare,
    .build = build,
    .tables = tables,
};
