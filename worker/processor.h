/*
 * Sidekiq::Processor (lib/sidekiq/processor.rb): one executor thread. It takes a job from the manager, parses
 * it, finds its class, performs it with the middleware around it, and says what becomes of it:
 *
 *   malformed payload                        dead set, not counted
 *   payload that only Ruby can read,
 *   class that only Ruby performs            to the fallback queue, not counted
 *   class that nobody here knows             WorkOptions.unknown
 *   success                                  acknowledged
 *   JOB_ERROR_HAND_OVER                      to the fallback queue
 *   JOB_ERROR_INTERRUPTED                    back to its queue, interrupted_count + 1
 *   any other error                          retry set, or, when the retries are exhausted, the dead set
 *
 * A job is handed over only to a queue that this process does not listen to; otherwise it fails, because it
 * would come back at once.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "worker/manager.h"
#include "worker/work_options.h"

#define PROCESSOR_ERROR (processor_error_quark())
GQuark processor_error_quark(void);
typedef enum { PROCESSOR_ERROR_UNKNOWN_CLASS /* NameError */ } ProcessorError;

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
/* Waits until the manager has told the executor to end, and its job is done. */
void processor_join(Processor *processor);

/* One job from its bytes to its outcome, in the calling thread. */
Outcome processor_process(Processor *processor, const Delivery *delivery);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Processor, processor_free)
