/*
 * Deletes the status keys of successful jobs (lib/gitlab/sidekiq_status/server_middleware.rb) before they are
 * acknowledged: many keys with one command, on a connection of its own to the queues-metadata Redis, so that
 * no executor waits for it. While that Redis is away the jobs wait here for their acknowledgement.
 *
 * Belongs to the loop's thread.
 */
#pragma once

#include "protocol/redis_settings.h"
#include "protocol/settlement.h"

#include <ev.h>

typedef struct StatusKeys StatusKeys;

typedef struct StatusKeysOptions {
    struct ev_loop *loop;
    const RedisSettings *redis; /* queues-metadata */
    const char *identity;
    /* The job's status key is gone. (transfer full) */
    void (*settle)(Settlement *settlement, gpointer user_data);
    gpointer user_data;
} StatusKeysOptions;

/* `options` is copied, what it points to is borrowed. */
StatusKeys *status_keys_new(const StatusKeysOptions *options);
void status_keys_free(StatusKeys *status);

/* The key is deleted with the next status_keys_flush(). Both (transfer full). */
void status_keys_add(StatusKeys *status, char *key, Settlement *settlement);
void status_keys_flush(StatusKeys *status);

/* Jobs whose key has been added and is not deleted yet. */
guint status_keys_pending(const StatusKeys *status);
/* The process ends: the jobs are settled, and the keys left to expire. */
void status_keys_give_up(StatusKeys *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatusKeys, status_keys_free)
