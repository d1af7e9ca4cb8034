/*
 * Gitlab::Cache::Import::Caching (lib/gitlab/cache/import/caching.rb): the importers' cache primitives. Every
 * raw key is stored under `cache:gitlab:`. In the shared-state Redis. TTLs are in seconds; reading a value
 * that is not blank renews it to the default. Errors are those of Redis.
 */
#pragma once

#include "protocol/redis.h"

#define CACHE_TIMEOUT         86400
#define CACHE_LONGER_TIMEOUT  259200
#define CACHE_SHORTER_TIMEOUT 900

/* The key in Redis of a raw key, for scripts of other modules. (transfer full) */
char *cache_redis_key(const char *raw_key);

/* *value is NULL when the key is missing; "" is a stored "looked up, not found". (transfer full) */
gboolean cache_read(Redis *redis, const char *key, char **value, GError **error);
/* Many keys in one round trip, which renews each value that is not blank to `timeout` seconds. Values in the
 * order of the keys, NULL where a key is missing. (transfer full) */
GPtrArray *cache_read_multiple(Redis *redis, const GPtrArray *keys, guint timeout, GError **error);
/* *found is FALSE when missing or blank. */
gboolean cache_read_integer(Redis *redis, const char *key, gint64 *value, gboolean *found, GError **error);
gboolean cache_write(Redis *redis, const char *key, const char *value, guint timeout, GError **error);
gboolean cache_write_integer(Redis *redis, const char *key, gint64 value, guint timeout, GError **error);
/* One round trip; pairs of key and value, both strings, in `pairs` (key, value, key, value, ...). */
gboolean cache_write_multiple(Redis *redis, const GPtrArray *pairs, guint timeout, GError **error);
gboolean cache_write_if_greater(Redis *redis, const char *key, gint64 value, guint timeout, gboolean *written,
                                GError **error);
gboolean cache_increment(Redis *redis, const char *key, guint timeout, gint64 *value, GError **error);
gboolean cache_set_add(Redis *redis, const char *key, const char *member, guint timeout, GError **error);
/* Members of char *, at least one. */
gboolean cache_set_add_all(Redis *redis, const char *key, const GPtrArray *members, guint timeout,
                           GError **error);
/* For each of `members` whether it is in the set, in one round trip. (transfer full) */
gboolean *cache_set_includes_all(Redis *redis, const char *key, const GPtrArray *members, GError **error);
gboolean cache_set_count(Redis *redis, const char *key, gint64 *count, GError **error);
/* Members as strings. (transfer full) */
GPtrArray *cache_set_members(Redis *redis, const char *key, GError **error);
/* Up to `count` members in no order (SRANDMEMBER). (transfer full) */
GPtrArray *cache_set_sample(Redis *redis, const char *key, guint count, GError **error);
gboolean cache_set_remove(Redis *redis, const char *key, const GPtrArray *members, GError **error);
gboolean cache_expire(Redis *redis, const char *key, guint timeout, GError **error);
gboolean cache_delete(Redis *redis, const char *key, GError **error);
gboolean cache_delete_all(Redis *redis, const GPtrArray *keys, GError **error);
/* Unless the list holds the value already; keeps the newest `limit` values. */
gboolean cache_list_add(Redis *redis, const char *key, const char *value, guint limit, guint timeout,
                        GError **error);
gboolean cache_list_count(Redis *redis, const char *key, gint64 *count, GError **error);
/* The values of many lists in one round trip, each as an array of strings. (transfer full) */
GPtrArray *cache_lists(Redis *redis, const GPtrArray *keys, GError **error);

/* Adds to the counter at `key` the number of `tokens` not seen before, so that work done twice counts once.
 * The tokens seen are kept in a set of hubferry's own beside the counter ("hubferry:counted:" + key) for
 * `timeout` seconds. *added may be NULL. */
gboolean cache_increment_once(Redis *redis, const char *key, const GPtrArray *tokens, guint timeout,
                              gint64 *added, GError **error);
/* The tokens seen, when nothing is counted at these keys any more. */
gboolean cache_forget_tokens(Redis *redis, const GPtrArray *keys, GError **error);
