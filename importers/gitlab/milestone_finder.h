/*
 * Gitlab::GithubImport::MilestoneFinder (lib/gitlab/github_import/milestone_finder.rb): ids of a project's
 * milestones by iid, cached in the shared-state Redis. "Not there" is remembered too, for a day.
 */
#pragma once

#include "importers/gitlab/finder_cache.h"
#include "importers/gitlab/project.h"

/* Names are iids as text. (transfer full) */
Finder *milestone_finder_new(Session *session, const Project *project);
/* All milestones of the project, after the import of the milestones. */
gboolean milestone_finder_fill_cache(Session *session, gint64 project_id, GError **error);
