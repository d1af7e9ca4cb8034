/*
 * Import::PlaceholderUserLimit (app/models/import/placeholder_user_limit.rb): how many placeholder users the
 * plan of a root namespace allows. Where GitLab has no such limit, or it is 0, there may be any number.
 */
#pragma once

#include "importers/gitlab/project.h"

gboolean placeholder_user_limit_exceeded(Session *session, const Project *project, gboolean *exceeded,
                                         GError **error);

extern const TableColumns plan_limit_columns;
