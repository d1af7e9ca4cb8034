#include "worker/processor.h"

#include "worker/job_logger.h"
#include "worker/metrics.h"
#include "worker/outcomes.h"
#include "worker/server_middleware.h"
#include "worker/thread.h"

#include <string.h>

#define SOON 0.2 /* seconds that a batch may take though others could do a part of it */

/* A job in the executor's hands. */
typedef struct Execution {
    const Delivery *delivery;
    Job *job;                  /* NULL: it cannot be read */
    GError *error;             /* why it cannot, or why it failed */
    const WorkerClass *worker; /* NULL: not known */
    JobLogger logger;
    gboolean failed, finished;
} Execution;

struct Processor {
    const ProcessorOptions *options;
    guint number;
    pthread_t thread;
    Session *session;
    Outcomes outcomes;
    GArray *executions; /* of Execution: all that the executor has taken */
    GPtrArray *group;   /* of Execution: those of them that are performed now */
    GHashTable *pace;   /* WorkerClass -> gdouble: seconds that each job of the last group took */
};

static void execution_clear(gpointer data)
{
    Execution *execution = data;
    g_clear_pointer(&execution->job, job_free);
    g_clear_error(&execution->error);
}

Processor *processor_new(const ProcessorOptions *options, guint number)
{
    Processor *processor = g_new0(Processor, 1);
    processor->options = options;
    processor->number = number;
    processor->session =
        session_new(options->configuration, options->registry, options->schema, options->stopping);
    outcomes_init(&processor->outcomes, processor->session, options->work);
    processor->executions = g_array_new(FALSE, FALSE, sizeof(Execution));
    g_array_set_clear_func(processor->executions, execution_clear);
    processor->group = g_ptr_array_new();
    processor->pace = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return processor;
}

void processor_free(Processor *processor)
{
    g_hash_table_unref(processor->pace);
    g_ptr_array_unref(processor->group);
    g_array_unref(processor->executions);
    session_free(processor->session);
    g_free(processor);
}

static void *run(void *data)
{
    Processor *processor = data;
    const Delivery *delivery;
    while ((delivery = manager_next(processor->options->manager, processor->number)))
        processor_process(processor, delivery);
    return NULL;
}

void processor_start(Processor *processor)
{
    g_autofree char *name = g_strdup_printf("executor %u", processor->number);
    processor->thread = thread_start(name, run, processor);
}

void processor_join(Processor *processor)
{
    pthread_join(processor->thread, NULL);
}

static void finish(Processor *processor, Execution *execution, Outcome outcome)
{
    execution->finished = TRUE;
    manager_finish(processor->options->manager, processor->number, &execution->delivery, &outcome, 1);
}

/* What has not been performed goes back as it was; the last first, each to the front, so that the first ends
 * up foremost. */
static void give_back(Processor *processor)
{
    for (guint i = processor->executions->len; i > 0; i--) {
        Execution *execution = &g_array_index(processor->executions, Execution, i - 1);
        if (!execution->finished)
            finish(processor, execution, outcomes_not_started(execution->delivery));
    }
}

/* --- jobs that are not performed here --- */

static Outcome refuse(Processor *processor, Execution *execution)
{
    if (!execution->job)
        return outcomes_unreadable(&processor->outcomes, execution->delivery, execution->error);
    session_begin_job(processor->session, execution->job);
    job_logger_start(&execution->logger, execution->job, 1, processor->options->work);
    Outcome outcome = outcomes_foreign(&processor->outcomes, &execution->logger, execution->worker);
    session_end_job(processor->session);
    return outcome;
}

/* --- a group: one job, or several together --- */

static void start_job(Processor *processor, Execution *execution)
{
    session_begin_job(processor->session, execution->job);
    job_logger_start(&execution->logger, execution->job, processor->group->len, processor->options->work);
}

static void count_start(const Execution *execution)
{
    const json_t *payload = execution->job->payload;
    MetricsJob metrics = metrics_job_of(execution->worker, execution->job->queue);
    metrics_job_started(&metrics, job_logger_queue_seconds(&execution->logger),
                        json_object_get(payload, "retry_count") != NULL,
                        json_object_get(payload, "interrupted_count") != NULL);
}

static Outcome end_job(Processor *processor, Execution *execution)
{
    const JobLogger *logger = &execution->logger;
    MetricsJob metrics = metrics_job_of(execution->worker, execution->job->queue);
    session_begin_job(processor->session, execution->job);
    server_middleware_after(processor->session, !execution->failed);
    metrics_job_done(&metrics, job_logger_seconds(logger), job_logger_cpu_seconds(logger), execution->failed);
    if (execution->failed)
        return outcomes_failed(&processor->outcomes, logger, execution->worker, execution->error);
    return outcomes_done(logger);
}

/* All at once, when the last has ended. */
static void finish_group(Processor *processor)
{
    const GPtrArray *group = processor->group;
    const Delivery *deliveries[WORKER_BATCH_MAX];
    Outcome outcomes[WORKER_BATCH_MAX];
    for (guint i = 0; i < group->len; i++) {
        Execution *execution = group->pdata[i];
        deliveries[i] = execution->delivery;
        outcomes[i] = end_job(processor, execution);
        execution->finished = TRUE;
    }
    manager_finish(processor->options->manager, processor->number, deliveries, outcomes, group->len);
}

static void perform_one(Session *session, Execution *execution)
{
    execution->failed = !execution->worker->perform(session, execution->job, &execution->error);
}

