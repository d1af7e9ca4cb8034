/*
 * Any bytes as a fetched job: whatever parses must come out of json_dump() as text that parses to the same
 * payload again, and so must what becomes of the job when it is interrupted or fails.
 * Run by script/fuzz.
 */
#include "protocol/interruption.h"
#include "protocol/job.h"
#include "protocol/job_retry.h"
#include "protocol/json.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const json_t *value)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = json_dump(value);
    g_autoptr(json_t) again = json_parse(text, strlen(text), &error);
    if (!again)
        g_error("%s, in %s", error->message, text);
    if (!json_equal((json_t *)value, again))
        g_error("not the same after %s", text);
}

static const WorkerRegistry *no_classes(void)
{
    static WorkerRegistry *registry;
    if (!registry)
        registry = worker_registry_new(NULL, 0);
    return registry;
}

/* The job is still there, with one interruption more. */
static void check_interruption(const Job *job)
{
    enum { PAYLOAD = 7 }; /* EVALSHA SHA 2 WORKING-LIST DESTINATION RAW VERB PAYLOAD */
    SettlementWords words;
    g_autoptr(Settlement) settlement =
        interruption_settle("default", job->raw, job->raw_length, no_classes(), NULL);
    settlement_words(settlement, "working", &words);
    g_autoptr(json_t) payload = json_parse(words.words[PAYLOAD], words.lengths[PAYLOAD], NULL);
    if (!payload || !json_is_integer(json_object_get(payload, "interrupted_count")))
        g_error("interrupted: %s", words.words[PAYLOAD]);
}

static void check_failure(const Job *job)
{
    g_autoptr(GError) error = g_error_new(JOB_ERROR, JOB_ERROR_ARGUMENTS, "%s", job->raw);
    g_autoptr(json_t) payload = NULL;
    double at;
    job_retry_decide(job, NULL, error, 1732200003.5, &payload, &at);
    check_round_trip(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Settlement) settlement =
        interruption_settle("default", (const char *)data, size, no_classes(), NULL);
    g_autoptr(Job) job = job_parse((const char *)data, size, "default", NULL);
    if (job) {
        check_round_trip(job->payload);
        check_round_trip(job->args);
        check_interruption(job);
        check_failure(job);
    }
    return 0;
}
