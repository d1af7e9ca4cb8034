/*
 * Prometheus metrics with GitLab's own names (lib/gitlab/sidekiq_middleware/server_metrics.rb,
 * lib/gitlab/metrics/sidekiq_slis.rb, lib/gitlab/github_import/) beside hubferry's. Times are in seconds.
 * Thread-safe; an increment costs one short lock.
 */
#pragma once

#include "protocol/worker_class.h"

typedef struct MetricsJob {
    const char *worker; /* class name */
    const char *queue;
    const char *feature_category;
    gboolean external_dependencies;
} MetricsJob;

/* Of what it is given, nothing is copied. */
MetricsJob metrics_job_of(const WorkerClass *worker, const char *queue);

/* The job's series exist from now on, with zeros, so that a first failure shows as an increase. */
void metrics_job_declare(const MetricsJob *job);
void metrics_job_started(const MetricsJob *job, double queue_seconds, gboolean retried,
                         gboolean interrupted_before);
void metrics_job_done(const MetricsJob *job, double seconds, double cpu_seconds, gboolean failed);
void metrics_job_dead(const MetricsJob *job);
void metrics_job_unknown(const char *class_name, const char *queue);
void metrics_set_concurrency(guint executors);
void metrics_redis_connected(gboolean connected);

/* The text exposition format (version 0.0.4), all metrics. (transfer full) */
char *metrics_render(void);
