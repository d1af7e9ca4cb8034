#include "protocol/job_waiter.h"

#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"

#include <string.h>

#define KEY_PREFIX "gitlab:job_waiter:"
/* Longer than a job that was done can come back: clean-ups of dead processes are an hour apart. */
#define NOTIFIED_TTL 86400

static RedisScript waiter_notify = REDIS_SCRIPT(lua_waiter_notify);

char *job_waiter_new_key(void)
{
    g_autofree char *uuid = g_uuid_string_random();
    return g_strconcat(KEY_PREFIX, uuid, NULL);
}

gboolean job_waiter_key_valid(const char *key)
{
    return g_str_has_prefix(key, KEY_PREFIX) && g_uuid_string_is_valid(key + strlen(KEY_PREFIX));
}

static char *notified_key(const char *key)
{
    return g_strconcat("hubferry:notified:", key, NULL);
}

gboolean job_waiter_notify(Redis *shared_state, const char *key, const char *jid, GError **error)
{
    g_autoptr(GPtrArray) jids = g_ptr_array_new();
    g_ptr_array_add(jids, (gpointer)jid);
    return job_waiter_notify_all(shared_state, key, jids, error);
}

gboolean job_waiter_notify_all(Redis *shared_state, const char *key, const GPtrArray *jids, GError **error)
{
    g_autofree char *notified = notified_key(key);
    RedisCommand *args = redis_command_new(NULL, NULL);
    redis_command_add_int(args, JOB_WAITER_IMPORT_TTL);
    redis_command_add_int(args, NOTIFIED_TTL);
    for (guint i = 0; i < jids->len; i++)
        redis_command_add(args, jids->pdata[i]);
    g_autoptr(redisReply) reply =
        redis_script_run(&waiter_notify, shared_state, redis_command_new(key, notified, NULL), args, error);
    return reply != NULL;
}

gboolean job_waiter_arrived(Redis *shared_state, const char *key, gint64 *count, GError **error)
{
    g_autoptr(redisReply) reply = redis_call(shared_state, error, "LLEN", key, NULL);
    if (!reply)
        return FALSE;
    *count = reply->integer;
    return TRUE;
}

gboolean job_waiter_delete(Redis *shared_state, const char *key, GError **error)
{
    g_autofree char *notified = notified_key(key);
    g_autoptr(redisReply) reply = redis_call(shared_state, error, "UNLINK", key, notified, NULL);
    return reply != NULL;
}
