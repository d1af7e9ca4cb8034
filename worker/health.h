/*
 * GET /readiness, /liveness and /metrics (libmicrohttpd, in its own thread), as probes and Prometheus know
 * them from GitLab's Sidekiq: 200 {"status":"ok"}, or 503 with the reason. Served whatever the instance's
 * Prometheus setting is.
 */
#pragma once

#include <glib.h>

typedef struct Health Health;

typedef struct HealthOptions {
    const char *health_address, *metrics_address; /* NULL: not served */
    guint health_port, metrics_port;              /* 0: any free port, written to the log */
    /* NULL reason: ready. Called from the server's thread. (transfer full) */
    char *(*not_ready)(gpointer user_data);
    /* NULL: alive. (transfer full) */
    char *(*not_alive)(gpointer user_data);
    gpointer user_data;
} HealthOptions;

#define HEALTH_ERROR (health_error_quark())
GQuark health_error_quark(void);
typedef enum { HEALTH_ERROR_LISTEN } HealthError;

Health *health_start(const HealthOptions *options, GError **error);
void health_stop(Health *health);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Health, health_stop)
