#include "protocol/working_jobs.h"

#include <string.h>

typedef struct WorkingJob {
    guint64 hash;
    const char *raw;
    gsize length;
    guint count;
    char bytes[]; /* what `raw` points to, except in the key of a look-up */
} WorkingJob;

struct WorkingJobs {
    GHashTable *table; /* of WorkingJob, keyed by itself */
};

/* Every job passes here twice, so eight bytes at a time (the mixing step of MurmurHash64A). */
static guint64 hash_bytes(const char *bytes, gsize length)
{
    static const guint64 MULTIPLIER = G_GUINT64_CONSTANT(0xc6a4a7935bd1e995);
    guint64 hash = length * MULTIPLIER;
    for (gsize i = 0; i < length; i += sizeof(guint64)) {
        guint64 word = 0;
        memcpy(&word, bytes + i, MIN(sizeof word, length - i));
        word *= MULTIPLIER;
        word ^= word >> 47;
        hash = (hash ^ word * MULTIPLIER) * MULTIPLIER;
    }
    return hash ^ hash >> 47;
}

static guint job_hash(gconstpointer key)
{
    const WorkingJob *job = key;
    return (guint)job->hash;
}

static gboolean job_equal(gconstpointer left, gconstpointer right)
{
    const WorkingJob *a = left, *b = right;
    return a->hash == b->hash && a->length == b->length && memcmp(a->raw, b->raw, a->length) == 0;
}

static WorkingJob *find(const WorkingJobs *jobs, const char *raw, gsize length)
{
    WorkingJob key = {.hash = hash_bytes(raw, length), .raw = raw, .length = length};
    return g_hash_table_lookup(jobs->table, &key);
}

WorkingJobs *working_jobs_new(void)
{
    WorkingJobs *jobs = g_new(WorkingJobs, 1);
    jobs->table = g_hash_table_new_full(job_hash, job_equal, g_free, NULL);
    return jobs;
}

void working_jobs_free(WorkingJobs *jobs)
{
    if (!jobs)
        return;
    g_hash_table_unref(jobs->table);
    g_free(jobs);
}

guint working_jobs_add(WorkingJobs *jobs, const char *raw, gsize length)
{
    WorkingJob *job = find(jobs, raw, length);
    if (!job) {
        job = g_malloc(sizeof(WorkingJob) + length);
        *job = (WorkingJob){.hash = hash_bytes(raw, length), .raw = job->bytes, .length = length};
        memcpy(job->bytes, raw, length);
        g_hash_table_add(jobs->table, job);
    }
    return ++job->count;
}

void working_jobs_remove(WorkingJobs *jobs, const char *raw, gsize length)
{
    WorkingJob *job = find(jobs, raw, length);
    if (job && --job->count == 0)
        g_hash_table_remove(jobs->table, job);
}

guint working_jobs_count(const WorkingJobs *jobs, const char *raw, gsize length)
{
    const WorkingJob *job = find(jobs, raw, length);
    return job ? job->count : 0;
}
