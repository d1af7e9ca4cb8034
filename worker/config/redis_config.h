/*
 * Where each of GitLab's Redis stores is: redis.yml, redis.STORE.yml, the store it falls back to, resque.yml;
 * the first that says something wins (lib/gitlab/redis/wrapper.rb, fetch_config). Without any of them:
 * localhost:6379, as the client library does.
 */
#pragma once

#include "importers/configuration.h"
#include "worker/config/config_file.h"

/* "queues", "queues_metadata", "shared_state", "cache". */
const char *redis_store_name(RedisStore store);

/* (transfer full) */
RedisSettings *redis_config_load(const ConfigDirectory *directory, RedisStore store, GError **error);
/* The text of one variable or file: a URL. (transfer full) */
RedisSettings *redis_config_from_url(const char *url, GError **error);
