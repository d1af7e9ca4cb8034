#include "worker/processor.h"

#include "protocol/client.h"
#include "protocol/error_class.h"
#include "protocol/interruption.h"
#include "protocol/job_retry.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "worker/job_logger.h"
#include "worker/metrics.h"
#include "worker/server_middleware.h"
#include "worker/thread.h"

#define UNKNOWN_FEATURE_CATEGORY "not_owned" /* GitLab's category of classes that declare none */

struct Processor {
    const ProcessorOptions *options;
    guint number;
    pthread_t thread;
    Session *session;
    gboolean can_hand_over;
};

static const char *processor_error_class(int code G_GNUC_UNUSED)
{
    return "NameError";
}

DEFINE_ERROR_DOMAIN(processor_error, processor_error_class)

static gboolean listens_to(const WorkOptions *work, const char *queue)
{
    for (guint i = 0; i < work->queues->len; i++) {
        if (g_str_equal(g_array_index(work->queues, FetchQueue, i).name, queue))
            return TRUE;
    }
    return FALSE;
}

Processor *processor_new(const ProcessorOptions *options, guint number)
{
    const Configuration *configuration = options->configuration;
    const char *fallback = configuration->fallback_queue;
    Processor *processor = g_new0(Processor, 1);
    processor->options = options;
    processor->number = number;
    processor->session = session_new(configuration, options->registry, options->schema, options->stopping);
    processor->can_hand_over = fallback && !listens_to(options->work, fallback);
    return processor;
}

void processor_free(Processor *processor)
{
    session_free(processor->session);
    g_free(processor);
}

static void *run(void *data)
{
    Processor *processor = data;
    Manager *manager = processor->options->manager;
    const Delivery *delivery;
    while ((delivery = manager_next(manager, processor->number))) {
        Outcome outcome = processor_process(processor, delivery);
        manager_finish(manager, processor->number, &outcome);
    }
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

static MetricsJob metrics_of(const Job *job, const WorkerClass *worker)
{
    return (MetricsJob){
        .worker = worker->name,
        .queue = job->queue,
        .feature_category = worker->feature_category ? worker->feature_category : UNKNOWN_FEATURE_CATEGORY,
        .external_dependencies = worker->external_dependencies,
    };
}

/* --- what becomes of the job --- */

static Outcome counted(Settlement *settlement, gboolean failed)
{
    return (Outcome){.settlement = settlement, .processed = TRUE, .failed = failed};
}

/* `payload` NULL: the bytes as they are. */
static Outcome hand_over(const Processor *processor, const Delivery *delivery, const char *payload)
{
    const char *fallback = processor->options->configuration->fallback_queue;
    return (Outcome){
        .settlement =
            settlement_hand_over(delivery->queue, delivery->raw, delivery->length, fallback, payload),
    };
}

static Outcome hand_over_job(const Processor *processor, const Delivery *delivery, const Job *job)
{
    g_autofree char *payload =
        client_requeue_text(job->payload, processor->options->configuration->fallback_queue);
    return hand_over(processor, delivery, payload);
}

static gboolean wants_dead_set(const Job *job)
{
    return !json_is_false(json_object_get(job->payload, "dead"));
}

static Outcome exhaust(Processor *processor, const JobLogger *logger, const WorkerClass *worker,
                       const json_t *payload, const GError *error)
{
    const Job *job = logger->job;
    if (worker && worker->retries_exhausted)
        worker->retries_exhausted(processor->session, job, error);
    if (worker) {
        MetricsJob metrics = metrics_of(job, worker);
        metrics_job_dead(&metrics);
    }
    job_logger_dead(logger, error);
    if (!wants_dead_set(job))
        return counted(settlement_acknowledge(job->queue, job->raw, job->raw_length), TRUE);
    g_autofree char *text = json_dump(payload);
    return counted(settlement_dead(job->queue, job->raw, job->raw_length, text), TRUE);
}

/* `worker` is NULL when its class is not known. */
static Outcome retry(Processor *processor, const JobLogger *logger, const WorkerClass *worker,
                     const GError *error)
{
    const Job *job = logger->job;
    g_autoptr(json_t) payload = NULL;
    double at = 0;
    switch (job_retry_decide(job, worker, error, job_now(), &payload, &at)) {
    case JOB_RETRY_LATER: {
        g_autofree char *text = json_dump(payload);
        return counted(settlement_retry(job->queue, job->raw, job->raw_length, at, text), TRUE);
    }
    case JOB_RETRY_EXHAUSTED:
        return exhaust(processor, logger, worker, payload, error);
    case JOB_RETRY_NONE:
        break;
    }
    return counted(settlement_acknowledge(job->queue, job->raw, job->raw_length), TRUE);
}

static Outcome interrupt(const Processor *processor, const Job *job)
{
    gboolean exhausted;
    Settlement *settlement =
        interruption_settle(job->queue, job->raw, job->raw_length, processor->options->registry, &exhausted);
    if (exhausted)
        log_warn("interrupted too often: moved to the interrupted set", NULL);
    return counted(settlement, TRUE);
}

/* --- a job of a known class --- */

static Outcome succeed(const Job *job)
{
    Outcome outcome = counted(settlement_acknowledge(job->queue, job->raw, job->raw_length), FALSE);
    if (*job->jid)
        outcome.status_key = key_status(job->jid);
    return outcome;
}

static Outcome fail(Processor *processor, const Delivery *delivery, const JobLogger *logger,
                    const WorkerClass *worker, const GError *error)
{
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_INTERRUPTED)) {
        job_logger_ended(logger, "interrupted");
        return interrupt(processor, logger->job);
    }
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_HAND_OVER) && processor->can_hand_over) {
        job_logger_ended(logger, "handed_over");
        return hand_over_job(processor, delivery, logger->job);
    }
    job_logger_fail(logger, error);
    return retry(processor, logger, worker, error);
}

