#include "importers/gitlab/ghost_user.h"

#include "importers/gitlab/new_user.h"
#include "importers/gitlab/people_mode.h"
#include "protocol/import_caching.h"

static const Statement find_of_organization = {
    "ghost_user_find_of_organization",
    "SELECT id FROM users WHERE user_type = $1 AND organization_id = $2 ORDER BY id LIMIT 1",
};
static const Statement find_of_instance = {
    "ghost_user_find_of_instance",
    "SELECT id FROM users WHERE user_type = $1 ORDER BY id LIMIT 1",
};

static PGresult *find(Session *session, const Project *project, GError **error)
{
    Database *database = session_database(session);
    if (!people_mode_is_newest(session))
        return database_run(database, error, &find_of_instance, SQL_INTEGER(USER_TYPE_GHOST), DATABASE_END);
    return database_run(database, error, &find_of_organization, SQL_INTEGER(USER_TYPE_GHOST),
                        SQL_INTEGER(project->organization_id), DATABASE_END);
}

static char *cache_key(const Session *session, const Project *project)
{
    if (!people_mode_is_newest(session))
        return g_strdup("github-import/ghost-user-id");
    return g_strdup_printf("github-import/ghost-user-id/%" G_GINT64_FORMAT, project->organization_id);
}

gboolean ghost_user_find(Session *session, const Project *project, gint64 *user_id, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *key = cache_key(session, project);
    gboolean cached;
    if (!cache_read_integer(redis, key, user_id, &cached, error))
        return FALSE;
    if (cached)
        return TRUE;
    g_autoptr(PGresult) row = find(session, project, error);
    if (!row)
        return FALSE;
    if (PQntuples(row) == 0) {
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_HAND_OVER,
                            "There is no ghost user yet: GitLab has to make one");
        return FALSE;
    }
    *user_id = database_integer(row, 0, "id");
    return cache_write_integer(redis, key, *user_id, CACHE_TIMEOUT, error);
}
