/*
 * Sidekiq::Scheduled (lib/sidekiq/scheduled.rb): moves due jobs of the retry and schedule sets to their
 * queues.
 *
 * Differences for a worker beside Ruby: only jobs of classes that the registry performs are taken (the others
 * need Ruby's client middleware) unless `all`; and the move from set to queue is one atomic step, where
 * Ruby's pop and push can lose the job. Status keys are set again, as Ruby's client middleware does on a
 * re-push. Members that cannot be read are left alone and logged once. Among very many jobs for Ruby, own
 * ones further back wait for the next round.
 *
 * Errors are those of Redis; what has been moved until then stays moved. Thread-safe, as far as the
 * connections are.
 */
#pragma once

#include "protocol/redis.h"
#include "protocol/worker_class.h"

typedef struct ScheduledOptions {
    Redis *queues;
    Redis *queues_metadata;
    const WorkerRegistry *registry;
    gboolean all;
} ScheduledOptions;

/* Everything that is due now. *moved (may be NULL) is the number of jobs, also on error. */
gboolean scheduled_enqueue_due(const ScheduledOptions *options, guint *moved, GError **error);
/* Seconds until the next poll, randomised as Sidekiq does: the average interval or, where that is 0, 5 s for
 * each of the processes that share the work. */
double scheduled_poll_interval(guint n_processes, double average_interval);
/* 10 s (none with an explicit average interval) plus a random 0 to 5 s. */
double scheduled_initial_wait(double average_interval);
