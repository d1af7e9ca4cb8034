/*
 * Gitlab::GithubImport::Importer::LfsObjectImporter
 * (lib/gitlab/github_import/importer/lfs_object_importer.rb) and Projects::LfsPointers::LfsDownloadService:
 * one LFS object is streamed from where the batch API said it is, its size and digest are verified, and the
 * project is linked to it. A file that the installation has already is not stored again; but it is
 * downloaded, because to know an object's oid is no proof of the right to see it. (Ruby compares the first
 * MiB of it.)
 *
 * What Ruby logs and forgets is logged and forgotten: an object that the server refuses, of another size or
 * digest, at a forbidden address. Two cases it loses are not lost here: a link that has expired while the job
 * waited is asked for once more, and where the connection, the server or our own storage fails, the job is
 * left to Sidekiq's retries. With LFS switched off for the project there is nothing to do.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter lfs_object_importer;
extern const ObjectCollection lfs_objects_collection;

extern const TableColumns lfs_object_columns, lfs_objects_project_columns;
