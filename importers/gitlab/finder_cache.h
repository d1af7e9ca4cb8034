/*
 * What Gitlab::GithubImport's finders have in common: an id behind a cache key, -1 for "known to be missing",
 * and one query on a miss.
 */
#pragma once

#include "importers/gitlab/session.h"

typedef struct FinderCache {
    const char *prefix;   /* "github-import/label-finder" */
    const Statement *one; /* column id; parameters: project id, name */
    const Statement *all; /* columns name, id; parameter: project id */
} FinderCache;

/* *id is 0 when there is no such row. */
gboolean finder_cache_find(Session *session, const FinderCache *finder, gint64 project_id, const char *name,
                           gint64 *id, GError **error);
gboolean finder_cache_fill(Session *session, const FinderCache *finder, gint64 project_id, GError **error);
