#include "protocol/redis_info.h"
#include "worker/commands/checks.h"
#include "worker/config/redis_config.h"

#define CONNECT_ADVICE                                                                                       \
    "check the address in resque.yml or redis.yml, or HUBFERRY_REDIS_URL, and that Redis runs"

static void judge_server(Findings *findings, RedisStore store, const char *address, const char *info)
{
    g_autofree char *version = redis_info_field(info, "redis_version");
    g_autofree char *policy = redis_info_field(info, "maxmemory_policy");
    const char *name = redis_store_name(store);
    if (!redis_version_supported(version))
        findings_error(findings, "upgrade Redis to 6.2 or later", "Redis store %s (%s) has version %s", name,
                       address, version);
    else if (store != REDIS_CACHE && store != REDIS_REPOSITORY_CACHE && policy &&
             !g_str_equal(policy, "noeviction"))
        findings_warning(findings, "set maxmemory-policy to noeviction",
                         "Redis store %s (%s) may evict keys (policy %s), and with them jobs", name, address,
                         policy);
    else
        findings_ok(findings, "Redis store %s: %s, version %s", name, address,
                    version ? version : "not told");
}

static void check_store(Findings *findings, const Configuration *configuration, RedisStore store)
{
    g_autofree char *address = redis_settings_describe(configuration->redis[store]);
    g_autoptr(Redis) redis = redis_new(configuration->redis[store]);
    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) pong = redis_call(redis, &error, "PING", NULL);
    if (!pong) {
        findings_error(findings, CONNECT_ADVICE, "Redis store %s (%s): %s", redis_store_name(store), address,
                       error->message);
        return;
    }
    g_autoptr(redisReply) info = redis_call(redis, NULL, "INFO", NULL);
    judge_server(findings, store, address, info && info->str ? info->str : "");
}

void check_redis(Findings *findings, const Configuration *configuration)
{
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        check_store(findings, configuration, store);
}
