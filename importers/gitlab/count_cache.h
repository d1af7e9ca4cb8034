/*
 * How many issues and merge requests of a project are open, as Ruby's processes remember it
 * (app/services/projects/count_service.rb, open_issues_count_service.rb,
 * open_merge_requests_count_service.rb). Ruby counts anew at the end of an import; here the numbers are
 * forgotten, and Ruby counts when it is next asked. Harmless when repeated.
 */
#pragma once

#include "importers/gitlab/project.h"

gboolean count_cache_expire(Session *session, const Project *project, GError **error);
