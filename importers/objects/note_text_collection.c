/* lib/gitlab/github_import/importer/attachments/{base,releases,notes,issues,merge_requests}_importer.rb,
 * representation/note_text.rb */
#include "importers/attachments/attachment.h"
#include "importers/objects/note_text.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#define JOBS_PER_MINUTE 100 /* fixed, to spare GitHub */

/* --- the records --- */

static const Statement next_releases = {
    "release_attachments_next",
    "SELECT id, description AS text, tag FROM releases WHERE project_id = $1 AND id > $2 ORDER BY id"
    " LIMIT 100",
};

/* All that people have written, imported or not. */
static const Statement next_notes = {
    "note_attachments_next",
    "SELECT id, note AS text FROM notes WHERE project_id = $1 AND NOT system AND id > $2 ORDER BY id"
    " LIMIT 100",
};

static const Statement next_issues = {
    "issue_attachments_next",
    "SELECT id, description AS text, iid FROM issues WHERE project_id = $1 AND iid > $2 ORDER BY iid"
    " LIMIT 100",
};

static const Statement next_merge_requests = {
    "merge_request_attachments_next",
    "SELECT id, description AS text, iid FROM merge_requests WHERE target_project_id = $1 AND iid > $2"
    " ORDER BY iid LIMIT 100",
};

/* The representation: `iid` (consumed) is null, and `tag` NULL, for other types of record. */
static json_t *note_text(const PGresult *rows, int row, const char *type, json_t *iid, const char *tag)
{
    return json_pack("{s:I, s:s, s:s?, s:o, s:s?, s:n}", "record_db_id",
                     (json_int_t)database_integer(rows, row, "id"), "record_type", type, "text",
                     database_value(rows, row, "text"), "iid", iid, "tag", tag, "noteable_type");
}

static json_t *iid_of(const PGresult *rows, int row)
{
    return json_integer(database_integer(rows, row, "iid"));
}

static json_t *release(const PGresult *rows, int row)
{
    return note_text(rows, row, "Release", json_null(), database_value(rows, row, "tag"));
}

/* What it is a note on is not asked, so that Ruby's argument does not say it either. */
static json_t *note(const PGresult *rows, int row)
{
    return note_text(rows, row, "Note", json_null(), NULL);
}

static json_t *issue(const PGresult *rows, int row)
{
    return note_text(rows, row, "Issue", iid_of(rows, row), NULL);
}

static json_t *merge_request(const PGresult *rows, int row)
{
    return note_text(rows, row, "MergeRequest", iid_of(rows, row), NULL);
}

/* --- their jobs --- */

static char *id(const json_t *record, G_GNUC_UNUSED const json_t *parent)
{
    return representation_id(record, "record_db_id");
}

static json_t *representation(Stage *stage, const json_t *record, G_GNUC_UNUSED const json_t *parent,
                              G_GNUC_UNUSED GError **error)
{
    g_autoptr(GPtrArray) urls =
        attachments_find(json_string_field(record, "text"), github_client_web_endpoint(stage->github));
    return urls->len > 0 ? json_incref((json_t *)record) : NULL;
}

static const char *release_attachment(G_GNUC_UNUSED const json_t *record)
{
    return "release_attachment";
}

static const char *note_attachment(G_GNUC_UNUSED const json_t *record)
{
    return "note_attachment";
}

static const char *issue_attachment(G_GNUC_UNUSED const json_t *record)
{
    return "issue_attachment";
}

static const char *merge_request_attachment(G_GNUC_UNUSED const json_t *record)
{
    return "merge_request_attachment";
}

#define JOBS(importers, worker_class, object_type)                                                           \
    .objects = {                                                                                             \
        .importer = "Gitlab::GithubImport::Importer::Attachments::" importers,                               \
        .object_importer = "Gitlab::GithubImport::Importer::NoteAttachmentsImporter",                        \
        .name = #object_type "s",                                                                            \
        .worker = "Gitlab::GithubImport::Attachments::" worker_class,                                        \
        .jobs_per_minute = JOBS_PER_MINUTE,                                                                  \
        .id = id,                                                                                            \
        .representation = representation,                                                                    \
        .fetched_as = object_type,                                                                           \
    }

const RecordCollection release_attachments_collection = {
    JOBS("ReleasesImporter", "ImportReleaseWorker", release_attachment),
    .next = &next_releases,
    .position = "id",
    .record = release,
};

const RecordCollection note_attachments_collection = {
    JOBS("NotesImporter", "ImportNoteWorker", note_attachment),
    .next = &next_notes,
    .position = "id",
    .record = note,
};

const RecordCollection issue_attachments_collection = {
    JOBS("IssuesImporter", "ImportIssueWorker", issue_attachment),
    .next = &next_issues,
    .position = "iid",
    .record = issue,
};

const RecordCollection merge_request_attachments_collection = {
    JOBS("MergeRequestsImporter", "ImportMergeRequestWorker", merge_request_attachment),
    .next = &next_merge_requests,
    .position = "iid",
    .record = merge_request,
};
