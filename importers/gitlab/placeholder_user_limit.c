#include "importers/gitlab/placeholder_user_limit.h"

#include "protocol/import_caching.h"
#include "protocol/log.h"

#define UNLIMITED      0
#define LIMIT_TTL      3600 /* seconds */
#define EXCEEDANCE_TTL 60

const TableColumns plan_limit_columns = {
    .table = "plan_limits",
    .columns = COLUMNS("plan_id", "import_placeholder_user_limit_tier_1"),
    .optional = TRUE,
};

static const Statement find_limit = {
    "placeholder_user_limit_find",
    "SELECT l.import_placeholder_user_limit_tier_1 AS user_limit FROM plan_limits l"
    " JOIN plans p ON p.id = l.plan_id WHERE p.name = 'default'",
};
static const Statement count_placeholder_users = {
    "placeholder_user_limit_count",
    "SELECT (SELECT count(DISTINCT placeholder_user_id) FROM import_source_users WHERE namespace_id = $1)"
    " - (SELECT count(*) FROM namespace_import_users WHERE namespace_id = $1) AS count",
};

static gboolean read_limit(Session *session, gint64 *limit, GError **error)
{
    *limit = UNLIMITED;
    if (!schema_has_column(session->schema, plan_limit_columns.table, "import_placeholder_user_limit_tier_1"))
        return TRUE;
    g_autoptr(PGresult) row = database_run(session_database(session), error, &find_limit, DATABASE_END);
    if (!row)
        return FALSE;
    if (PQntuples(row) > 0)
        *limit = database_integer(row, 0, "user_limit");
    return TRUE;
}

static gboolean find_cached_limit(Session *session, gint64 namespace_id, gint64 *limit, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *key =
        g_strdup_printf("import_placeholder_user_limit:limit:%" G_GINT64_FORMAT, namespace_id);
    gboolean cached;
    if (!cache_read_integer(redis, key, limit, &cached, error))
        return FALSE;
    return cached ||
           (read_limit(session, limit, error) && cache_write_integer(redis, key, *limit, LIMIT_TTL, error));
}

static gboolean compare_count(Session *session, gint64 namespace_id, gint64 limit, gboolean *exceeded,
                              GError **error)
{
    g_autoptr(PGresult) row = database_run(session_database(session), error, &count_placeholder_users,
                                           SQL_INTEGER(namespace_id), DATABASE_END);
    if (!row)
        return FALSE;
    gint64 count = database_integer(row, 0, "count");
    *exceeded = count > 0 && count >= limit;
    return TRUE;
}

gboolean placeholder_user_limit_exceeded(Session *session, const Project *project, gboolean *exceeded,
                                         GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    gint64 namespace_id = project->root_namespace_id, limit;
    *exceeded = FALSE;
    if (!find_cached_limit(session, namespace_id, &limit, error))
        return FALSE;
    if (limit == UNLIMITED)
        return TRUE;
    g_autofree char *key =
        g_strdup_printf("import_placeholder_user_limit:exceeded:%" G_GINT64_FORMAT, namespace_id);
    g_autofree char *known = NULL;
    if (!cache_read(redis, key, &known, error))
        return FALSE;
    *exceeded = known && *known;
    if (*exceeded)
        return TRUE;
    if (!compare_count(session, namespace_id, limit, exceeded, error))
        return FALSE;
    if (!*exceeded)
        return TRUE;
    log_info("Placeholder user limit exceeded for namespace", "{s:I, s:I}", "limit", (json_int_t)limit,
             "namespace_id", (json_int_t)namespace_id);
    return cache_write(redis, key, "true", EXCEEDANCE_TTL, error);
}
