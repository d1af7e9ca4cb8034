/*
 * What becomes of a fetched job. Each settlement is one atomic step: the job leaves the working list and, in
 * the same step and only if it was still there, arrives where it goes next. A settlement sent twice (because
 * the connection broke before the answer) therefore has its effect once.
 *
 *   acknowledged   done; nothing more
 *   retried        into the retry set              (lib/sidekiq/job_retry.rb)
 *   dead           into the dead set, with limits  (lib/sidekiq/job_retry.rb, api.rb DeadSet)
 *   requeued       back to its queue untouched: it was never started
 *   pushed back    back to its queue with interrupted_count + 1 (base_reliable_fetch.rb, requeue_job)
 *   quarantined    into the interrupted set, with limits        (interrupted_set.rb)
 *   handed over    to another queue, for a class that only Ruby performs
 *
 * A settlement copies what it is given. It may be made in one thread and carried out in another.
 */
#pragma once

#include "protocol/job.h"
#include "protocol/redis_command.h"

typedef struct Settlement Settlement;

Settlement *settlement_acknowledge(const char *queue, const char *raw, gsize length);
Settlement *settlement_retry(const char *queue, const char *raw, gsize length, double at,
                             const char *payload);
Settlement *settlement_dead(const char *queue, const char *raw, gsize length, const char *payload);
/* `to_front`: it goes back to where it was taken from. Several jobs keep their order if the last taken goes
 * first. */
Settlement *settlement_requeue(const char *queue, const char *raw, gsize length, gboolean to_front);
Settlement *settlement_push_back(const char *queue, const char *raw, gsize length, const char *payload);
Settlement *settlement_quarantine(const char *queue, const char *raw, gsize length, const char *payload);
Settlement *settlement_hand_over(const char *queue, const char *raw, gsize length, const char *to_queue,
                                 const char *payload);
void settlement_free(Settlement *settlement);

/* The queue it was fetched from, and its exact bytes. Borrowed. */
const char *settlement_queue(const Settlement *settlement);
const char *settlement_raw(const Settlement *settlement, gsize *length);

/* The command that carries it out: LREM, or EVALSHA of settle.lua. Its reply is the integer 1, or 0 when the
 * job was not in the working list. The words are borrowed from the settlement and from `working_list`. */
typedef struct SettlementWords {
    int count;
    const char *words[12];
    size_t lengths[12];
} SettlementWords;
void settlement_words(const Settlement *settlement, const char *working_list, SettlementWords *words);
/* The same for the working list of `identity`. (transfer full) */
RedisCommand *settlement_command(const Settlement *settlement, const char *identity);

/* SHA1 of settle.lua, and its text, for loading it. */
const char *settlement_script_sha1(void);
const char *settlement_script_text(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settlement, settlement_free)
