#include "importers/objects/note_representation.h"

#include "importers/objects/representation.h"
#include "protocol/json.h"

#include <string.h>

/* Where a comment is: "/pull/9" or "/issues/7" in its URL. */
typedef struct Noteable {
    const char *type;
    gint64 iid;
} Noteable;

/* The iid behind "/WORD/" at the beginning of `url`, whatever its letters' case; 0: there is none. */
static gint64 iid_after(const char *url, const char *word)
{
    gsize length = strlen(word);
    return g_ascii_strncasecmp(url, word, length) == 0 ? g_ascii_strtoll(url + length, NULL, 10) : 0;
}

/* Ruby compares letters loosely to find the number, and strictly to tell a pull request. */
static gboolean find_noteable(const char *url, Noteable *noteable)
{
    for (const char *at = url ? strchr(url, '/') : NULL; at; at = strchr(at + 1, '/')) {
        gint64 pull = iid_after(at, "/pull/"), iid = MAX(pull, iid_after(at, "/issues/"));
        if (iid <= 0)
            continue;
        *noteable = (Noteable){g_str_has_prefix(at, "/pull/") ? "MergeRequest" : "Issue", iid};
        return TRUE;
    }
    return FALSE;
}

char *note_id(const json_t *comment, G_GNUC_UNUSED const json_t *parent)
{
    return representation_id(comment, "id");
}

json_t *note_representation(G_GNUC_UNUSED Stage *stage, const json_t *comment,
                            G_GNUC_UNUSED const json_t *parent, GError **error)
{
    const char *url = json_string_field(comment, "html_url");
    Noteable noteable;
    if (!find_noteable(url, &noteable)) {
        g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "The note URL \"%s\" is not supported",
                    url ? url : "");
        return NULL;
    }
    return json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "noteable_type", noteable.type, "noteable_id",
        (json_int_t)noteable.iid, "author", representation_user(json_object_get(comment, "user")), "note",
        representation_value(comment, "body"), "created_at", representation_time(comment, "created_at"),
        "updated_at", representation_time(comment, "updated_at"), "note_id",
        representation_value(comment, "id"));
}

const char *note_fetched_as(G_GNUC_UNUSED const json_t *comment)
{
    return "note";
}

void note_people(const json_t *comment, json_t *users)
{
    json_array_append(users, json_object_get(comment, "user"));
}

const ObjectCollection notes_collection = {
    .importer = "Gitlab::GithubImport::Importer::NotesImporter",
    .object_importer = "Gitlab::GithubImport::Importer::NoteImporter",
    .name = "issues_comments",
    .path = "issues/comments",
    .worker = "Gitlab::GithubImport::ImportNoteWorker",
    .id = note_id,
    .representation = note_representation,
    .fetched_as = note_fetched_as,
    .people = note_people,
};
