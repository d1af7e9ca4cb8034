#include "worker/metrics.h"

#include "worker/importer_metrics.h"
#include "worker/metrics_text.h"
#include "worker/mutex.h"

#include <string.h>

#define UNKNOWN_FEATURE_CATEGORY "not_owned" /* GitLab's category of classes that declare none */
#define MAX_BUCKETS              4
#define APDEX_EXECUTION          300.0 /* seconds; urgency low, as all importer classes */
#define APDEX_QUEUEING           60.0
#define MAX_UNKNOWN_SERIES       1000 /* class names come from outside */

typedef struct Buckets {
    guint n;
    double bounds[MAX_BUCKETS];
} Buckets;

static const Buckets completion_buckets = {2, {10, 300}};
static const Buckets queue_buckets = {2, {10, 60}};
static const Buckets cpu_buckets = {4, {0.1, 0.5, 1, 2.5}};

typedef struct Histogram {
    guint64 counts[MAX_BUCKETS + 1]; /* not cumulative; the last is beyond all bounds */
    double sum;
} Histogram;

typedef enum { STATUS_DONE, STATUS_FAIL, STATUSES } JobStatus;

/* All series of one worker class and queue. */
typedef struct JobSeries {
    char *worker, *queue;
    char *labels;
    Histogram completion[STATUSES], cpu[STATUSES], queueing;
    guint64 failed, retried, interrupted, dead;
    guint64 apdex_total, apdex_success, execution_total, execution_errors, queueing_total, queueing_success;
    gint64 running;
} JobSeries;

static struct {
    pthread_mutex_t lock;
    GHashTable *jobs;    /* JobSeries as its own key */
    GHashTable *unknown; /* labels -> count */
    guint concurrency;
    gboolean redis_connected;
} metrics = {.lock = PTHREAD_MUTEX_INITIALIZER};

static guint job_series_hash(gconstpointer data)
{
    const JobSeries *series = data;
    return g_str_hash(series->worker) * 31 + g_str_hash(series->queue);
}

static gboolean job_series_equal(gconstpointer a, gconstpointer b)
{
    const JobSeries *x = a, *y = b;
    return g_str_equal(x->worker, y->worker) && g_str_equal(x->queue, y->queue);
}

static char *job_labels(const MetricsJob *job)
{
    GString *labels = g_string_new(NULL);
    metrics_text_label(labels, "worker", job->worker);
    metrics_text_label(labels, "queue", job->queue);
    metrics_text_label(labels, "feature_category", job->feature_category);
    metrics_text_label(labels, "urgency", "low");
    metrics_text_label(labels, "external_dependencies", job->external_dependencies ? "yes" : "no");
    metrics_text_label(labels, "boundary", "");
    metrics_text_label(labels, "destination_shard_redis", "main");
    return g_string_free(labels, FALSE);
}

/* Under the lock. */
static JobSeries *series_of(const MetricsJob *job)
{
    if (!metrics.jobs)
        metrics.jobs = g_hash_table_new(job_series_hash, job_series_equal);
    JobSeries key = {.worker = (char *)job->worker, .queue = (char *)job->queue};
    JobSeries *series = g_hash_table_lookup(metrics.jobs, &key);
    if (!series) {
        series = g_new0(JobSeries, 1);
        series->worker = g_strdup(job->worker);
        series->queue = g_strdup(job->queue);
        series->labels = job_labels(job);
        g_hash_table_add(metrics.jobs, series);
    }
    return series;
}

static void observe(Histogram *histogram, const Buckets *buckets, double value)
{
    guint bucket = 0;
    while (bucket < buckets->n && value > buckets->bounds[bucket])
        bucket++;
    histogram->counts[bucket]++;
    histogram->sum += value;
}

MetricsJob metrics_job_of(const WorkerClass *worker, const char *queue)
{
    return (MetricsJob){
        .worker = worker->name,
        .queue = queue,
        .feature_category = worker->feature_category ? worker->feature_category : UNKNOWN_FEATURE_CATEGORY,
        .external_dependencies = worker->external_dependencies,
    };
}

void metrics_job_declare(const MetricsJob *job)
{
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    series_of(job);
}

void metrics_job_started(const MetricsJob *job, double queue_seconds, gboolean retried,
                         gboolean interrupted_before)
{
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    JobSeries *series = series_of(job);
    series->running++;
    series->retried += retried ? 1 : 0;
    series->interrupted += interrupted_before ? 1 : 0;
    observe(&series->queueing, &queue_buckets, queue_seconds);
    series->queueing_total++;
    series->queueing_success += queue_seconds < APDEX_QUEUEING ? 1 : 0;
}

