/*
 * Gitlab::GithubImport::Importer::PullRequestsImporter#update_repository_if_necessary
 * (lib/gitlab/github_import/importer/pull_requests_importer.rb): before a pull request is scheduled, the
 * mirror gets what was pushed to GitHub since it was made.
 *
 * Unlike Ruby, projects.last_repository_updated_at is written after the fetch, with the time from before it:
 * a stage whose fetch failed fetches again. Branches that the importer has made for open merge requests are
 * not deleted with what GitHub no longer has.
 */
#pragma once

#include "importers/stages/stage.h"

/* `pull_request` is GitHub's object. Costs nothing for one that has not changed since the last fetch. */
gboolean repository_update_for(Stage *stage, const json_t *pull_request, GError **error);
