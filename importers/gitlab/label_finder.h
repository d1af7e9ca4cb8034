/*
 * Gitlab::GithubImport::LabelFinder (lib/gitlab/github_import/label_finder.rb): ids of a project's own labels
 * by title, cached in the shared-state Redis. "Not there" is remembered too, for a day.
 */
#pragma once

#include "importers/gitlab/project.h"

/* *id is 0 when the project has no such label. */
gboolean label_finder_find(Session *session, const Project *project, const char *title, gint64 *id,
                           GError **error);
/* All labels of the project, after the import of the labels. */
gboolean label_finder_fill_cache(Session *session, gint64 project_id, GError **error);
