/*
 * Gitlab::GithubImport::IssuableFinder (lib/gitlab/github_import/issuable_finder.rb): database ids of issues
 * and merge requests by iid. Cached for a day, or three with the option single_endpoint_notes_import.
 *
 * Ruby remembers a miss too, and then loses every comment of an issue that arrives a moment later. Here a
 * miss is neither remembered nor believed.
 */
#pragma once

#include "importers/gitlab/finder_cache.h"
#include "importers/gitlab/import_data.h"

/* `type` is "Issue" or "MergeRequest"; names are iids as text. `data` may be NULL. (transfer full) */
Finder *issuable_finder_new(Session *session, const Project *project, const ImportData *data,
                            const char *type);
