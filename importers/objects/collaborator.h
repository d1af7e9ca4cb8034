/*
 * Collaborators of the repository as members of the project
 * (lib/gitlab/github_import/importer/collaborators_importer.rb, collaborator_importer.rb,
 * representation/collaborator.rb, app/services/import/placeholder_memberships/create_service.rb).
 *
 * Who has accepted becomes a member, and Ruby recalculates what the user may see. For everybody else a
 * placeholder membership is kept, which becomes a membership when the contributions are reassigned.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

/* Its objects are a difference of two lists: importers/stages/import_collaborators.c. */
extern const ObjectCollection collaborators_collection;
/* Gitlab::GithubImport::ImportCollaboratorWorker. */
extern const ObjectImporter collaborator_importer;
extern const TableColumns placeholder_membership_columns;
