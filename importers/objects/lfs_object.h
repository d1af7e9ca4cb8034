/*
 * Gitlab::GithubImport::Importer::LfsObjectImporter
 * (lib/gitlab/github_import/importer/lfs_object_importer.rb) and Projects::LfsPointers::LfsDownloadService:
 * one LFS object is streamed from where the batch API said it is, its size and digest are verified, and the
 * project is linked to it. A file that the installation has already is not downloaded again.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

extern const ObjectImporter lfs_object_importer;
extern const ObjectCollection lfs_objects_collection;
