/*
 * A project as a user names it on the command line: by its number or by its full path.
 */
#pragma once

#include "importers/gitlab/project.h"

/* *project is NULL, without error, when there is none. (transfer full) */
gboolean named_project_find(Session *session, const char *name, Project **project, GError **error);
