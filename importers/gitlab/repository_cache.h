/*
 * What Ruby's processes remember of a project's repository and of its wiki (app/models/repository.rb:
 * expire_content_cache, before_change_head, after_change_head; lib/gitlab/repository_cache.rb,
 * repository_set_cache.rb, repository_hash_cache.rb). An answer from before the import had written everything
 * would be given for two more weeks. Harmless when repeated.
 */
#pragma once

#include "importers/gitlab/project.h"

/* `branches` (of char *, without "refs/heads/"): how many commits they have is forgotten, too. */
gboolean repository_cache_expire(Session *session, const Project *project, const GPtrArray *branches,
                                 GError **error);
