/*
 * Gitlab::GithubImport::Representation::NoteText (lib/gitlab/github_import/representation/note_text.rb) and
 * Importer::NoteAttachmentsImporter: the text of a record whose files are on GitHub, and the jobs that bring
 * them over (Gitlab::GithubImport::Attachments::Import{Release,Note,Issue,MergeRequest}Worker).
 *
 * The files named by the job's text are downloaded, in the order of the text, before anything is written; the
 * addresses are then replaced in the record's present text, in one transaction with the rows of `uploads`. An
 * address that the record's text no longer has is left alone, so that a job that is executed again downloads
 * nothing; one that was stopped between two files goes on with the second. A file that GitHub does not have
 * any more is recorded in import_failures and keeps its address; any other failure puts the whole text off.
 * (GitLab 18 and earlier leave the whole text as it is for one lost file.) A job of another project's record,
 * or of one that was deleted since, has nothing to do.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter release_attachments_importer, note_attachments_importer,
    issue_attachments_importer, merge_request_attachments_importer;

extern const RecordCollection release_attachments_collection, note_attachments_collection,
    issue_attachments_collection, merge_request_attachments_collection;
