/*
 * Any bytes as a fetched job: whatever parses must come out of json_dump() as text that parses to the same
 * payload again. Build with preset fuzz; run: payload_fuzz -max_total_time=60
 */
#include "protocol/job.h"
#include "protocol/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libFuzzer keeps the bytes of an abort. */
static void fail(const char *reason)
{
    g_printerr("%s\n", reason);
    abort();
}

static void check_round_trip(const json_t *value)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = json_dump(value);
    g_autoptr(json_t) again = json_parse(text, strlen(text), &error);
    if (!again)
        fail(error->message);
    if (!json_equal((json_t *)value, again))
        fail("another value after dump and parse");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(Job) job = job_parse((const char *)data, size, "default", NULL);
    if (job) {
        check_round_trip(job->payload);
        check_round_trip(job->args);
    }
    return 0;
}
