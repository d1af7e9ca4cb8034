/*
 * The process as Sidekiq's Web UI and the other processes see it (lib/sidekiq/launcher.rb): member of
 * `processes`, the hash IDENTITY, the running jobs, counters, and the signals that Quiet and Stop leave for
 * it. Written so that Sidekiq 6.4, 7.3 and 8 show it: running jobs under IDENTITY:work and IDENTITY:workers,
 * `info` with the fields of all three. Also GitLab's fetcher's own heartbeat key, whose absence lets others
 * take this process's working lists.
 *
 * Times are seconds since the epoch. Errors are those of Redis; the caller logs them and tries again with the
 * next beat. Not thread-safe.
 */
#pragma once

#include "protocol/redis.h"

#define HEARTBEAT_PERIOD           10 /* seconds, Sidekiq's */
#define FETCHER_HEARTBEAT_PERIOD   20 /* seconds, GitLab's fetcher's */
#define FETCHER_HEARTBEAT_LIFESPAN 60

typedef struct ProcessInfo {
    const char *identity, *hostname, *tag, *version;
    double started_at;
    guint concurrency;
    const char *const *queues; /* ended by NULL */
    const guint *weights;      /* one for each queue; 0: strict order */
    const char *const *labels; /* ended by NULL */
} ProcessInfo;

typedef struct RunningJob {
    char *tid;
    char *queue;
    char *raw; /* the job's JSON text */
    gint64 run_at;
} RunningJob;
void running_job_free(RunningJob *job);

typedef struct ProcessState {
    gboolean quiet;
    const GPtrArray *running;  /* of RunningJob */
    guint64 processed, failed; /* since the last successful beat */
} ProcessState;

/* One beat. *signal receives a signal's name ("TSTP", "TERM", "TTIN") that the Web UI has left, or NULL.
 * (transfer full) *stats_flushed tells, also on error, whether the counters have reached Redis. */
gboolean heartbeat_beat(Redis *redis, const ProcessInfo *info, const ProcessState *state,
                        gboolean *stats_flushed, char **signal, GError **error);
/* The last act of a process: counters, SREM processes, UNLINK of the running jobs. */
gboolean heartbeat_clear(Redis *redis, const ProcessInfo *info, guint64 processed, guint64 failed,
                         GError **error);
/* The fetcher's key, for FETCHER_HEARTBEAT_LIFESPAN. To be set before anything is fetched. */
gboolean heartbeat_fetcher(Redis *redis, const char *identity, GError **error);
/* At most once a minute for the whole cluster: members of `processes` without an `info` are removed. */
gboolean heartbeat_cleanup_processes(Redis *redis, GError **error);
