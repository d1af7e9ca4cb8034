/*
 * GitHub's branch protection as protected branches of the project
 * (lib/gitlab/github_import/importer/protected_branches_importer.rb, protected_branch_importer.rb,
 * representation/protected_branch.rb, app/services/protected_branches/create_service.rb), without the
 * licensed features of GitLab EE: users who may push, code owners, signed commits.
 *
 * The strictest rule wins. GitHub counts as a server whose developers may merge; what GitLab says of the
 * branch already, or of default branches, makes it stricter. Where GitHub requires reviews, nobody may push.
 * Rulesets are not read, only classic protection.
 *
 * A branch whose name is protected in the project already is refused and recorded, as GitLab's validation
 * does; but a rule that GitLab itself made when the repository was pushed gives way.
 *
 * After a commit Ruby's cache of the project's protected branches is emptied: an answer from before would let
 * developers push to the branch for another day.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

/* One more request for each branch that is protected; a branch whose protection GitHub does not show (404) is
 * left out, and asked for again when the stage is executed again. */
extern const ObjectCollection protected_branches_collection;
/* Gitlab::GithubImport::ImportProtectedBranchWorker. */
extern const ObjectImporter protected_branch_importer;
