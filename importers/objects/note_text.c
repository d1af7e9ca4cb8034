#include "importers/objects/note_text.h"

#include "importers/attachments/attachment.h"
#include "importers/attachments/attachments_downloader.h"
#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/upload.h"
#include "importers/objects/text_table.h"
#include "protocol/error_class.h"
#include "protocol/json.h"

#include <string.h>

#define IMPORTER   "Gitlab::GithubImport::Importer::NoteAttachmentsImporter"
#define DOWNLOADER "Gitlab::GithubImport::AttachmentsDownloader"

/* What takes the place of one address. */
typedef struct Replacement {
    char *url, *value;
    Upload *upload; /* NULL: a link */
} Replacement;

/* A record whose text is to be changed. */
typedef struct NoteText {
    char *id;
    char *present;           /* its text before the download; NULL: it has none, or was deleted since */
    GPtrArray *replacements; /* the longest address first: another one may be part of it */
    GPtrArray *lost;         /* of GError: the files that GitHub does not have any more */
} NoteText;

static void replacement_free(Replacement *replacement)
{
    g_free(replacement->url);
    g_free(replacement->value);
    g_clear_pointer(&replacement->upload, upload_free);
    g_free(replacement);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Replacement, replacement_free)

static void note_text_free(NoteText *note)
{
    g_ptr_array_unref(note->replacements);
    g_ptr_array_unref(note->lost);
    g_free(note->present);
    g_free(note->id);
    g_free(note);
}

static NoteText *note_text_new(const char *id, const char *present)
{
    NoteText *note = g_new0(NoteText, 1);
    note->id = g_strdup(id);
    note->present = g_strdup(present);
    note->replacements = g_ptr_array_new_with_free_func((GDestroyNotify)replacement_free);
    note->lost = g_ptr_array_new_with_free_func((GDestroyNotify)g_error_free);
    return note;
}

/* --- the representation --- */

/* GitLab 15 had another representation for releases (representation/release_attachments.rb). */
static gint64 record_id(const json_t *representation)
{
    return json_integer_field(representation, "record_db_id",
                              json_integer_field(representation, "release_db_id", 0));
}

static const char *text_of(const json_t *representation)
{
    const char *text = json_string_field(representation, "text");
    return text ? text : json_string_field(representation, "description");
}

static char *receipt(const json_t *representation)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, record_id(representation));
}

/* `key` is left out where the representation has none. */
static json_t *identifiers_with(const json_t *representation, const char *key, const char *field)
{
    return json_pack("{s:I, s:O*}", "db_id", (json_int_t)record_id(representation), key,
                     json_object_get(representation, field));
}

static json_t *release_identifiers(const json_t *representation)
{
    return identifiers_with(representation, "tag", "tag");
}

static json_t *note_identifiers(const json_t *representation)
{
    return identifiers_with(representation, "noteable_type", "noteable_type");
}

static json_t *issuable_identifiers(const json_t *representation)
{
    return identifiers_with(representation, "noteable_iid", "iid");
}

/* --- before the transaction: files --- */

static const TextTable *table_of(const ObjectBatch *batch)
{
    return text_table_find(batch->importer->object_type);
}

static gboolean check_token(const ObjectBatch *batch, GError **error)
{
    if (!batch->github)
        g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_NO_TOKEN,
                            "The import has no GitHub token any more");
    return batch->github != NULL;
}

/* (transfer full) */
static json_t *ids_of(const GPtrArray *objects)
{
    json_t *ids = json_array();
    for (guint i = 0; i < objects->len; i++)
        json_array_append_new(
            ids, json_integer(record_id(((const ImportedObject *)objects->pdata[i])->representation)));
    return ids;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    if (!check_token(batch, error))
        return FALSE;
    g_autoptr(json_t) ids = ids_of(batch->objects);
    g_autoptr(json_t) texts = text_table_read(batch->session, table_of(batch), batch->project, ids, error);
    if (!texts)
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        g_autofree char *id = receipt(object->representation);
        object->importer_data = note_text_new(id, json_string_field(texts, id));
        object->importer_data_free = (GDestroyNotify)note_text_free;
    }
    return TRUE;
}

/* `there`: the addresses in `present`; NULL: they are all. */
static gboolean is_left(const char *url, const char *present, GPtrArray *there)
{
    return attachment_is_replaceable(present, url) &&
           (!there || g_ptr_array_find_with_equal_func(there, url, g_str_equal, NULL));
}

/* The addresses that came from GitHub and that nobody has taken out of the text since. The file of one that
 * is spelled differently there would be kept for nobody. (transfer full) */
