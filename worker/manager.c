#include "worker/manager.h"

#include "worker/mutex.h"

#include <string.h>
#include <time.h>

#define LINGER_MAX 256 /* outcomes that wake the loop though it lingers */
#define LOOK_MAX   200 /* waiting jobs of a queue that an executor looks at for more like its own */
/* Idle executors that a batch leaves jobs for; more of them would only divide a processor's time. */
#define TAKERS_PER_PROCESSOR 2

typedef struct Executor {
    GQueue current; /* of Delivery */
    time_t started_at;
    gboolean abandoned;
} Executor;

struct Manager {
    void (*wake)(gpointer user_data);
    gpointer user_data;
    guint n_executors;

    /* the loop's thread only */
    GQueue arrivals;
    guint in_flight;
    GArray *collected; /* of Outcome */

    pthread_mutex_t mutex;
    pthread_cond_t job_arrived;
    /* under `mutex` */
    GQueue waiting;   /* of Delivery: not started */
    GArray *outcomes; /* of Outcome */
    Executor *executors;
    guint started, busy; /* jobs that the executors have, and executors that have some */
    guint idle;          /* executors waiting for a job */
    guint woken;         /* of these: signalled and not yet running */
    gboolean lingering, paused, stopping;
    guint64 processed, failed;
};

void outcome_clear(Outcome *outcome)
{
    if (outcome->settlement)
        settlement_free(outcome->settlement);
    g_free(outcome->status_key);
    *outcome = (Outcome){0};
}

static void clear_outcomes(GArray *outcomes)
{
    for (guint i = 0; i < outcomes->len; i++)
        outcome_clear(&g_array_index(outcomes, Outcome, i));
    g_array_set_size(outcomes, 0);
}

Manager *manager_new(guint n_executors, void (*wake)(gpointer user_data), gpointer user_data)
{
    Manager *manager = g_new0(Manager, 1);
    manager->wake = wake;
    manager->user_data = user_data;
    manager->n_executors = n_executors;
    manager->executors = g_new0(Executor, n_executors);
    manager->collected = g_array_new(FALSE, FALSE, sizeof(Outcome));
    manager->outcomes = g_array_new(FALSE, FALSE, sizeof(Outcome));
    g_queue_init(&manager->arrivals);
    g_queue_init(&manager->waiting);
    pthread_mutex_init(&manager->mutex, NULL);
    pthread_cond_init(&manager->job_arrived, NULL);
    return manager;
}

static void free_deliveries(GQueue *queue)
{
    GList *link;
    while ((link = g_queue_pop_head_link(queue)))
        g_free(link->data);
}

void manager_free(Manager *manager)
{
    free_deliveries(&manager->arrivals);
    free_deliveries(&manager->waiting);
    clear_outcomes(manager->outcomes);
    g_array_unref(manager->outcomes);
    g_array_unref(manager->collected);
    for (guint i = 0; i < manager->n_executors; i++)
        free_deliveries(&manager->executors[i].current);
    g_free(manager->executors);
    pthread_cond_destroy(&manager->job_arrived);
    pthread_mutex_destroy(&manager->mutex);
    g_free(manager);
}

static Delivery *delivery_new(const char *queue, const char *raw, gsize length)
{
    Delivery *delivery = g_malloc(sizeof(Delivery) + length + 1);
    *delivery = (Delivery){.link = {.data = delivery}, .queue = queue, .length = length};
    memcpy(delivery->raw, raw, length);
    delivery->raw[length] = '\0';
    return delivery;
}

void manager_deliver(Manager *manager, const char *queue, const char *raw, gsize length)
{
    Delivery *delivery = delivery_new(g_intern_string(queue), raw, length);
    g_queue_push_tail_link(&manager->arrivals, &delivery->link);
    manager->in_flight++;
}

/* One executor is woken; it wakes the next if there is more to do than it takes itself. Call with the mutex
 * held. */
