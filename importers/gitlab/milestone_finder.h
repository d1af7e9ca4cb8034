/*
 * Gitlab::GithubImport::MilestoneFinder (lib/gitlab/github_import/milestone_finder.rb): ids of a project's
 * milestones by iid, cached in the shared-state Redis. "Not there" is remembered too, for a day.
 */
#pragma once

#include "importers/gitlab/project.h"

/* *id is 0 when the project has no such milestone. */
gboolean milestone_finder_find(Session *session, const Project *project, gint64 iid, gint64 *id,
                               GError **error);
/* All milestones of the project, after the import of the milestones. */
gboolean milestone_finder_fill_cache(Session *session, gint64 project_id, GError **error);
