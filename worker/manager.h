/*
 * Sidekiq::Manager (lib/sidekiq/manager.rb): hands the jobs that the loop has fetched to the executors, and
 * takes their outcomes back.
 *
 * Both ways many at a time, because a job may take microseconds: the loop hands over all arrivals of one turn
 * under one lock, and collects outcomes in one swap. While jobs finish by the thousand a second the loop
 * collects once a millisecond instead of being woken for each.
 *
 * An executor starts with one job, and may take more that are like it, to perform them together: its fair
 * share of what waits, so that idle executors get theirs, or as many as it will have done soon anyhow.
 *
 * Which thread may call what is said at each group.
 */
#pragma once

#include "protocol/heartbeat.h"
#include "protocol/settlement.h"

typedef struct Manager Manager;

/* A fetched job; its bytes are followed by a NUL. */
typedef struct Delivery {
    GList link;        /* in the manager's queue */
    const char *queue; /* interned */
    gsize length;
    char raw[];
} Delivery;

/* What an executor says of a job. */
typedef struct Outcome {
    Settlement *settlement;     /* (transfer full) */
    char *status_key;           /* to be deleted before the job is settled, or NULL (transfer full) */
    gboolean processed, failed; /* Sidekiq's counters */
} Outcome;

void outcome_clear(Outcome *outcome);

/* `wake` is called from executors and makes the loop call manager_collect() soon. */
Manager *manager_new(guint n_executors, void (*wake)(gpointer user_data), gpointer user_data);
/* After all executors have ended. */
void manager_free(Manager *manager);

/* --- the loop's thread --- */

/* A job has arrived; the executors see it at the next manager_hand_over(). */
void manager_deliver(Manager *manager, const char *queue, const char *raw, gsize length);
void manager_hand_over(Manager *manager);
/* Jobs delivered whose outcome has not been collected. */
guint manager_in_flight(const Manager *manager);
/* Of these, the ones in the executors' hands; and one for each executor that has none. */
guint manager_occupied(Manager *manager);
/* Outcomes since the last call, as an array that is valid until the next call; its elements are the caller's.
 * With `linger` the loop promises to call again within a millisecond or so without being woken. */
GArray *manager_collect(Manager *manager, gboolean linger);
/* Takes back jobs that were not started, newest first, until at most `keep` jobs are in flight. Array of
 * Delivery. (transfer full) */
GPtrArray *manager_take_back(Manager *manager, guint keep);
/* While paused the executors start no jobs. */
void manager_pause(Manager *manager, gboolean paused);
/* The executors end, each after its current job. */
void manager_stop(Manager *manager);
/* The shutdown's deadline: the running jobs are given up. Their outcomes, should they come, are dropped.
 * Array of Delivery. (transfer full) */
GPtrArray *manager_abandon_running(Manager *manager);

/* --- an executor's thread --- */

/* Waits for the executor's next job, once it has finished all that it has. A job belongs to the manager and
 * is valid until the executor finishes it. NULL: the executor is to end. */
const Delivery *manager_next(Manager *manager, guint executor);
/* Takes waiting jobs that come from the queue of the executor's current one and that `is_alike` accepts: its
 * fair share of what waits or `soon_done` of them, whichever is more, and `max` at most. `is_alike` is called
 * under the manager's lock, so it has to be quick. Array of Delivery. (transfer container) */
typedef gboolean (*ManagerIsAlike)(const Delivery *delivery, gconstpointer user_data);
GPtrArray *manager_take_alike(Manager *manager, guint executor, ManagerIsAlike is_alike,
                              gconstpointer user_data, guint soon_done, guint max);
/* The executor has finished these of its jobs, which are gone then, and `outcomes` (transfer full of each) is
 * what came of them, in the same order. Jobs that were performed together are finished together, so that as
 * many are fetched anew at once. */
void manager_finish(Manager *manager, guint executor, const Delivery *const *deliveries, Outcome *outcomes,
                    guint n);

/* --- any thread --- */

/* How many more of `waiting` jobs an executor may take while `idle` others have none. */
guint manager_fair_share(guint waiting, guint idle);

/* What the executors do now: array of RunningJob, `tid` is the executor's number in base 36, and of further
 * jobs in its hands that and their number ("a.1"). (transfer full) */
GPtrArray *manager_running(Manager *manager);
/* Jobs counted and not yet taken off by manager_counted(). */
void manager_counts(Manager *manager, guint64 *processed, guint64 *failed);
/* These counts have reached Redis. */
void manager_counted(Manager *manager, guint64 processed, guint64 failed);
