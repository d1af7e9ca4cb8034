/*
 * The words of -q/--queue: NAME, NAME,WEIGHT, NAMESPACE:* and *, and namespaces in the way of GitLab's
 * command line (lib/gitlab/sidekiq_config/cli_methods.rb, expand_queues).
 */
#pragma once

#include "protocol/worker_class.h"
#include "worker/config/config_error.h"
#include "worker/work_options.h"

typedef struct QueueExpansion {
    const WorkerClass *const *tables; /* the registry's */
    guint n_tables;
    gboolean namespaces; /* a plain name that is a namespace stands for its queues too */
} QueueExpansion;

/* Adds to the queues of `work`. A queue named twice gets the sum of its weights, as in Sidekiq. */
gboolean queue_arguments_parse(const char *const *words, const QueueExpansion *expansion, WorkOptions *work,
                               GError **error);
