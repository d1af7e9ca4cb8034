/*
 * Keeps the process alive in the eyes of the others: Sidekiq's beat every 10 s (lib/sidekiq/launcher.rb) and
 * GitLab's fetcher's heartbeat every 20 s, after an error again in 1 s (base_reliable_fetch.rb). A signal
 * that the Web UI has left is raised in this process. Counters are kept until they have reached Redis.
 */
#pragma once

#include "importers/configuration.h"
#include "worker/manager.h"
#include "worker/work_options.h"

typedef struct HeartbeatThread HeartbeatThread;

/* All borrowed; must outlive it. */
HeartbeatThread *heartbeat_thread_new(const WorkOptions *options, const Configuration *configuration,
                                      Manager *manager);

/* The first fetcher's heartbeat and the first beat, in the calling thread: both must be in Redis before
 * anything is fetched. */
gboolean heartbeat_thread_first(HeartbeatThread *heartbeat, GError **error);
void heartbeat_thread_start(HeartbeatThread *heartbeat);

/* From now on the process is shown as quiet; beats at once. */
void heartbeat_thread_quiet(HeartbeatThread *heartbeat);

/* The last act of the process: the thread ends, counters are flushed, the process leaves `processes`. FALSE:
 * the thread is stuck (in a call to a Redis that does not answer) and `heartbeat` is not freed. */
gboolean heartbeat_thread_stop(HeartbeatThread *heartbeat);