static void wake_executor(Manager *manager)
{
    if (!manager->paused && !g_queue_is_empty(&manager->waiting) && manager->idle > manager->woken) {
        manager->woken++;
        pthread_cond_signal(&manager->job_arrived);
    }
}

void manager_hand_over(Manager *manager)
{
    if (g_queue_is_empty(&manager->arrivals))
        return;
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    GList *link;
    while ((link = g_queue_pop_head_link(&manager->arrivals)))
        g_queue_push_tail_link(&manager->waiting, link);
    wake_executor(manager);
}

guint manager_in_flight(const Manager *manager)
{
    return manager->in_flight;
}

guint manager_occupied(Manager *manager)
{
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    return manager->started + manager->n_executors - manager->busy;
}

GArray *manager_collect(Manager *manager, gboolean linger)
{
    g_array_set_size(manager->collected, 0);
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    GArray *outcomes = manager->outcomes;
    manager->outcomes = manager->collected;
    manager->collected = outcomes;
    manager->in_flight -= outcomes->len;
    manager->lingering = linger;
    return outcomes;
}

GPtrArray *manager_take_back(Manager *manager, guint keep)
{
    manager_hand_over(manager);
    GPtrArray *taken = g_ptr_array_new_with_free_func(g_free);
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    GList *link;
    while (manager->in_flight > keep && (link = g_queue_pop_tail_link(&manager->waiting))) {
        g_ptr_array_add(taken, link->data);
        manager->in_flight--;
    }
    return taken;
}

void manager_pause(Manager *manager, gboolean paused)
{
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    manager->paused = paused;
    if (!paused)
        wake_executor(manager);
}

void manager_stop(Manager *manager)
{
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    manager->stopping = TRUE;
    pthread_cond_broadcast(&manager->job_arrived);
}

static void abandon(Executor *executor, GPtrArray *abandoned)
{
    executor->abandoned = !g_queue_is_empty(&executor->current);
    for (const GList *link = executor->current.head; link; link = link->next) {
        const Delivery *current = link->data;
        g_ptr_array_add(abandoned, delivery_new(current->queue, current->raw, current->length));
    }
}

GPtrArray *manager_abandon_running(Manager *manager)
{
    GPtrArray *abandoned = g_ptr_array_new_with_free_func(g_free);
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    for (guint i = 0; i < manager->n_executors; i++)
        abandon(&manager->executors[i], abandoned);
    manager->in_flight -= abandoned->len;
    manager->processed += abandoned->len;
    manager->failed += abandoned->len;
    return abandoned;
}

/* Call with the mutex held. */
static void finish_one(Manager *manager, Executor *executor, const Delivery *delivery, Outcome *outcome)
{
    g_queue_unlink(&executor->current, (GList *)&delivery->link);
    manager->started--;
    manager->busy -= g_queue_is_empty(&executor->current) ? 1 : 0;
    if (executor->abandoned) {
        outcome_clear(outcome);
        return;
    }
    g_array_append_vals(manager->outcomes, outcome, 1);
    manager->processed += outcome->processed ? 1 : 0;
    manager->failed += outcome->failed ? 1 : 0;
}

/* Whether these outcomes are the ones that the loop has to be woken for. Call with the mutex held. */
static gboolean wants_wake(const Manager *manager, guint n_before)
{
    guint enough = manager->lingering ? LINGER_MAX : 1;
    return n_before < enough && manager->outcomes->len >= enough;
}

void manager_finish(Manager *manager, guint number, const Delivery *const *deliveries, Outcome *outcomes,
                    guint n)
{
    gboolean wake;
    {
        g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
        guint n_before = manager->outcomes->len;
        for (guint i = 0; i < n; i++)
            finish_one(manager, &manager->executors[number], deliveries[i], &outcomes[i]);
        wake = wants_wake(manager, n_before);
    }
    if (wake)
        manager->wake(manager->user_data);
    for (guint i = 0; i < n; i++)
        g_free((Delivery *)deliveries[i]);
}

