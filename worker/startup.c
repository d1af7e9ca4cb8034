#include "worker/startup.h"

#include "importers/gitlab/receipts.h"
#include "protocol/error_class.h"
#include "protocol/log.h"
#include "protocol/redis_info.h"

static const char *startup_error_class(int code G_GNUC_UNUSED)
{
    return "StandardError";
}

DEFINE_ERROR_DOMAIN(startup_error, startup_error_class)

gboolean startup_may_retry(const GError *error)
{
    return error->domain == REDIS_ERROR || g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_CONNECT) ||
           g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED) ||
           g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_RETRYABLE);
}

static gboolean check_version(const char *version, GError **error)
{
    if (redis_version_supported(version))
        return TRUE;
    g_set_error(error, STARTUP_ERROR, STARTUP_ERROR_REDIS,
                "Redis %s is too old: Redis 6.2 or later is needed. Upgrade the server of the queues",
                version);
    return FALSE;
}

static void warn_of_eviction(const char *policy)
{
    if (policy && *policy && !g_str_equal(policy, "noeviction"))
        log_warn("Redis may evict keys, and with them jobs; set maxmemory-policy to noeviction", "{s:s}",
                 "maxmemory_policy", policy);
}

gboolean startup_check_redis_info(const char *info, GError **error)
{
    g_autofree char *version = redis_info_field(info, "redis_version");
    g_autofree char *policy = redis_info_field(info, "maxmemory_policy");
    warn_of_eviction(policy);
    return check_version(version, error);
}

gboolean startup_check_redis(Redis *queues, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(redisReply) reply = redis_call(queues, &failure, "INFO", NULL);
    if (g_error_matches(failure, REDIS_ERROR, REDIS_ERROR_REPLY)) {
        log_warn("Redis does not allow INFO; its version is not checked", NULL);
        return TRUE;
    }
    if (!reply) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    return startup_check_redis_info(reply->str, error);
}

static gboolean check_schema(const Schema *schema, GError **error)
{
    g_autoptr(GPtrArray) findings = schema_findings(schema);
    if (findings->len == 0)
        return TRUE;
    for (guint i = 0; i < findings->len; i++)
        log_error("the database is not the one that hubferry knows", findings->pdata[i], NULL);
    g_set_error(error, STARTUP_ERROR, STARTUP_ERROR_DATABASE,
                "the database schema has %u findings; hubferry and GitLab are of different ages: update the "
                "older one",
                findings->len);
    return FALSE;
}

gboolean startup_check_database(const Configuration *configuration, Schema **schema, GError **error)
{
    *schema = NULL;
    if (!configuration->database_keywords || !configuration->database_keywords[0])
        return TRUE;
    g_autoptr(Database) database =
        database_new((const char *const *)configuration->database_keywords,
                     (const char *const *)configuration->database_values, configuration->prepared_statements);
    g_autoptr(Schema) read = schema_read(database, error);
    if (!read || !check_schema(read, error))
        return FALSE;
    if (configuration->receipts && !receipts_install(database, error))
        return FALSE;
    *schema = g_steal_pointer(&read);
    return TRUE;
}
