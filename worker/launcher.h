/*
 * Sidekiq::Launcher and Sidekiq::CLI's run loop: the whole life of one worker process
 * (lib/sidekiq/launcher.rb, cli.rb, manager.rb).
 *
 *   event loop (this thread)   jobs in and out, signals                       worker/job_flow.h
 *   executors                  `concurrency` threads running plain blocking code    worker/processor.h
 *   heartbeat thread           Sidekiq's beat, GitLab's fetcher's heartbeat
 *   poller thread              retry and schedule sets, clean-up of dead processes
 *   health server              its own thread                                  worker/health.h
 *
 * TSTP quiets, also while the process is still starting; TERM and INT quiet, wait up to `timeout` seconds for
 * running jobs, push the rest back as interrupted and end; TTIN logs what each executor does. All of them are
 * ignored from the end on.
 */
#pragma once

#include "importers/configuration.h"
#include "worker/work_options.h"

/* Runs until the process is told to stop. Exit status: 0 after an orderly stop, 1 when it could not start
 * (the log says why). */
int launcher_run(const WorkOptions *options, const Configuration *configuration,
                 const WorkerRegistry *registry);
