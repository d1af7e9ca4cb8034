/*
 * How long a job waits for an idle worker: from the push to the start of the job, beside Redis round trips
 * measured in the same loop. The job (Spec::TimestampWorker) appends the time of its start to a list, in
 * microseconds.
 *
 *   push_latency HOST PORT QUEUE SAMPLES     prints: start p50, start p99, round trip p50, round trip p99
 * (microseconds)
 */
#include <glib.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#define STARTED_KEY "bench:started"
#define PAUSE       2000 /* microseconds between samples, so that the worker is idle again */

static redisReply *checked(redisContext *redis, redisReply *reply)
{
    if (!reply || reply->type == REDIS_REPLY_ERROR)
        g_error("%s", reply ? reply->str : redis->errstr);
    return reply;
}

static gint64 round_trip(redisContext *redis)
{
    gint64 start = g_get_monotonic_time();

    freeReplyObject(checked(redis, redisCommand(redis, "PING")));
    return g_get_monotonic_time() - start;
}

static gint64 push_to_start(redisContext *redis, const char *queue, int number)
{
    g_autofree char *job =
        g_strdup_printf("{\"class\":\"Spec::TimestampWorker\",\"args\":[\"" STARTED_KEY "\"],"
                        "\"queue\":\"%s\",\"jid\":\"%024x\",\"retry\":false}",
                        queue, (unsigned)number);
    gint64 pushed = g_get_real_time(), started;
    redisReply *reply;

    freeReplyObject(checked(redis, redisCommand(redis, "LPUSH queue:%s %s", queue, job)));
    reply = checked(redis, redisCommand(redis, "BLPOP " STARTED_KEY " 10"));
    if (reply->type != REDIS_REPLY_ARRAY)
        g_error("the job was not started within 10 seconds");
    started = g_ascii_strtoll(reply->element[1]->str, NULL, 10);
    freeReplyObject(reply);
    return started - pushed;
}

static int compare(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

    return (x > y) - (x < y);
}

static gint64 percentile(gint64 *values, int n, int percent)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[MIN(n - 1, n * percent / 100)];
}

int main(int argc, char **argv)
{
    redisContext *redis;
    g_autofree gint64 *starts = NULL, *trips = NULL;
    int samples;

    if (argc != 5) {
        fprintf(stderr, "usage: push_latency HOST PORT QUEUE SAMPLES\n");
        return 2;
    }
    samples = atoi(argv[4]);
    starts = g_new(gint64, samples);
    trips = g_new(gint64, samples);
    redis = redisConnect(argv[1], atoi(argv[2]));
    if (!redis || redis->err)
        g_error("cannot connect: %s", redis ? redis->errstr : "out of memory");

    for (int i = 0; i < samples; i++) {
        trips[i] = round_trip(redis);
        starts[i] = push_to_start(redis, argv[3], i);
        g_usleep(PAUSE);
    }
    printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
           percentile(starts, samples, 50), percentile(starts, samples, 99), percentile(trips, samples, 50),
           percentile(trips, samples, 99));
    redisFree(redis);
    return 0;
}
