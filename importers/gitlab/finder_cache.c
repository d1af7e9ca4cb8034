#include "importers/gitlab/finder_cache.h"

#include "protocol/import_caching.h"

#define MISSING (-1)

static char *key_of(const FinderCache *finder, gint64 project_id, const char *name)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT "/%s", finder->prefix, project_id, name);
}

gboolean finder_cache_find(Session *session, const FinderCache *finder, gint64 project_id, const char *name,
                           gint64 *id, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *key = key_of(finder, project_id, name);
    gboolean cached;
    if (!cache_read_integer(redis, key, id, &cached, error))
        return FALSE;
    if (cached) {
        *id = *id == MISSING ? 0 : *id;
        return TRUE;
    }
    g_autoptr(PGresult) row = database_run(session_database(session), error, finder->one,
                                           SQL_INTEGER(project_id), name, DATABASE_END);
    if (!row)
        return FALSE;
    *id = PQntuples(row) > 0 ? database_integer(row, 0, "id") : 0;
    return cache_write_integer(redis, key, *id == 0 ? MISSING : *id, CACHE_TIMEOUT, error);
}

gboolean finder_cache_fill(Session *session, const FinderCache *finder, gint64 project_id, GError **error)
{
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, finder->all, SQL_INTEGER(project_id), DATABASE_END);
    if (!rows)
        return FALSE;
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    for (int row = 0; row < PQntuples(rows); row++) {
        g_ptr_array_add(pairs, key_of(finder, project_id, database_value(rows, row, "name")));
        g_ptr_array_add(pairs, g_strdup(database_value(rows, row, "id")));
    }
    return pairs->len == 0 ||
           cache_write_multiple(session_redis(session, REDIS_SHARED_STATE), pairs, CACHE_TIMEOUT, error);
}
