#include "worker/outcomes.h"

#include "protocol/client.h"
#include "protocol/error_class.h"
#include "protocol/interruption.h"
#include "protocol/job_retry.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "worker/metrics.h"

static const char *processor_error_class(int code G_GNUC_UNUSED)
{
    return "NameError";
}

DEFINE_ERROR_DOMAIN(processor_error, processor_error_class)

void outcomes_init(Outcomes *outcomes, Session *session, const WorkOptions *work)
{
    const char *fallback = session->configuration->fallback_queue;
    *outcomes = (Outcomes){
        .session = session,
        .work = work,
        .fallback_queue = fallback && !work_queues_include(work->queues, fallback) ? fallback : NULL,
    };
}

static Outcome counted(Settlement *settlement, gboolean failed)
{
    return (Outcome){.settlement = settlement, .processed = TRUE, .failed = failed};
}

static Outcome hand_over(const Outcomes *outcomes, const Job *job)
{
    g_autofree char *payload = client_requeue_text(job->payload, outcomes->fallback_queue);
    return (Outcome){
        .settlement =
            settlement_hand_over(job->queue, job->raw, job->raw_length, outcomes->fallback_queue, payload),
    };
}

/* --- failures --- */

static gboolean wants_dead_set(const Job *job)
{
    return !json_is_false(json_object_get(job->payload, "dead"));
}

static Outcome exhaust(const Outcomes *outcomes, const JobLogger *logger, const WorkerClass *worker,
                       const json_t *payload, const GError *error)
{
    const Job *job = logger->job;
    if (worker && worker->retries_exhausted)
        worker->retries_exhausted(outcomes->session, job, error);
    if (worker) {
        MetricsJob metrics = metrics_job_of(worker, job->queue);
        metrics_job_dead(&metrics);
    }
    job_logger_dead(logger, error);
    if (!wants_dead_set(job))
        return counted(settlement_acknowledge(job->queue, job->raw, job->raw_length), TRUE);
    g_autofree char *text = json_dump(payload);
    return counted(settlement_dead(job->queue, job->raw, job->raw_length, text), TRUE);
}

static Outcome retry(const Outcomes *outcomes, const JobLogger *logger, const WorkerClass *worker,
                     const GError *error)
{
    const Job *job = logger->job;
    g_autoptr(json_t) payload = NULL;
    double at = 0;
    job_logger_fail(logger, error);
    switch (job_retry_decide(job, worker, error, job_now(), &payload, &at)) {
    case JOB_RETRY_LATER: {
        g_autofree char *text = json_dump(payload);
        return counted(settlement_retry(job->queue, job->raw, job->raw_length, at, text), TRUE);
    }
    case JOB_RETRY_EXHAUSTED:
        return exhaust(outcomes, logger, worker, payload, error);
    case JOB_RETRY_NONE:
        break;
    }
    return counted(settlement_acknowledge(job->queue, job->raw, job->raw_length), TRUE);
}

static Outcome interrupt(const Outcomes *outcomes, const Job *job)
{
    gboolean exhausted;
    Settlement *settlement =
        interruption_settle(job->queue, job->raw, job->raw_length, outcomes->session->registry, &exhausted);
    if (exhausted)
        log_warn("interrupted too often: moved to the interrupted set", NULL);
    return counted(settlement, TRUE);
}

Outcome outcomes_failed(const Outcomes *outcomes, const JobLogger *logger, const WorkerClass *worker,
                        const GError *error)
{
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_INTERRUPTED)) {
        job_logger_ended(logger, "interrupted");
        return interrupt(outcomes, logger->job);
    }
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_HAND_OVER) && outcomes->fallback_queue) {
        job_logger_ended(logger, "handed_over");
        return hand_over(outcomes, logger->job);
    }
    return retry(outcomes, logger, worker, error);
}

Outcome outcomes_done(const JobLogger *logger)
{
    const Job *job = logger->job;
    Outcome outcome = counted(settlement_acknowledge(job->queue, job->raw, job->raw_length), FALSE);
    if (*job->jid)
        outcome.status_key = key_status(job->jid);
    job_logger_done(logger);
    return outcome;
}

/* --- jobs that are not performed here --- */

static Outcome fail_unknown(const Outcomes *outcomes, const JobLogger *logger)
{
    g_autoptr(GError) error = g_error_new(PROCESSOR_ERROR, PROCESSOR_ERROR_UNKNOWN_CLASS,
                                          "uninitialized constant %s", logger->job->class_name);
    return retry(outcomes, logger, NULL, error);
}

Outcome outcomes_foreign(const Outcomes *outcomes, const JobLogger *logger, const WorkerClass *worker)
{
    static const char *const FATES[] = {
        [UNKNOWN_REQUEUE] = "handed over to the fallback queue",
        [UNKNOWN_DEAD] = "moved to the dead set",
        [UNKNOWN_FAIL] = "failed",
    };
    const Job *job = logger->job;
    UnknownPolicy policy = worker ? UNKNOWN_REQUEUE : outcomes->work->unknown;
    if (policy == UNKNOWN_REQUEUE && !outcomes->fallback_queue)
        policy = UNKNOWN_FAIL;
    metrics_job_unknown(job->class_name, job->queue);
    log_write(LOG_ERROR, "this process does not perform jobs of this class; route them to another queue",
              json_pack("{s:s}", "job_fate", FATES[policy]));
    switch (policy) {
    case UNKNOWN_REQUEUE:
        return hand_over(outcomes, job);
    case UNKNOWN_DEAD:
        return (Outcome){.settlement = settlement_dead(job->queue, job->raw, job->raw_length, NULL)};
    case UNKNOWN_FAIL:
        break;
    }
    return fail_unknown(outcomes, logger);
}

/* Arguments that do not inflate fail the job like an exception in perform. */
static Outcome fail_corrupt(const Outcomes *outcomes, const Delivery *delivery, const GError *error)
{
    g_autoptr(Job) job = job_parse_payload(delivery->raw, delivery->length, delivery->queue, NULL);
    const WorkerClass *worker = worker_registry_find(outcomes->session->registry, job->class_name);
    JobLogger logger;
    session_begin_job(outcomes->session, job);
    job_logger_start(&logger, job, 1, outcomes->work);
    Outcome outcome = retry(outcomes, &logger, worker, error);
    session_end_job(outcomes->session);
    return outcome;
}

Outcome outcomes_unreadable(const Outcomes *outcomes, const Delivery *delivery, const GError *error)
{
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_COMPRESSION))
        return fail_corrupt(outcomes, delivery, error);
    log_error("a job cannot be read", error, "{s:s}", "queue", delivery->queue);
    if (g_error_matches(error, JOB_ERROR, JOB_ERROR_UNREPRESENTABLE) && outcomes->fallback_queue)
        return (Outcome){
            .settlement = settlement_hand_over(delivery->queue, delivery->raw, delivery->length,
                                               outcomes->fallback_queue, NULL),
        };
    return (Outcome){.settlement = settlement_dead(delivery->queue, delivery->raw, delivery->length, NULL)};
}

/* --- jobs that were not started --- */

Outcome outcomes_not_started(const Delivery *delivery)
{
    return (Outcome){
        .settlement = settlement_requeue(delivery->queue, delivery->raw, delivery->length, TRUE),
    };
}
