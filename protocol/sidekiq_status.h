/*
 * Gitlab::SidekiqStatus (lib/gitlab/sidekiq_status.rb): a key per jid that exists while the job is queued or
 * running, for `seconds` at most. In the queues-metadata Redis. Errors are those of Redis.
 */
#pragma once

#include "protocol/redis.h"

#define SIDEKIQ_STATUS_DEFAULT_EXPIRATION 1800 /* seconds */

gboolean sidekiq_status_set(Redis *queues_metadata, const char *jid, guint seconds, GError **error);
gboolean sidekiq_status_unset(Redis *queues_metadata, const char *jid, GError **error);
/* Renews the key only if it exists. */
gboolean sidekiq_status_expire(Redis *queues_metadata, const char *jid, guint seconds, GError **error);
gboolean sidekiq_status_running(Redis *queues_metadata, const char *jid, gboolean *running, GError **error);
