/*
 * Which branch of a project's repository is its default branch (app/models/repository.rb: root_ref): the one
 * that HEAD names.
 */
#pragma once

#include "importers/gitlab/project.h"

/* *branch is NULL, without error, where there is no repository or no such branch. (transfer full) */
gboolean git_default_branch(Session *session, const Project *project, char **branch, GError **error);