static GPtrArray *addresses_left(const char *imported, const char *present, const char *web_endpoint)
{
    GPtrArray *urls = attachments_find(imported, web_endpoint);
    gboolean edited = !g_str_equal(imported, present);
    g_autoptr(GPtrArray) there = edited ? attachments_find(present, web_endpoint) : NULL;
    for (guint i = urls->len; i-- > 0;)
        if (!is_left(urls->pdata[i], present, there))
            g_ptr_array_remove_index(urls, i);
    return urls;
}

/* (transfer full) */
static char *blob_url(const ObjectBatch *batch, const char *url)
{
    const Project *project = batch->project;
    g_autofree char *project_url =
        g_strdup_printf("%s/%s", batch->session->configuration->gitlab_url, project->full_path);
    return attachment_blob_url(url, github_client_web_endpoint(batch->github), project->import_source,
                               project_url);
}

/* *upload stays NULL where the address stays. */
static gboolean download_file(ObjectBatch *batch, const char *url, const char *origin, Upload **upload,
                              GError **error)
{
    g_autoptr(DownloadedAttachment) file = NULL;
    if (!attachments_download(batch->session, batch->github, url, &file, error))
        return FALSE;
    if (!file)
        return TRUE;
    *upload = upload_store(batch->session, batch->project, origin, file->file, file->name, file->content_type,
                           error);
    return *upload != NULL;
}

/* A job that was stopped between two of its files goes on with the second. */
static gboolean bring_file(ObjectBatch *batch, const char *id, Replacement *replacement, GError **error)
{
    g_autofree char *origin =
        g_strdup_printf("%s/%s/%s", text_table_model(table_of(batch)), id, replacement->url);
    if (!upload_find(batch->session, batch->project, origin, &replacement->upload, error))
        return FALSE;
    if (!replacement->upload && !download_file(batch, replacement->url, origin, &replacement->upload, error))
        return FALSE;
    if (replacement->upload)
        replacement->value = upload_markdown_url(replacement->upload);
    return TRUE;
}

static gboolean find_replacement(ObjectBatch *batch, const char *id, Replacement *replacement, GError **error)
{
    switch (attachment_kind(replacement->url, github_client_web_endpoint(batch->github),
                            batch->project->import_source)) {
    case ATTACHMENT_UNCHANGED:
        return TRUE;
    case ATTACHMENT_BLOB_LINK:
        replacement->value = blob_url(batch, replacement->url);
        return TRUE;
    case ATTACHMENT_FILE:
        break;
    }
    return session_check_stopping(batch->session, error) && bring_file(batch, id, replacement, error);
}

