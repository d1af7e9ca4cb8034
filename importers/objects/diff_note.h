/*
 * Gitlab::GithubImport::Importer::DiffNoteImporter (lib/gitlab/github_import/importer/diff_note_importer.rb):
 * a review comment becomes a LegacyDiffNote, or a DiffNote when it holds a suggestion and its line is found
 * in the merge request's diff.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter diff_note_importer;

/* Gitlab::GithubImport::Importer::SingleEndpointDiffNotesImporter: the comments of one merge request after
 * the other. diff_note_collection.c */
extern const ObjectCollection diff_notes_collection;
extern const ParentCollection diff_notes_parents;

extern const TableColumns diff_note_columns;
