/*
 * Recovery of dead processes' working lists (base_reliable_fetch.rb, clean_working_queues!), those of Ruby
 * processes and the legacy key form included: a working list whose owner's heartbeat key is gone is emptied
 * job by job, each counted as interrupted (interruption.h). Unlike Ruby's RPOP and LPUSH, each move is
 * atomic.
 *
 * Errors are those of Redis; what has been moved until then stays moved. Not thread-safe.
 */
#pragma once

#include "protocol/redis.h"
#include "protocol/worker_class.h"

#define CLEANUP_INTERVAL_DEFAULT       3600 /* seconds: how long the lease is held */
#define CLEANUP_LEASE_INTERVAL_DEFAULT 120  /* seconds between attempts to take it */

/* SET NX EX of the lease; *taken tells. */
gboolean cleanup_take_lease(Redis *redis, guint interval, gboolean *taken, GError **error);
/* *recovered (may be NULL) is the number of jobs moved, also on error. `exhausted` (may be NULL) is called
 * for each job that went to the interrupted set, with the bytes it had in the working list. */
gboolean cleanup_working_lists(Redis *redis, const WorkerRegistry *registry,
                               void (*exhausted)(const char *queue, const char *raw, gsize length,
                                                 gpointer user_data),
                               gpointer user_data, guint *recovered, GError **error);
