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

/* Over HTTP every process has a mirror of its own, unless they share the folder: fetches that of this process
 * where it is missing, or older than what another process has fetched. Mounted storage needs nothing.
 * `github` may be NULL: then what is missing stays so. */
gboolean repository_update_own_mirror(Session *session, const Project *project, const GithubClient *github,
                                      GError **error);
