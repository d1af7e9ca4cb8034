#include "protocol/sidekiq_status.h"

#include "protocol/keys.h"

gboolean sidekiq_status_set(Redis *queues_metadata, const char *jid, guint seconds, GError **error)
{
    g_autofree char *key = key_status(jid);
    RedisCommand *set = redis_command_new("SET", key, "1", "EX", NULL);
    redis_command_add_int(set, seconds);
    g_autoptr(redisReply) reply = redis_run(queues_metadata, set, error);
    return reply != NULL;
}

gboolean sidekiq_status_unset(Redis *queues_metadata, const char *jid, GError **error)
{
    g_autofree char *key = key_status(jid);
    g_autoptr(redisReply) reply = redis_call(queues_metadata, error, "DEL", key, NULL);
    return reply != NULL;
}

gboolean sidekiq_status_expire(Redis *queues_metadata, const char *jid, guint seconds, GError **error)
{
    g_autofree char *key = key_status(jid);
    RedisCommand *expire = redis_command_new("EXPIRE", key, NULL);
    redis_command_add_int(expire, seconds);
    g_autoptr(redisReply) reply = redis_run(queues_metadata, expire, error);
    return reply != NULL;
}

gboolean sidekiq_status_running(Redis *queues_metadata, const char *jid, gboolean *running, GError **error)
{
    g_autofree char *key = key_status(jid);
    g_autoptr(redisReply) reply = redis_call(queues_metadata, error, "EXISTS", key, NULL);
    if (!reply)
        return FALSE;
    *running = reply->integer == 1;
    return TRUE;
}
