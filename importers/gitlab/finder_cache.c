#include "importers/gitlab/finder_cache.h"

#include "protocol/import_caching.h"

#include <string.h>

#define MISSING (-1)

struct Finder {
    Session *session;
    const FinderCache *cache;
    gint64 project_id;
    guint timeout;
    GHashTable *found; /* name -> gint64 id, 0: there is none */
};

static char *key_of(const FinderCache *cache, gint64 project_id, const char *name)
{
    return g_strdup_printf("%s/%" G_GINT64_FORMAT "/%s%s", cache->prefix, project_id,
                           cache->suffix ? cache->suffix : "", name);
}

static GPtrArray *pairs_new(void)
{
    return g_ptr_array_new_with_free_func(g_free);
}

static void add_pair(GPtrArray *pairs, const FinderCache *cache, gint64 project_id, const char *name,
                     gint64 id)
{
    g_ptr_array_add(pairs, key_of(cache, project_id, name));
    g_ptr_array_add(pairs, g_strdup_printf("%" G_GINT64_FORMAT, id));
}

static gboolean write_pairs(Session *session, const GPtrArray *pairs, guint timeout, GError **error)
{
    return pairs->len == 0 ||
           cache_write_multiple(session_redis(session, REDIS_SHARED_STATE), pairs, timeout, error);
}

gboolean finder_cache_fill(Session *session, const FinderCache *cache, gint64 project_id, GError **error)
{
    g_autoptr(GPtrArray) pairs = pairs_new();
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, cache->all, SQL_INTEGER(project_id), DATABASE_END);
    if (!rows)
        return FALSE;
    for (int row = 0; row < PQntuples(rows); row++)
        add_pair(pairs, cache, project_id, database_value(rows, row, "name"),
                 database_integer(rows, row, "id"));
    return write_pairs(session, pairs, CACHE_TIMEOUT, error);
}

Finder *finder_new(Session *session, const FinderCache *cache, gint64 project_id, guint timeout)
{
    Finder *finder = g_new0(Finder, 1);
    finder->session = session;
    finder->cache = cache;
    finder->project_id = project_id;
    finder->timeout = timeout;
    finder->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return finder;
}

void finder_free(Finder *finder)
{
    g_hash_table_unref(finder->found);
    g_free(finder);
}

static void note(Finder *finder, const char *name, gint64 id)
{
    g_hash_table_insert(finder->found, g_strdup(name), g_memdup2(&id, sizeof id));
}

/* The names that this finder has not met yet, each once. (transfer container) */
static GPtrArray *new_names(Finder *finder, const GPtrArray *names)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *fresh = g_ptr_array_new();
    for (guint i = 0; i < names->len; i++)
        if (!g_hash_table_contains(finder->found, names->pdata[i]) && g_hash_table_add(seen, names->pdata[i]))
            g_ptr_array_add(fresh, names->pdata[i]);
    return fresh;
}

/* Notes what Redis knows of `names`; the others. (transfer container) */
static GPtrArray *ask_cache(Finder *finder, const GPtrArray *names, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(keys, key_of(finder->cache, finder->project_id, names->pdata[i]));
    g_autoptr(GPtrArray) values =
        cache_read_multiple(session_redis(finder->session, REDIS_SHARED_STATE), keys, finder->timeout, error);
    if (!values)
        return NULL;
    GPtrArray *unknown = g_ptr_array_new();
    for (guint i = 0; i < names->len; i++) {
        const char *value = values->pdata[i];
        gint64 id = value && *value ? g_ascii_strtoll(value, NULL, 10) : 0;
        if (id > 0 || (id == MISSING && finder->cache->missing_is_final))
            note(finder, names->pdata[i], MAX(id, 0));
        else
            g_ptr_array_add(unknown, names->pdata[i]);
    }
    return unknown;
}

/* PostgreSQL's literal of an array of texts. */
static char *array_of(const GPtrArray *names)
{
    g_autoptr(GString) array = g_string_new("{");
    for (guint i = 0; i < names->len; i++) {
        g_string_append(array, i > 0 ? ",\"" : "\"");
        for (const char *byte = names->pdata[i]; *byte; byte++) {
            if (strchr("\"\\", *byte))
                g_string_append_c(array, '\\');
            g_string_append_c(array, *byte);
        }
        g_string_append_c(array, '"');
    }
    g_string_append_c(array, '}');
    return g_string_free(g_steal_pointer(&array), FALSE);
}

static gboolean ask_database(Finder *finder, const GPtrArray *names, GError **error)
{
    g_autofree char *array = array_of(names);
    g_autoptr(GPtrArray) pairs = pairs_new();
    g_autoptr(PGresult) rows = database_run(session_database(finder->session), error, finder->cache->some,
                                            SQL_INTEGER(finder->project_id), array, DATABASE_END);
    if (!rows)
        return FALSE;
    for (int row = 0; row < PQntuples(rows); row++) {
        const char *name = database_value(rows, row, "name");
        note(finder, name, database_integer(rows, row, "id"));
        add_pair(pairs, finder->cache, finder->project_id, name, database_integer(rows, row, "id"));
    }
    for (guint i = 0; i < names->len; i++) {
        if (g_hash_table_contains(finder->found, names->pdata[i]))
            continue;
        note(finder, names->pdata[i], 0);
        if (finder->cache->missing_is_final)
            add_pair(pairs, finder->cache, finder->project_id, names->pdata[i], MISSING);
    }
    return write_pairs(finder->session, pairs, finder->timeout, error);
}

gboolean finder_preload(Finder *finder, const GPtrArray *names, GError **error)
{
    g_autoptr(GPtrArray) fresh = new_names(finder, names);
    if (fresh->len == 0)
        return TRUE;
    g_autoptr(GPtrArray) unknown = ask_cache(finder, fresh, error);
    return unknown && (unknown->len == 0 || ask_database(finder, unknown, error));
}

gboolean finder_find(Finder *finder, const char *name, gint64 *id, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_ptr_array_add(names, (gpointer)name);
    if (!finder_preload(finder, names, error))
        return FALSE;
    *id = *(const gint64 *)g_hash_table_lookup(finder->found, name);
    return TRUE;
}

gboolean finder_remember(Finder *finder, const GPtrArray *names, const GArray *ids, GError **error)
{
    g_autoptr(GPtrArray) pairs = pairs_new();
    for (guint i = 0; i < names->len; i++) {
        gint64 id = g_array_index(ids, gint64, i);
        note(finder, names->pdata[i], id);
        add_pair(pairs, finder->cache, finder->project_id, names->pdata[i], id);
    }
    return write_pairs(finder->session, pairs, finder->timeout, error);
}
