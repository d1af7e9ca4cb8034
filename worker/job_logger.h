/*
 * The lines of GitLab's sidekiq.log about a job: start, done, fail, dead
 * (lib/gitlab/sidekiq_logging/structured_logger.rb, logs_jobs.rb, json_formatter.rb): all fields of the
 * payload but earlier errors, times as ISO 8601, arguments filtered as GitLab filters them. A line that the
 * log's level leaves out costs nothing.
 *
 * Jobs that are performed together each have a logger of their own: each took as long as all of them, and its
 * part of the processor time.
 *
 * Used by the executor that runs the job.
 */
#pragma once

#include "protocol/job.h"
#include "worker/work_options.h"

typedef struct JobLogger {
    const Job *job;
    const WorkOptions *work;
    guint n_together;      /* jobs performed together, this one among them */
    gint64 started;        /* monotonic, microseconds */
    gboolean measures_cpu; /* a system call each time, so only if the log or the metrics show it */
    gint64 started_cpu;    /* of this thread, microseconds */
    double started_at;     /* epoch seconds */
} JobLogger;

void job_logger_start(JobLogger *logger, const Job *job, guint n_together, const WorkOptions *work);
void job_logger_done(const JobLogger *logger);
void job_logger_fail(const JobLogger *logger, const GError *error);
/* Retries are exhausted. */
void job_logger_dead(const JobLogger *logger, const GError *error);
/* Any other end: `status` goes to job_status. */
void job_logger_ended(const JobLogger *logger, const char *status);

double job_logger_seconds(const JobLogger *logger);
/* 0 when it is not measured. */
double job_logger_cpu_seconds(const JobLogger *logger);
/* From enqueueing to the start; 0 if the payload does not say. */
double job_logger_queue_seconds(const JobLogger *logger);
