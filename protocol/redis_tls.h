/*
 * TLS of a Redis connection (rediss://), where hiredis has it (HUBFERRY_REDIS_TLS). The server's certificate
 * must be signed by a trusted authority, ssl_params' or the system's, and must be made out to the host name
 * or IP address that was connected to, as Ruby's redis-client demands. hiredis itself checks only the former.
 * `verify_mode: 0` turns off both.
 *
 * Errors are REDIS_ERROR_CONNECT. Thread-safe.
 */
#pragma once

#include "protocol/redis.h"

/* Starts TLS on a context that is connected, or connecting, to `host` (NULL: a unix socket, which has no
 * name), where the settings ask for it. A connecting context shakes hands later: a refusal then ends the
 * connection. */
gboolean redis_start_tls(redisContext *context, const RedisSettings *settings, const char *host,
                         GError **error);

/* Why a connecting context failed: what is wrong with the certificate, for which hiredis has no words then,
 * else hiredis's own words. Borrowed, valid as long as the context. */
const char *redis_tls_error(const redisContext *context);
