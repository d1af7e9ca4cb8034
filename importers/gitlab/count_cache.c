#include "importers/gitlab/count_cache.h"

#define COUNT_KEY "cache:gitlab:projects/count_service/1/%" G_GINT64_FORMAT "/%s"

/* The second is of GitLab 10. */
static const char *const NAMES[] = {
    "public_open_issues_count",
    "open_issues_count",
    "total_open_issues_count",
    "open_merge_requests_count",
};

gboolean count_cache_expire(Session *session, const Project *project, GError **error)
{
    RedisCommand *command = redis_command_new("UNLINK", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        g_autofree char *key = g_strdup_printf(COUNT_KEY, project->id, NAMES[i]);
        redis_command_add(command, key);
    }
    g_autoptr(redisReply) reply = redis_run(session_redis(session, REDIS_CACHE), command, error);
    return reply != NULL;
}
