/*
 * Gitlab::GithubImport::Importer::DiffNoteImporter (lib/gitlab/github_import/importer/diff_note_importer.rb):
 * a review comment becomes a LegacyDiffNote, or a DiffNote when it holds a suggestion and its line is found
 * in the merge request's diff. A comment on a pull request that was not imported is done without a row.
 *
 * Unlike Ruby, the diff is looked at before anything is written: a comment never becomes both.
 */
#pragma once

#include "importers/objects/object_importer.h"

extern const ObjectImporter diff_note_importer;
