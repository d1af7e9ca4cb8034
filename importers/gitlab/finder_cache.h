/*
 * What Gitlab::GithubImport's finders have in common
 * (lib/gitlab/github_import/{label,milestone,issuable}_finder.rb): an id behind a cache key in the
 * shared-state Redis, -1 for "known to be missing", and one query on a miss.
 *
 * A Finder serves one batch of jobs: what it has found it remembers, and many names are asked for in one
 * round trip.
 */
#pragma once

#include "importers/gitlab/session.h"

typedef struct FinderCache {
    const char *prefix;        /* "github-import/label-finder": the key is PREFIX/PROJECT/NAME ... */
    const char *suffix;        /* ... or PREFIX/PROJECT/SUFFIXNAME; NULL: none */
    const Statement *some;     /* columns name, id; parameters: project id, names as an array */
    const Statement *all;      /* columns name, id; parameter: project id; NULL: never filled as a whole */
    gboolean missing_is_final; /* -1 is written and believed; FALSE: the database is asked again */
} FinderCache;

gboolean finder_cache_fill(Session *session, const FinderCache *cache, gint64 project_id, GError **error);

typedef struct Finder Finder;

/* Everything is borrowed. `timeout` in seconds for what is written. (transfer full) */
Finder *finder_new(Session *session, const FinderCache *cache, gint64 project_id, guint timeout);
void finder_free(Finder *finder);

/* Finds all `names` (of char *) at once: one round trip to Redis, and one query for those that it does not
 * know. */
gboolean finder_preload(Finder *finder, const GPtrArray *names, GError **error);
/* *id is 0 when there is no such row. */
gboolean finder_find(Finder *finder, const char *name, gint64 *id, GError **error);
/* Rows just committed: name -> id, for this finder and for everybody. `ids` is an array of gint64, one for
 * each name. */
gboolean finder_remember(Finder *finder, const GPtrArray *names, const GArray *ids, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Finder, finder_free)
