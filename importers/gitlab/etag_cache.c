#include "importers/gitlab/etag_cache.h"

#include "protocol/random_hex.h"

#define KEY    "etag:/import/github/realtime_changes.json"
#define EXPIRY "1200" /* seconds */

gboolean etag_cache_touch_import(Session *session, GError **error)
{
    g_autofree char *etag = random_hex(16);
    g_autoptr(redisReply) reply =
        redis_call(session_redis(session, REDIS_SHARED_STATE), error, "SET", KEY, etag, "EX", EXPIRY, NULL);
    return reply != NULL;
}