void metrics_job_done(const MetricsJob *job, double seconds, double cpu_seconds, gboolean failed)
{
    JobStatus status = failed ? STATUS_FAIL : STATUS_DONE;
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    JobSeries *series = series_of(job);
    series->running--;
    series->failed += failed ? 1 : 0;
    observe(&series->completion[status], &completion_buckets, seconds);
    observe(&series->cpu[status], &cpu_buckets, cpu_seconds);
    series->execution_total++;
    series->execution_errors += failed ? 1 : 0;
    if (!failed) {
        series->apdex_total++;
        series->apdex_success += seconds < APDEX_EXECUTION ? 1 : 0;
    }
}

void metrics_job_dead(const MetricsJob *job)
{
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    series_of(job)->dead++;
}

void metrics_job_unknown(const char *class_name, const char *queue)
{
    g_autoptr(GString) labels = g_string_new(NULL);
    metrics_text_label(labels, "worker", class_name);
    metrics_text_label(labels, "queue", queue);
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    if (!metrics.unknown)
        metrics.unknown = g_hash_table_new(g_str_hash, g_str_equal);
    guint64 *count = g_hash_table_lookup(metrics.unknown, labels->str);
    if (!count && g_hash_table_size(metrics.unknown) < MAX_UNKNOWN_SERIES) {
        count = g_new0(guint64, 1);
        g_hash_table_insert(metrics.unknown, g_strdup(labels->str), count);
    }
    if (count)
        (*count)++;
}

void metrics_set_concurrency(guint executors)
{
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    metrics.concurrency = executors;
}

void metrics_redis_connected(gboolean connected)
{
    g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
    metrics.redis_connected = connected;
}

static void render_histogram(GString *text, const char *name, const char *labels, const Histogram *histogram,
                             const Buckets *buckets)
{
    guint64 cumulative = 0;
    for (guint i = 0; i <= buckets->n; i++) {
        char bound[G_ASCII_DTOSTR_BUF_SIZE] = "+Inf";
        if (i < buckets->n)
            g_ascii_formatd(bound, sizeof bound, "%g", buckets->bounds[i]);
        cumulative += histogram->counts[i];
        g_autoptr(GString) with_bound = g_string_new(labels);
        metrics_text_label(with_bound, "le", bound);
        metrics_text_sample(text, name, "_bucket", with_bound->str, (double)cumulative);
    }
    metrics_text_sample(text, name, "_sum", labels, histogram->sum);
    metrics_text_sample(text, name, "_count", labels, (double)cumulative);
}

/* A histogram that is split by job_status: the array of two at `offset` in JobSeries. */
static void render_status_histogram(GString *text, const char *name, const char *help, gsize offset,
                                    const Buckets *buckets)
{
    static const char *const statuses[STATUSES] = {[STATUS_DONE] = "done", [STATUS_FAIL] = "fail"};
    GHashTableIter iter;
    gpointer key;
    metrics_text_family(text, name, "histogram", help);
    g_hash_table_iter_init(&iter, metrics.jobs);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const JobSeries *series = key;
        const Histogram *histograms = G_STRUCT_MEMBER_P(series, offset);
        for (JobStatus status = 0; status < STATUSES; status++) {
            g_autoptr(GString) labels = g_string_new(series->labels);
            metrics_text_label(labels, "job_status", statuses[status]);
            render_histogram(text, name, labels->str, &histograms[status], buckets);
        }
    }
}

static void render_queue_histogram(GString *text)
{
    static const char name[] = "sidekiq_jobs_queue_duration_seconds";
    GHashTableIter iter;
    gpointer key;
    metrics_text_family(text, name, "histogram", "From enqueuing to the start of a job");
    g_hash_table_iter_init(&iter, metrics.jobs);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        render_histogram(text, name, ((JobSeries *)key)->labels, &((JobSeries *)key)->queueing,
                         &queue_buckets);
}

typedef struct CounterFamily {
    const char *name, *help;
    gsize offset; /* of a guint64 in JobSeries */
} CounterFamily;

