/*
 * A worker class: what `sidekiq_options` and GitLab's worker attributes say about a Ruby worker class, and
 * the C function that performs its jobs here (app/workers/concerns/application_worker.rb,
 * worker_attributes.rb). Classes that only Ruby performs are described too (perform = NULL), because hubferry
 * enqueues some of them and the options of a class travel in the payload.
 *
 * Values are static and immutable.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct Session Session; /* what an executor owns; opaque here (importers/gitlab/session.h) */
typedef struct Job Job;

/* Performs one job. FALSE with `error` set ends the job by the error's meaning: JOB_ERROR_HAND_OVER,
 * JOB_ERROR_INTERRUPTED (protocol/job.h), anything else is a failure that Sidekiq retries. */
typedef gboolean (*WorkerPerform)(Session *session, const Job *job, GError **error);

/* One job of a batch. `error` is the handler's to set: what WorkerPerform would have returned for this job.
 */
typedef struct BatchJob {
    const Job *job;
    GError *error; /* NULL: done */
} BatchJob;

/* Performs several jobs of one class and one project (their first arguments are equal) together. Invisible
 * from outside: the same rows, failures and counters as one by one, and a job that fails fails alone.
 * Executed in place of WorkerPerform wherever jobs of the class wait in numbers; where each of them
 * `downloads` something, only while that is quick, because slow servers are better asked by many at once. */
typedef void (*WorkerPerformBatch)(Session *session, BatchJob *jobs, guint n_jobs);
#define WORKER_BATCH_MAX 100

/* Sidekiq's sidekiq_retries_exhausted: the job has failed for the last time. Failures in here are only
 * logged. */
typedef void (*WorkerRetriesExhausted)(Session *session, const Job *job, const GError *last_error);

#define WORKER_RETRY_OFF             (-1) /* sidekiq_options retry: false */
#define WORKER_RETRY_DEFAULT         25   /* sidekiq_options retry: true */
#define WORKER_INTERRUPTIONS_DEFAULT 3

/* GitLab's deduplication strategies (lib/gitlab/sidekiq_middleware/duplicate_jobs/strategies/). */
typedef enum {
    DEDUPLICATE_UNTIL_EXECUTING,
    DEDUPLICATE_UNTIL_EXECUTED,
    DEDUPLICATE_NONE
} DeduplicateStrategy;

typedef struct WorkerClass {
    const char *name;            /* "Gitlab::GithubImport::AdvanceStageWorker" */
    const char *queue_namespace; /* "github_importer", or NULL */
    const char *feature_category;
    int retry;               /* WORKER_RETRY_OFF, or how many times */
    gboolean dead;           /* exhausted jobs go to the dead set */
    guint status_expiration; /* seconds; 0: the class declares none */
    int max_interruptions;   /* max_retries_after_interruption; 0: the class declares none */
    DeduplicateStrategy deduplicate;
    gboolean reschedule_once; /* if_deduplicated: :reschedule_once */
    gboolean idempotent;
    guint deduplicate_ttl; /* seconds; 0: GitLab's default of 600 */
    gboolean external_dependencies;
    gboolean downloads;                       /* see WorkerPerformBatch */
    WorkerPerform perform;                    /* NULL: only Ruby performs it */
    WorkerPerformBatch perform_batch;         /* or NULL */
    const void *importer;                     /* what `perform` has to know about the class; opaque here */
    WorkerRetriesExhausted retries_exhausted; /* or NULL */
} WorkerClass;

/* The classes that a process knows, by name. Immutable; may be shared by threads. */
typedef struct WorkerRegistry WorkerRegistry;
/* Each table is ended by an entry whose name is NULL, and borrowed; later tables win over earlier ones. */
WorkerRegistry *worker_registry_new(const WorkerClass *const *tables, guint n_tables);
void worker_registry_free(WorkerRegistry *registry);
/* NULL: not known. */
const WorkerClass *worker_registry_find(const WorkerRegistry *registry, const char *name);

/* The queue name that GitLab generates from the class name, e.g.
 * "github_importer:github_import_stage_import_notes" (lib/gitlab/sidekiq_config/worker_router.rb). (transfer
 * full) */
char *worker_class_generated_queue(const WorkerClass *worker);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WorkerRegistry, worker_registry_free)
