/*
 * Projects::ProtectDefaultBranchService (app/services/projects/protect_default_branch_service.rb): at the end
 * of an import the default branch is protected as the group or the instance says, unless a rule of the
 * project or its root group says something of it already.
 */
#pragma once

#include "importers/gitlab/project.h"

/* May be repeated, also by two processes at once. */
gboolean default_branch_rule_ensure(Session *session, const Project *project, const char *branch,
                                    GError **error);
