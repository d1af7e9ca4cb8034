#include "importers/stages/page_position.h"

#include "protocol/import_caching.h"

static char *key_of(const char *kind, gint64 project_id, const char *collection)
{
    return g_strdup_printf("github-importer/%s/%" G_GINT64_FORMAT "/%s", kind, project_id, collection);
}

gboolean page_position_read(Session *session, gint64 project_id, const char *collection,
                            PagePosition *position, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *keyset = key_of("page-keyset", project_id, collection);
    g_autofree char *counter = key_of("page-counter", project_id, collection);
    gboolean found;
    *position = (PagePosition){0};
    return cache_read(redis, keyset, &position->url, error) &&
           cache_read_integer(redis, counter, &position->number, &found, error);
}

gboolean page_position_write(Session *session, gint64 project_id, const char *collection,
                             const PagePosition *position, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *keyset = key_of("page-keyset", project_id, collection);
    g_autofree char *counter = key_of("page-counter", project_id, collection);
    gboolean written;
    return cache_write_if_greater(redis, counter, position->number, CACHE_TIMEOUT, &written, error) &&
           cache_write(redis, keyset, position->url, CACHE_TIMEOUT, error);
}

void page_position_clear(PagePosition *position)
{
    g_clear_pointer(&position->url, g_free);
}
