/*
 * Collaborators of the repository as members of the project
 * (lib/gitlab/github_import/importer/collaborator_importer.rb, collaborators_importer.rb,
 * representation/collaborator.rb, app/services/import/placeholder_memberships/create_service.rb).
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

/* Gitlab::GithubImport::Importer::CollaboratorsImporter. Its objects are a difference of two lists
 * (importers/stages/import_collaborators.c). */
extern const ObjectCollection collaborators_collection;
/* Gitlab::GithubImport::ImportCollaboratorWorker. */
extern const ObjectImporter collaborator_importer;
