#include "importers/gitlab/exclusive_lease.h"

#include "protocol/error_class.h"
#include "protocol/log.h"
#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"

#define PREFIX "gitlab:exclusive_lease:"

static const char *exclusive_lease_error_class(G_GNUC_UNUSED int code)
{
    return "Gitlab::ExclusiveLeaseHelpers::FailedToObtainLockError";
}

DEFINE_ERROR_DOMAIN(exclusive_lease_error, exclusive_lease_error_class)

static RedisScript cancel = REDIS_SCRIPT(lua_cancel_exclusive_lease);

struct ExclusiveLease {
    Redis *redis;
    char *key, *uuid;
};

static gboolean try_obtain(ExclusiveLease *lease, guint expiry, gboolean *obtained, GError **error)
{
    g_autofree char *seconds = g_strdup_printf("%u", expiry);
    g_autoptr(redisReply) reply =
        redis_call(lease->redis, error, "SET", lease->key, lease->uuid, "NX", "EX", seconds, NULL);
    if (!reply)
        return FALSE;
    *obtained = reply->type != REDIS_REPLY_NIL;
    return TRUE;
}

static ExclusiveLease *lease_new(Session *session, const char *key)
{
    ExclusiveLease *lease = g_new0(ExclusiveLease, 1);
    lease->redis = session_redis(session, REDIS_SHARED_STATE);
    lease->key = g_strconcat(PREFIX, key, NULL);
    lease->uuid = g_uuid_string_random();
    return lease;
}

static void lease_forget(ExclusiveLease *lease)
{
    g_free(lease->key);
    g_free(lease->uuid);
    g_free(lease);
}

ExclusiveLease *exclusive_lease_obtain(Session *session, const char *key, const LeaseTerms *terms,
                                       gboolean *waited, GError **error)
{
    ExclusiveLease *lease = lease_new(session, key);
    for (guint attempt = 0; attempt <= terms->retries; attempt++) {
        gboolean obtained = FALSE;
        if (!session_check_stopping(session, error) || !try_obtain(lease, terms->expiry, &obtained, error)) {
            lease_forget(lease);
            return NULL;
        }
        if (obtained) {
            if (waited)
                *waited = attempt > 0;
            return lease;
        }
        if (attempt < terms->retries)
            g_usleep((gulong)terms->pause * 1000);
    }
    lease_forget(lease);
    g_set_error(error, EXCLUSIVE_LEASE_ERROR, EXCLUSIVE_LEASE_ERROR_TAKEN, "Failed to obtain a lock");
    return NULL;
}

/* A lease that cannot be given back expires by itself. */
void exclusive_lease_free(ExclusiveLease *lease)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) reply = redis_script_run(&cancel, lease->redis, redis_command_new(lease->key, NULL),
                                                   redis_command_new(lease->uuid, NULL), &error);
    if (!reply)
        log_error("exclusive lease was not given back", error, NULL);
    lease_forget(lease);
}