/* Call with the mutex held. */
static void wait_for_job(Manager *manager)
{
    manager->idle++;
    while (!manager->stopping && (manager->paused || g_queue_is_empty(&manager->waiting))) {
        pthread_cond_wait(&manager->job_arrived, &manager->mutex);
        manager->woken -= manager->woken > 0 ? 1 : 0;
    }
    manager->idle--;
}

/* From the waiting jobs into the executor's hands. Call with the mutex held. */
static Delivery *take(Manager *manager, Executor *executor, GList *link)
{
    g_queue_unlink(&manager->waiting, link);
    g_queue_push_tail_link(&executor->current, link);
    manager->started++;
    return link->data;
}

const Delivery *manager_next(Manager *manager, guint number)
{
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    Executor *executor = &manager->executors[number];
    wait_for_job(manager);
    if (manager->stopping)
        return NULL;
    executor->started_at = time(NULL);
    manager->busy++;
    const Delivery *next = take(manager, executor, manager->waiting.head);
    wake_executor(manager);
    return next;
}

guint manager_fair_share(guint waiting, guint idle)
{
    guint takers = idle + 1;
    return (waiting + takers - 1) / takers;
}

GPtrArray *manager_take_alike(Manager *manager, guint number, ManagerIsAlike is_alike,
                              gconstpointer user_data, guint soon_done, guint max)
{
    GPtrArray *taken = g_ptr_array_new();
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    Executor *executor = &manager->executors[number];
    const Delivery *first = executor->current.head->data;
    guint waiting = g_queue_get_length(&manager->waiting);
    guint takers = MIN(manager->idle, TAKERS_PER_PROCESSOR * g_get_num_processors());
    guint fair_share = manager_fair_share(waiting, takers);
    guint share = MIN(MAX(fair_share, soon_done), max), looks = 0;
    GList *link = manager->paused ? NULL : manager->waiting.head;
    while (link && taken->len < share && looks < LOOK_MAX) {
        GList *next = link->next;
        const Delivery *delivery = link->data;
        looks += delivery->queue == first->queue ? 1 : 0;
        if (delivery->queue == first->queue && is_alike(delivery, user_data))
            g_ptr_array_add(taken, take(manager, executor, link));
        link = next;
    }
    return taken;
}

/* As Ruby prints a thread's number, Integer#to_s(36). */
static char *base_36(guint number)
{
    char text[16];
    char *digit = text + sizeof text;
    *--digit = '\0';
    do {
        *--digit = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
        number /= 36;
    } while (number > 0);
    return g_strdup(digit);
}

static RunningJob *running_job_new(char *tid, time_t started_at, const Delivery *delivery)
{
    RunningJob *job = g_new0(RunningJob, 1);
    job->tid = tid;
    job->queue = g_strdup(delivery->queue);
    job->raw = g_memdup2(delivery->raw, delivery->length + 1);
    job->run_at = started_at;
    return job;
}

static void add_running(GPtrArray *running, guint number, const Executor *executor)
{
    guint further = 0;
    g_autofree char *tid = base_36(number);
    for (const GList *link = executor->current.head; link; link = link->next, further++) {
        char *own_tid = further == 0 ? g_strdup(tid) : g_strdup_printf("%s.%u", tid, further);
        g_ptr_array_add(running, running_job_new(own_tid, executor->started_at, link->data));
    }
}

GPtrArray *manager_running(Manager *manager)
{
    GPtrArray *running = g_ptr_array_new_with_free_func((GDestroyNotify)running_job_free);
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    for (guint i = 0; i < manager->n_executors; i++) {
        const Executor *executor = &manager->executors[i];
        if (!executor->abandoned)
            add_running(running, i, executor);
    }
    return running;
}

void manager_counts(Manager *manager, guint64 *processed, guint64 *failed)
{
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    *processed = manager->processed;
    *failed = manager->failed;
}

void manager_counted(Manager *manager, guint64 processed, guint64 failed)
{
    g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
    manager->processed -= processed;
    manager->failed -= failed;
}
