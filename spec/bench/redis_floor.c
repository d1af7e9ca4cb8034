/*
 * The floor of reliable fetch: what Redis itself takes to move jobs from a queue to a working list and to
 * remove them there, pipelined, with nothing done in between.
 *
 *   redis_floor HOST PORT QUEUE WORKING_LIST DEPTH     prints the seconds that it took to empty QUEUE
 */
#include <glib.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

/* Moves up to `depth` jobs in one round trip; returns how many there were, their bytes in `jobs`. */
static int move(redisContext *redis, const char *queue, const char *working, redisReply **jobs, int depth)
{
    int moved = 0;

    for (int i = 0; i < depth; i++)
        redisAppendCommand(redis, "LMOVE %s %s RIGHT LEFT", queue, working);
    for (int i = 0; i < depth; i++) {
        redisReply *reply;
        if (redisGetReply(redis, (void **)&reply) != REDIS_OK)
            g_error("%s", redis->errstr);
        if (reply->type == REDIS_REPLY_STRING)
            jobs[moved++] = reply;
        else
            freeReplyObject(reply);
    }
    return moved;
}

/* Removes the jobs in the order in which they were taken: the oldest is at the tail. */
static void acknowledge(redisContext *redis, const char *working, redisReply **jobs, int n)
{
    for (int i = 0; i < n; i++) {
        redisAppendCommand(redis, "LREM %s -1 %b", working, jobs[i]->str, (size_t)jobs[i]->len);
        freeReplyObject(jobs[i]);
    }
    for (int i = 0; i < n; i++) {
        redisReply *reply;
        if (redisGetReply(redis, (void **)&reply) != REDIS_OK)
            g_error("%s", redis->errstr);
        freeReplyObject(reply);
    }
}

int main(int argc, char **argv)
{
    int depth, moved;
    gint64 start;
    redisContext *redis;
    g_autofree redisReply **jobs = NULL;

    if (argc != 6) {
        fprintf(stderr, "usage: redis_floor HOST PORT QUEUE WORKING_LIST DEPTH\n");
        return 2;
    }
    depth = atoi(argv[5]);
    jobs = g_new(redisReply *, depth);
    redis = redisConnect(argv[1], atoi(argv[2]));
    if (!redis || redis->err)
        g_error("cannot connect: %s", redis ? redis->errstr : "out of memory");

    start = g_get_monotonic_time();
    while ((moved = move(redis, argv[3], argv[4], jobs, depth)) > 0)
        acknowledge(redis, argv[4], jobs, moved);
    printf("%.3f\n", (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC);
    redisFree(redis);
    return 0;
}
