/*
 * A job that was running when its process ended (base_reliable_fetch.rb of GitLab's fetcher,
 * preprocess_interrupted_job): interrupted_count + 1, then back to its queue, or into the interrupted set
 * once the count reaches the limit of its class.
 *
 * Limit: the class's own max_interruptions if the class is known and declares one, else the payload's
 * max_retries_after_interruption, else 3; negative: no limit. Every other field of the payload keeps its
 * value and its place. Thread-safe.
 */
#pragma once

#include "protocol/settlement.h"

/*
 * `exhausted` (may be NULL) tells whether it goes to the interrupted set: sidekiq_interruptions_exhausted is
 * then due. A payload that is no JSON object goes to the dead set; one that Ruby can read and this process
 * cannot goes back to its queue as it is. (transfer full)
 */
Settlement *interruption_settle(const char *queue, const char *raw, gsize length,
                                const WorkerRegistry *registry, gboolean *exhausted);
