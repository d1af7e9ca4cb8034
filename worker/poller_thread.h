/*
 * What a worker does for all: Sidekiq's scheduled poller (lib/sidekiq/scheduled.rb) for the retry and
 * schedule sets, the removal of dead entries in `processes` at its start, and GitLab's fetcher's recovery of
 * dead processes' working lists, for one process of the cluster at a time (the lease; the first attempt is
 * made at the start).
 */
#pragma once

#include "importers/configuration.h"
#include "worker/work_options.h"

typedef struct PollerThread PollerThread;

/* All borrowed; must outlive it. */
PollerThread *poller_thread_start(const WorkOptions *options, const Configuration *configuration,
                                  const WorkerRegistry *registry);
/* It stops soon. */
void poller_thread_quiet(PollerThread *poller);
/* FALSE: it is stuck, and not freed. */
gboolean poller_thread_stop(PollerThread *poller);