static void perform_batch(Session *session, const GPtrArray *group)
{
    BatchJob jobs[WORKER_BATCH_MAX];
    for (guint i = 0; i < group->len; i++)
        jobs[i] = (BatchJob){.job = ((const Execution *)group->pdata[i])->job};
    session->worker->perform_batch(session, jobs, group->len);
    for (guint i = 0; i < group->len; i++) {
        Execution *execution = group->pdata[i];
        execution->error = jobs[i].error;
        execution->failed = execution->error != NULL;
    }
}

/* For jobs that are done alone as well: these may be all there is at first. */
static void note_pace(Processor *processor)
{
    const Execution *execution = processor->group->pdata[0];
    double *seconds = g_hash_table_lookup(processor->pace, execution->worker);
    if (!execution->worker->perform_batch)
        return;
    if (!seconds) {
        seconds = g_new0(double, 1);
        g_hash_table_insert(processor->pace, (gpointer)execution->worker, seconds);
    }
    *seconds = job_logger_seconds(&execution->logger) / processor->group->len;
}

/* How many jobs of the class will be done soon, by what the last ones took. */
static guint soon_done(const Processor *processor, const WorkerClass *worker)
{
    const double *seconds = g_hash_table_lookup(processor->pace, worker);
    return seconds ? (guint)MIN(SOON / MAX(*seconds, 1e-6), WORKER_BATCH_MAX - 1) : 0;
}

static gboolean before_perform(Session *session, const GPtrArray *group)
{
    const Job *jobs[WORKER_BATCH_MAX];
    for (guint i = 0; i < group->len; i++)
        jobs[i] = ((const Execution *)group->pdata[i])->job;
    if (group->len > 1)
        session_begin_batch(session, jobs[0]);
    return server_middleware_before(session, jobs, group->len);
}

/* FALSE: the group must not be started. */
static gboolean perform_group(Processor *processor)
{
    Session *session = processor->session;
    const GPtrArray *group = processor->group;
    session->worker = ((const Execution *)group->pdata[0])->worker;
    for (guint i = 0; i < group->len; i++)
        start_job(processor, group->pdata[i]);
    if (!before_perform(session, group))
        return FALSE;
    for (guint i = 0; i < group->len; i++)
        count_start(group->pdata[i]);
    if (group->len == 1)
        perform_one(session, group->pdata[0]);
    else
        perform_batch(session, group);
    note_pace(processor);
    finish_group(processor);
    return TRUE;
}

/* --- which jobs make a group --- */

static gboolean may_join(const Execution *execution)
{
    return execution->worker && execution->worker->perform_batch &&
           !json_object_get(execution->job->payload, "interrupted_count");
}

/* Of one class and one project. */
static gboolean belong_together(const Execution *a, const Execution *b)
{
    return a->worker == b->worker && may_join(a) && may_join(b) &&
           json_equal(json_array_get(a->job->args, 0), json_array_get(b->job->args, 0));
}

static void gather_group(Processor *processor, guint first)
{
    GArray *executions = processor->executions;
    Execution *leader = &g_array_index(executions, Execution, first);
    g_ptr_array_set_size(processor->group, 0);
    g_ptr_array_add(processor->group, leader);
    for (guint i = first + 1; i < executions->len; i++) {
        Execution *execution = &g_array_index(executions, Execution, i);
        if (!execution->finished && belong_together(leader, execution))
            g_ptr_array_add(processor->group, execution);
    }
}

/* --- from the manager's jobs to groups --- */

static void add_execution(Processor *processor, const Delivery *delivery)
{
    Execution execution = {.delivery = delivery};
    execution.job = job_parse(delivery->raw, delivery->length, delivery->queue, &execution.error);
    if (execution.job)
        execution.worker = worker_registry_find(processor->options->registry, execution.job->class_name);
    g_array_append_val(processor->executions, execution);
}

/* Whether a job that nobody has parsed yet looks as if it may join; `data` is the member that says its class.
 */
static gboolean looks_alike(const Delivery *delivery, gconstpointer data)
{
    static const char interrupted[] = "\"interrupted_count\"";
    const char *member = data;
    return memmem(delivery->raw, delivery->length, member, strlen(member)) &&
           !memmem(delivery->raw, delivery->length, interrupted, strlen(interrupted));
}

/* Of downloads, no more than will be done soon, and no more than a fair share. */
static void take_more(Processor *processor)
{
    const Execution *first = &g_array_index(processor->executions, Execution, 0);
    if (!may_join(first))
        return;
    g_autofree char *member = g_strdup_printf("\"class\":\"%s\"", first->worker->name);
    guint soon = soon_done(processor, first->worker);
    gboolean downloads = first->worker->downloads;
    g_autoptr(GPtrArray) more =
        manager_take_alike(processor->options->manager, processor->number, looks_alike, member,
                           downloads ? 0 : soon, downloads ? soon : WORKER_BATCH_MAX - 1);
    for (guint i = 0; i < more->len; i++)
        add_execution(processor, more->pdata[i]);
}

static void take_up(Processor *processor, guint index)
{
    Execution *execution = &g_array_index(processor->executions, Execution, index);
    if (!execution->worker || !execution->worker->perform) {
        finish(processor, execution, refuse(processor, execution));
        return;
    }
    gboolean others_were_first = index > 0;
    gather_group(processor, index);
    if ((others_were_first && session_stopping(processor->session)) || !perform_group(processor))
        give_back(processor);
    session_end_job(processor->session);
}

void processor_process(Processor *processor, const Delivery *first)
{
    add_execution(processor, first);
    take_more(processor);
    for (guint i = 0; i < processor->executions->len; i++) {
        if (!g_array_index(processor->executions, Execution, i).finished)
            take_up(processor, i);
    }
    g_array_set_size(processor->executions, 0);
}
