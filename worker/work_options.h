/*
 * The options of `hubferry work`: Sidekiq's own, GitLab's fetcher's, and hubferry's. Filled by the command
 * line, environment and files; flags win, then environment, then files.
 */
#pragma once

#include "protocol/fetch.h"

/* What becomes of a job whose class is not in the registry. */
typedef enum {
    UNKNOWN_REQUEUE, /* handed over to the fallback queue, where Ruby takes it (default) */
    UNKNOWN_DEAD,    /* into the dead set */
    UNKNOWN_FAIL,    /* fails and is retried, as Ruby does with an unknown class */
} UnknownPolicy;

typedef struct WorkOptions {
    GArray *queues; /* of FetchQueue; names owned by `queue_names` */
    GPtrArray *queue_names;
    gboolean strict;
    guint concurrency; /* executor threads; 20 as sidekiq-cluster */
    guint timeout;     /* seconds that running jobs get at shutdown; 25 */
    char *tag;
    GPtrArray *labels; /* of char * */
    UnknownPolicy unknown;
    gboolean poll;                          /* poll the retry and schedule sets; on */
    gboolean poll_all;                      /* also jobs of classes that only Ruby performs */
    double average_scheduled_poll_interval; /* seconds; 0: scaled by the number of processes */
    guint cleanup_interval, lease_interval; /* seconds; GitLab's fetcher's */
    char *health_address;                   /* NULL: no health server */
    guint health_port;                      /* 3808 as in the Helm chart */
    char *metrics_address;
    guint metrics_port;     /* 3807; the same address and port as health: one server */
    gboolean log_arguments; /* SIDEKIQ_LOG_ARGUMENTS */
} WorkOptions;

void work_options_free(WorkOptions *options);

/* Whether one of `queues` (of FetchQueue) has this name. */
gboolean work_queues_include(const GArray *queues, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WorkOptions, work_options_free)