static void count_start(const JobLogger *logger, const MetricsJob *metrics)
{
    const json_t *payload = logger->job->payload;
    metrics_job_started(metrics, job_logger_queue_seconds(logger),
                        json_object_get(payload, "retry_count") != NULL,
                        json_object_get(payload, "interrupted_count") != NULL);
}

static Outcome perform(Processor *processor, const Delivery *delivery, const JobLogger *logger,
                       const WorkerClass *worker)
{
    const Job *job = logger->job;
    Session *session = processor->session;
    if (!server_middleware_before(session))
        return (Outcome){.settlement = settlement_requeue(job->queue, job->raw, job->raw_length, TRUE)};

    MetricsJob metrics = metrics_of(job, worker);
    g_autoptr(GError) error = NULL;
    count_start(logger, &metrics);
    gboolean succeeded = worker->perform(session, job, &error);
    server_middleware_after(session, succeeded);
    metrics_job_done(&metrics, job_logger_seconds(logger), job_logger_cpu_seconds(logger), !succeeded);
    if (!succeeded)
        return fail(processor, delivery, logger, worker, error);
    job_logger_done(logger);
    return succeed(job);
}

static Outcome process_known(Processor *processor, const Delivery *delivery, const JobLogger *logger,
                             const WorkerClass *worker)
{
    Session *session = processor->session;
    session->job = logger->job;
    session->worker = worker;
    Outcome outcome = perform(processor, delivery, logger, worker);
    session->job = NULL;
    session->worker = NULL;
    return outcome;
}

/* --- jobs that are not performed here --- */

static Outcome fail_unknown(Processor *processor, const JobLogger *logger)
{
    g_autoptr(GError) error = g_error_new(PROCESSOR_ERROR, PROCESSOR_ERROR_UNKNOWN_CLASS,
                                          "uninitialized constant %s", logger->job->class_name);
    job_logger_fail(logger, error);
    return retry(processor, logger, NULL, error);
}

static Outcome process_unknown(Processor *processor, const Delivery *delivery, const JobLogger *logger,
                               UnknownPolicy policy)
{
    static const char *const FATES[] = {
        [UNKNOWN_REQUEUE] = "handed over to the fallback queue",
        [UNKNOWN_DEAD] = "moved to the dead set",
        [UNKNOWN_FAIL] = "failed",
    };
    const Job *job = logger->job;
    if (policy == UNKNOWN_REQUEUE && !processor->can_hand_over)
        policy = UNKNOWN_FAIL;
    metrics_job_unknown(job->class_name, job->queue);
    log_write(LOG_ERROR, "this process does not perform jobs of this class; route them to another queue",
              json_pack("{s:s}", "job_fate", FATES[policy]));
    switch (policy) {
    case UNKNOWN_REQUEUE:
        return hand_over_job(processor, delivery, job);
    case UNKNOWN_DEAD:
        return (Outcome){.settlement = settlement_dead(job->queue, job->raw, job->raw_length, NULL)};
    case UNKNOWN_FAIL:
        break;
    }
    return fail_unknown(processor, logger);
}

/* Described in the registry but performed by Ruby only: whatever the policy for unknown classes, Ruby gets
 * it. */
static Outcome process_foreign(Processor *processor, const Delivery *delivery, const JobLogger *logger,
                               const WorkerClass *worker)
{
    UnknownPolicy policy = worker ? UNKNOWN_REQUEUE : processor->options->work->unknown;
    return process_unknown(processor, delivery, logger, policy);
}

/* Arguments that do not inflate fail the job like an exception in perform. */
static Outcome process_corrupt(Processor *processor, const Delivery *delivery, const GError *error)
{
    g_autoptr(Job) job = job_parse_payload(delivery->raw, delivery->length, delivery->queue, NULL);
    const WorkerClass *worker = worker_registry_find(processor->options->registry, job->class_name);
    JobLogger logger;
    job_logger_start(&logger, job, processor->options->work);
    job_logger_fail(&logger, error);
    Outcome outcome = retry(processor, &logger, worker, error);
    job_logger_end(&logger);
    return outcome;
}

static Outcome process_unreadable(Processor *processor, const Delivery *delivery, const GError *error)
{
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_COMPRESSION))
        return process_corrupt(processor, delivery, error);
    log_error("a job cannot be read", error, "{s:s}", "queue", delivery->queue);
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_UNREPRESENTABLE) && processor->can_hand_over)
        return hand_over(processor, delivery, NULL);
    return (Outcome){.settlement = settlement_dead(delivery->queue, delivery->raw, delivery->length, NULL)};
}

Outcome processor_process(Processor *processor, const Delivery *delivery)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Job) job = job_parse(delivery->raw, delivery->length, delivery->queue, &error);
    if (!job)
        return process_unreadable(processor, delivery, error);
    const WorkerClass *worker = worker_registry_find(processor->options->registry, job->class_name);
    JobLogger logger;
    job_logger_start(&logger, job, processor->options->work);
    Outcome outcome = worker && worker->perform ? process_known(processor, delivery, &logger, worker)
                                                : process_foreign(processor, delivery, &logger, worker);
    job_logger_end(&logger);
    return outcome;
}