static const CounterFamily counter_families[] = {
    {"sidekiq_jobs_failed_total", "Jobs that failed", G_STRUCT_OFFSET(JobSeries, failed)},
    {"sidekiq_jobs_retried_total", "Jobs started that had failed before",
     G_STRUCT_OFFSET(JobSeries, retried)},
    {"sidekiq_jobs_interrupted_total", "Jobs started that had been interrupted before",
     G_STRUCT_OFFSET(JobSeries, interrupted)},
    {"sidekiq_jobs_dead_total", "Jobs that failed for the last time", G_STRUCT_OFFSET(JobSeries, dead)},
    {"gitlab_sli_sidekiq_execution_apdex_total", "Successful jobs", G_STRUCT_OFFSET(JobSeries, apdex_total)},
    {"gitlab_sli_sidekiq_execution_apdex_success_total", "Successful jobs that took less than 300 s",
     G_STRUCT_OFFSET(JobSeries, apdex_success)},
    {"gitlab_sli_sidekiq_execution_total", "Jobs executed", G_STRUCT_OFFSET(JobSeries, execution_total)},
    {"gitlab_sli_sidekiq_execution_error_total", "Jobs executed that failed",
     G_STRUCT_OFFSET(JobSeries, execution_errors)},
    {"gitlab_sli_sidekiq_queueing_apdex_total", "Jobs started", G_STRUCT_OFFSET(JobSeries, queueing_total)},
    {"gitlab_sli_sidekiq_queueing_apdex_success_total", "Jobs started that had waited less than 60 s",
     G_STRUCT_OFFSET(JobSeries, queueing_success)},
};

static void render_counter(GString *text, const CounterFamily *family)
{
    GHashTableIter iter;
    gpointer key;
    metrics_text_family(text, family->name, "counter", family->help);
    g_hash_table_iter_init(&iter, metrics.jobs);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        metrics_text_sample(text, family->name, "", ((JobSeries *)key)->labels,
                            (double)G_STRUCT_MEMBER(guint64, key, family->offset));
}

static void render_running(GString *text)
{
    GHashTableIter iter;
    gpointer key;
    metrics_text_family(text, "sidekiq_running_jobs", "gauge", "Jobs being executed");
    g_hash_table_iter_init(&iter, metrics.jobs);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        metrics_text_sample(text, "sidekiq_running_jobs", "", ((JobSeries *)key)->labels,
                            (double)((JobSeries *)key)->running);
}

static void render_jobs(GString *text)
{
    if (!metrics.jobs)
        return;
    render_running(text);
    render_status_histogram(text, "sidekiq_jobs_completion_seconds", "Duration of a job",
                            G_STRUCT_OFFSET(JobSeries, completion), &completion_buckets);
    render_status_histogram(text, "sidekiq_jobs_cpu_seconds", "Processor time of a job",
                            G_STRUCT_OFFSET(JobSeries, cpu), &cpu_buckets);
    render_queue_histogram(text);
    for (guint i = 0; i < G_N_ELEMENTS(counter_families); i++)
        render_counter(text, &counter_families[i]);
}

static void render_unknown(GString *text)
{
    static const char name[] = "hubferry_unknown_jobs_total";
    GHashTableIter iter;
    gpointer labels, count;
    metrics_text_family(text, name, "counter", "Jobs of classes that this worker does not perform");
    if (!metrics.unknown)
        return;
    g_hash_table_iter_init(&iter, metrics.unknown);
    while (g_hash_table_iter_next(&iter, &labels, &count))
        metrics_text_sample(text, name, "", labels, (double)*(guint64 *)count);
}

static void render_process(GString *text)
{
    metrics_text_family(text, "sidekiq_concurrency", "gauge", "How many jobs can be executed at a time");
    metrics_text_sample(text, "sidekiq_concurrency", "", "", metrics.concurrency);
    metrics_text_family(text, "hubferry_redis_connected", "gauge", "1 while jobs can be fetched from Redis");
    metrics_text_sample(text, "hubferry_redis_connected", "", "", metrics.redis_connected);
    metrics_text_family(text, "hubferry_build_info", "gauge", "1, with the version as a label");
    metrics_text_sample(text, "hubferry_build_info", "", "version=\"" HUBFERRY_VERSION "\"", 1);
}

char *metrics_render(void)
{
    GString *text = g_string_new(NULL);
    {
        g_auto(MutexHold) hold = mutex_hold(&metrics.lock);
        render_process(text);
        render_jobs(text);
        render_unknown(text);
    }
    importer_metrics_render(text);
    return g_string_free(text, FALSE);
}
