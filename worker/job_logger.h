/*
 * The lines of GitLab's sidekiq.log about a job: start, done, fail, dead
 * (lib/gitlab/sidekiq_logging/structured_logger.rb, logs_jobs.rb, json_formatter.rb): all fields of the
 * payload but earlier errors, times as ISO 8601, arguments filtered as GitLab filters them. A line that the
 * log's level leaves out costs nothing.
 *
 * Used by the executor that runs the job.
 */
#pragma once

#include "protocol/job.h"
#include "worker/work_options.h"

typedef struct JobLogger {
    const Job *job;
    const WorkOptions *work;
    gint64 started;        /* monotonic, microseconds */
    gboolean measures_cpu; /* a system call each time, so only if the log or the metrics show it */
    gint64 started_cpu;    /* of this thread, microseconds */
    double started_at;     /* epoch seconds */
} JobLogger;

/* jid, class, queue, correlation_id and project_id (the first argument, if it is an integer) go on every line
 * that this thread writes until job_logger_end(). */
void job_logger_start(JobLogger *logger, const Job *job, const WorkOptions *work);
void job_logger_done(const JobLogger *logger);
void job_logger_fail(const JobLogger *logger, const GError *error);
/* Retries are exhausted. */
void job_logger_dead(const JobLogger *logger, const GError *error);
/* Any other end: `status` goes to job_status. */
void job_logger_ended(const JobLogger *logger, const char *status);
void job_logger_end(JobLogger *logger);

double job_logger_seconds(const JobLogger *logger);
/* 0 when it is not measured. */
double job_logger_cpu_seconds(const JobLogger *logger);
/* From enqueueing to the start; 0 if the payload does not say. */
double job_logger_queue_seconds(const JobLogger *logger);