static gboolean find_replacements(ObjectBatch *batch, NoteText *note, const GPtrArray *urls, GError **error)
{
    for (guint i = 0; i < urls->len; i++) {
        g_autoptr(Replacement) replacement = g_new0(Replacement, 1);
        g_autoptr(GError) failure = NULL;
        replacement->url = g_strdup(urls->pdata[i]);
        if (find_replacement(batch, note->id, replacement, &failure)) {
            if (replacement->value)
                g_ptr_array_add(note->replacements, g_steal_pointer(&replacement));
        } else if (g_error_matches(failure, ATTACHMENT_ERROR, ATTACHMENT_ERROR_GONE)) {
            g_ptr_array_add(note->lost, g_steal_pointer(&failure));
        } else {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
    return TRUE;
}

static gint compare_lengths(gconstpointer a, gconstpointer b)
{
    const Replacement *const *first = a, *const *second = b;
    gsize first_length = strlen((*first)->url), second_length = strlen((*second)->url);
    return first_length < second_length ? 1 : first_length > second_length ? -1 : 0;
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    NoteText *note = object->importer_data;
    const char *imported = text_of(object->representation);
    g_autofree char *present = g_steal_pointer(&note->present);
    if (!imported || !present)
        return TRUE;
    g_autoptr(GPtrArray) urls = addresses_left(imported, present, github_client_web_endpoint(batch->github));
    if (!find_replacements(batch, note, urls, error))
        return FALSE;
    g_ptr_array_sort(note->replacements, compare_lengths);
    object->uncounted = note->lost->len > 0 && note->replacements->len == 0;
    return TRUE;
}

/* --- in the transaction --- */

/* What the transaction makes of the texts. */
typedef struct Rewriting {
    json_t *texts, *changed; /* as they are now, not as they were when the download began: somebody may have
                                edited them meanwhile; and those that are no longer so */
    GPtrArray *uploads;      /* that the texts refer to now */
} Rewriting;

static void rewriting_clear(Rewriting *rewriting)
{
    json_decref(rewriting->texts);
    json_decref(rewriting->changed);
    g_clear_pointer(&rewriting->uploads, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rewriting, rewriting_clear)

/* (transfer full) */
static json_t *ids_to_rewrite(const GPtrArray *notes)
{
    json_t *ids = json_array();
    for (guint i = 0; i < notes->len; i++) {
        const NoteText *note = notes->pdata[i];
        if (note->replacements->len > 0)
            json_array_append_new(ids, json_string(note->id));
    }
    return ids;
}

static gboolean lock_texts(const ObjectBatch *batch, const GPtrArray *notes, Rewriting *rewriting,
                           GError **error)
{
    g_autoptr(json_t) ids = ids_to_rewrite(notes);
    rewriting->changed = json_object();
    rewriting->uploads = g_ptr_array_new();
    rewriting->texts = json_array_size(ids) == 0
                           ? json_object()
                           : text_table_lock(batch->session, table_of(batch), batch->project, ids, error);
    return rewriting->texts != NULL;
}

static void replace(const Replacement *replacement, char **text, GPtrArray *uploads)
{
    g_autofree char *replaced = attachment_replace(*text, replacement->url, replacement->value);
    if (g_str_equal(replaced, *text))
        return;
    g_free(*text);
    *text = g_steal_pointer(&replaced);
    if (replacement->upload)
        g_ptr_array_add(uploads, replacement->upload);
}

static void rewrite(const NoteText *note, Rewriting *rewriting)
{
    const char *before = json_string_field(rewriting->texts, note->id);
    g_autofree char *text = g_strdup(before);
    for (guint i = 0; before && i < note->replacements->len; i++)
        replace(note->replacements->pdata[i], &text, rewriting->uploads);
    if (g_strcmp0(text, before) == 0)
        return;
    json_t *rewritten = json_string(text);
    json_object_set(rewriting->texts, note->id, rewritten);
    json_object_set_new(rewriting->changed, note->id, rewritten);
}

static gboolean rewrite_all(ObjectBatch *batch, GError **error)
{
    g_auto(Rewriting) rewriting = {0};
    g_autoptr(GPtrArray) notes = object_batch_fresh_data(batch);
    if (!lock_texts(batch, notes, &rewriting, error))
        return FALSE;
    for (guint i = 0; i < notes->len; i++)
        rewrite(notes->pdata[i], &rewriting);
    return upload_record_all(batch->session, batch->project, rewriting.uploads, batch->now, error) &&
           text_table_update(batch->session, table_of(batch), rewriting.changed, error);
}

static gboolean record_lost(ObjectBatch *batch, const ImportedObject *object, const NoteText *note,
                            GError **error)
{
    g_autoptr(json_t) identifiers = batch->importer->identifiers(object->representation);
    json_object_set_new(identifiers, "object_type", json_string(batch->importer->object_type));
    for (guint i = 0; i < note->lost->len; i++) {
        const GError *cause = note->lost->pdata[i];
        const ImportFailure failure = {
            .project_id = batch->project->id,
            .source = DOWNLOADER,
            .exception_class = error_class(cause),
            .exception_message = cause->message,
            .external_identifiers = identifiers,
        };
        if (!import_failure_track(batch->session, &failure, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    if (!rewrite_all(batch, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (object->fresh && !record_lost(batch, object, object->importer_data, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean committed(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) notes = object_batch_fresh_data(batch), uploads = g_ptr_array_new();
    for (guint i = 0; i < notes->len; i++) {
        const NoteText *note = notes->pdata[i];
        for (guint j = 0; j < note->replacements->len; j++) {
            const Replacement *replacement = note->replacements->pdata[j];
            if (replacement->upload)
                g_ptr_array_add(uploads, replacement->upload);
        }
    }
    return upload_forget_all(batch->session, batch->project, uploads, error);
}

static const RowTable *const no_tables[] = {NULL};

#define NOTE_TEXT(type, identifiers_of)                                                                      \
    {                                                                                                        \
        .class_name = IMPORTER, .object_type = (type), .identifiers = (identifiers_of), .receipt = receipt,  \
        .prepare = prepare, .build = build, .write = write_rows, .committed = committed,                     \
        .tables = no_tables,                                                                                 \
    }

const ObjectImporter release_attachments_importer = NOTE_TEXT("release_attachment", release_identifiers);
const ObjectImporter note_attachments_importer = NOTE_TEXT("note_attachment", note_identifiers);
const ObjectImporter issue_attachments_importer = NOTE_TEXT("issue_attachment", issuable_identifiers);
const ObjectImporter merge_request_attachments_importer =
    NOTE_TEXT("merge_request_attachment", issuable_identifiers);
