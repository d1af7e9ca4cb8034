#include "importers/gitlab/ghost_user.h"

#include "importers/gitlab/new_user.h"
#include "protocol/import_caching.h"

static const Statement find = {
    "ghost_user_find",
    "SELECT id FROM users WHERE user_type = $1 AND organization_id = $2 ORDER BY id LIMIT 1",
};

gboolean ghost_user_find(Session *session, const Project *project, gint64 *user_id, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *key =
        g_strdup_printf("github-import/ghost-user-id/%" G_GINT64_FORMAT, project->organization_id);
    gboolean cached;
    if (!cache_read_integer(redis, key, user_id, &cached, error))
        return FALSE;
    if (cached)
        return TRUE;
    g_autoptr(PGresult) row =
        database_run(session_database(session), error, &find, SQL_INTEGER(USER_TYPE_GHOST),
                     SQL_INTEGER(project->organization_id), DATABASE_END);
    if (!row)
        return FALSE;
    if (PQntuples(row) == 0) {
        g_set_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER,
                    "organization %" G_GINT64_FORMAT " has no ghost user yet: GitLab has to make one",
                    project->organization_id);
        return FALSE;
    }
    *user_id = database_integer(row, 0, "id");
    return cache_write_integer(redis, key, *user_id, CACHE_TIMEOUT, error);
}
