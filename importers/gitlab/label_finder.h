/*
 * Gitlab::GithubImport::LabelFinder (lib/gitlab/github_import/label_finder.rb): ids of a project's own labels
 * by title, cached in the shared-state Redis. "Not there" is remembered too, for a day.
 */
#pragma once

#include "importers/gitlab/finder_cache.h"
#include "importers/gitlab/project.h"

/* Names are titles. (transfer full) */
Finder *label_finder_new(Session *session, const Project *project);
/* All labels of the project, after the import of the labels. */
gboolean label_finder_fill_cache(Session *session, gint64 project_id, GError **error);
