/* Gitlab::GithubImport::Importer::ReleasesImporter (lib/gitlab/github_import/importer/releases_importer.rb,
 * app/models/release.rb). */
#include "importers/gitlab/markdown_text.h"
#include "importers/objects/bulk_import.h"
#include "protocol/json.h"

#define DESCRIPTION_MAXIMUM 1000000

static char *format(Stage *stage, const char *text)
{
    return markdown_text_format(stage->session, stage->project, MARKDOWN_TEXT_DESCRIPTION, text, NULL, TRUE);
}

/* The text of the release, or a sentence that names its tag. (transfer full) */
static char *description(Stage *stage, const json_t *object, const char *tag)
{
    g_autoptr(json_t) body = bulk_text(object, "body");
    g_autofree char *text = format(stage, json_string_value(body));
    if (text)
        return g_steal_pointer(&text);
    g_autofree char *sentence = g_strdup_printf("Release for tag %s", tag);
    return format(stage, sentence);
}

static char *time_or_now(const json_t *object, const char *field)
{
    const char *text = json_string_field(object, field);
    char *time = text ? database_time(text) : NULL;

    return time ? time : database_now();
}

static BulkRow *build_row(Stage *stage, const json_t *object, const char *tag, const FoundUser *author)
{
    g_autofree char *text = description(stage, object, tag);
    g_autofree char *created_at = time_or_now(object, "created_at");
    g_autofree char *released_at = time_or_now(object, "published_at"); /* drafts have none */
    BulkRow *row =
        bulk_row_new(tag, NULL,
                     json_pack("{s:s, s:o, s:I, s:s, s:s, s:s}", "key", tag, "name",
                               bulk_text(object, "name"), "author_id", (json_int_t)author->user_id,
                               "description", text, "created_at", created_at, "released_at", released_at),
                     json_pack("{s:s, s:s}", "tag", tag, "object_type", "release"));

    row->author = *author;
    if (g_utf8_strlen(text, -1) > DESCRIPTION_MAXIMUM)
        bulk_row_refuse(row, "Description is too long (maximum is 1000000 characters)");
    return row;
}

static gboolean build(Stage *stage, const json_t *object, BulkRow **row, GError **error)
{
    g_autoptr(json_t) tag = bulk_text(object, "tag_name");
    FoundUser author;

    if (!json_is_string(tag) || !json_string_length(tag))
        return TRUE;
    if (!user_finder_author(stage->users, json_object_get(object, "author"), &author, NULL, error))
        return FALSE;
    *row = build_row(stage, object, json_string_value(tag), &author);
    return TRUE;
}

static gboolean inserted(Stage *stage, const BulkRow *row, gint64 id, GError **error)
{
    return placeholder_reference_push(stage->session, stage->project, &row->author, "Release", id,
                                      "author_id", error);
}

const TableColumns release_columns = {
    .table = "releases",
    .columns = COLUMNS("id", "tag", "name", "author_id", "description", "project_id", "created_at",
                       "updated_at", "released_at"),
    .inserts = TRUE,
};

const BulkImporter releases_importer = {
    .class_name = "Gitlab::GithubImport::Importer::ReleasesImporter",
    .object_type = "release",
    .collection = "releases",
    .existing = {"releases_existing", "SELECT id, tag AS key FROM releases WHERE project_id = $1"},
    .insert = {"releases_insert",
               "INSERT INTO releases "
               "(tag, name, author_id, description, project_id, created_at, updated_at, released_at) "
               "SELECT key, name, author_id, description, $2::bigint, created_at, created_at, "
               "released_at AT TIME ZONE 'UTC' "
               "FROM jsonb_to_recordset($1) AS r (key text, name text, author_id bigint, description text, "
               "created_at timestamp, released_at timestamp) "
               "ON CONFLICT (project_id, tag) DO NOTHING "
               "RETURNING id, tag AS key"},
    .build = build,
    .inserted = inserted,
};
