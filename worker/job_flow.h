/*
 * The way of the jobs through the event loop: fetched from Redis (protocol/fetch.h), handed to the executors
 * (worker/manager.h), their outcomes carried out. Never more jobs than the executors can start soon
 * (worker/prefetch.h); those that wait too long behind long jobs go back to their queue.
 *
 * Belongs to the loop's thread, but for the manager.
 */
#pragma once

#include "importers/configuration.h"
#include "worker/manager.h"
#include "worker/work_options.h"

#include <ev.h>

typedef struct JobFlow JobFlow;

/* All borrowed; must outlive it. Nothing flows yet. */
JobFlow *job_flow_new(struct ev_loop *loop, const WorkOptions *options, const Configuration *configuration,
                      const WorkerRegistry *registry);
/* After the executors have ended. */
void job_flow_free(JobFlow *flow);

/* For the executors and the heartbeat. Borrowed. */
Manager *job_flow_manager(const JobFlow *flow);

void job_flow_start(JobFlow *flow);
gboolean job_flow_connected(const JobFlow *flow);

/* No more jobs are fetched or started; those that were fetched and not started go back to their queue, in
 * order and untouched. */
void job_flow_quiet(JobFlow *flow);
/* The timeout is over: running jobs are pushed back as interrupted, whatever their executors do. */
void job_flow_give_up(JobFlow *flow);
/* After job_flow_quiet(): no job is here any more, and Redis knows of every outcome. A process without
 * connection does not wait for jobs that might still arrive: they would be found in its working list. */
gboolean job_flow_finished(const JobFlow *flow);
