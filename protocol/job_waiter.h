/*
 * Gitlab::JobWaiter (lib/gitlab/job_waiter.rb): a Redis list, named gitlab:job_waiter:UUID, to which every
 * finished job of a group pushes its jid. In the shared-state Redis. Errors are those of Redis.
 */
#pragma once

#include "protocol/redis.h"

#define JOB_WAITER_IMPORT_TTL 604800 /* seconds; lib/gitlab/import.rb */

/* (transfer full) */
char *job_waiter_new_key(void);
gboolean job_waiter_key_valid(const char *key);
/* Tells the waiter that job `jid` is done. A jid counts once, also when its job was executed again after its
 * process died: the jids seen are kept for a day in a set of hubferry's own ("hubferry:notified:" + key). */
gboolean job_waiter_notify(Redis *shared_state, const char *key, const char *jid, GError **error);
/* The same for several jobs (jids of char *). */
gboolean job_waiter_notify_all(Redis *shared_state, const char *key, const GPtrArray *jids, GError **error);
/* How many jids the list holds. */
gboolean job_waiter_arrived(Redis *shared_state, const char *key, gint64 *count, GError **error);
gboolean job_waiter_delete(Redis *shared_state, const char *key, GError **error);
