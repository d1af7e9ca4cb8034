/*
 * Sidekiq::Processor (lib/sidekiq/processor.rb): one executor thread. It takes a job from the manager, parses
 * it, finds its class, performs it with the middleware around it, and says what becomes of it
 * (worker/outcomes.h).
 *
 * When the class can perform jobs together (WorkerClass.perform_batch), the executor takes more of them and
 * performs those of one project as a batch: what waits, divided fairly, or what will be done within 0.2 s if
 * that is more; of jobs that download something the smaller of the two. Each job of a batch has its own log
 * lines, metrics, status key and outcome, as if it had been performed alone. Never in a batch are jobs that
 * were interrupted before: one of them may be what ended its process, and would take the others with it until
 * all are quarantined.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "worker/manager.h"
#include "worker/work_options.h"

/* All borrowed; must outlive the processors. */
typedef struct ProcessorOptions {
    Manager *manager;
    const WorkOptions *work;
    const Configuration *configuration;
    const WorkerRegistry *registry;
    const Schema *schema; /* or NULL */
    const gint *stopping; /* atomic; see Session */
} ProcessorOptions;

typedef struct Processor Processor;

/* `number` is the executor's number in the manager. Does not start its thread yet. */
Processor *processor_new(const ProcessorOptions *options, guint number);
/* After processor_join(), if it was started. */
void processor_free(Processor *processor);

void processor_start(Processor *processor);
/* Waits until the manager has told the executor to end, and its jobs are done. */
void processor_join(Processor *processor);

/* The executor's job, and others that it takes to go with it, from their bytes to their outcomes, which the
 * manager gets; in the calling thread. */
void processor_process(Processor *processor, const Delivery *first);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Processor, processor_free)
