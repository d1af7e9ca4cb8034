#include "protocol/settlement.h"

#include "protocol/keys.h"
#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"
#include "protocol/ruby_float.h"

#include <string.h>

#define DAY                  (24.0 * 60 * 60) /* seconds */
#define DEAD_LIFESPAN        (180 * DAY)
#define INTERRUPTED_LIFESPAN (90 * DAY)
/* ZREMRANGEBYRANK 0 -10000, as Sidekiq and the fetcher send it: the newest 9,999 stay. */
#define RANK_OF_OLDEST_KEPT "-10000"

struct Settlement {
    const char *verb;   /* of settle.lua; NULL: a plain LREM */
    char *destination;  /* key */
    char *payload;      /* NULL: the job's own bytes */
    char *arguments[3]; /* of the verb, ended by NULL where fewer */
    const char *queue;  /* in `bytes` */
    gsize length;       /* of the job */
    char bytes[];       /* the job, then the queue's name, each ended by '\0' */
};

static RedisScript settle = REDIS_SCRIPT(lua_settle);

const char *settlement_script_sha1(void)
{
    return redis_script_sha1(&settle);
}

const char *settlement_script_text(void)
{
    return lua_settle;
}

/* One allocation, because every job needs at least this one. */
Settlement *settlement_acknowledge(const char *queue, const char *raw, gsize length)
{
    gsize queue_size = strlen(queue) + 1;
    Settlement *settlement = g_malloc(sizeof(Settlement) + length + 1 + queue_size);
    memset(settlement, 0, sizeof(Settlement));
    memcpy(settlement->bytes, raw, length);
    settlement->bytes[length] = '\0';
    settlement->length = length;
    settlement->queue = memcpy(settlement->bytes + length + 1, queue, queue_size);
    return settlement;
}

static char *seconds_text(double seconds)
{
    char text[RUBY_FLOAT_SIZE];
    return g_strdup(ruby_float_format(text, seconds));
}

/* `destination` is consumed; `payload` NULL: the job's own bytes. */
static Settlement *settlement_move(const char *queue, const char *raw, gsize length, const char *verb,
                                   char *destination, const char *payload)
{
    Settlement *settlement = settlement_acknowledge(queue, raw, length);
    settlement->verb = verb;
    settlement->destination = destination;
    settlement->payload = g_strdup(payload);
    return settlement;
}

static Settlement *settlement_bury(const char *queue, const char *raw, gsize length, const char *set,
                                   double lifespan, const char *payload)
{
    double now = job_now();
    Settlement *settlement = settlement_move(queue, raw, length, "bury", g_strdup(set), payload);
    settlement->arguments[0] = seconds_text(now);
    settlement->arguments[1] = seconds_text(now - lifespan);
    settlement->arguments[2] = g_strdup(RANK_OF_OLDEST_KEPT);
    return settlement;
}

Settlement *settlement_retry(const char *queue, const char *raw, gsize length, double at, const char *payload)
{
    Settlement *settlement = settlement_move(queue, raw, length, "schedule", g_strdup(KEY_RETRY), payload);
    settlement->arguments[0] = seconds_text(at);
    return settlement;
}

Settlement *settlement_dead(const char *queue, const char *raw, gsize length, const char *payload)
{
    return settlement_bury(queue, raw, length, KEY_DEAD, DEAD_LIFESPAN, payload);
}

Settlement *settlement_requeue(const char *queue, const char *raw, gsize length, gboolean to_front)
{
    return settlement_move(queue, raw, length, to_front ? "return" : "push", key_queue(queue), NULL);
}

Settlement *settlement_push_back(const char *queue, const char *raw, gsize length, const char *payload)
{
    return settlement_move(queue, raw, length, "push", key_queue(queue), payload);
}

Settlement *settlement_quarantine(const char *queue, const char *raw, gsize length, const char *payload)
{
    return settlement_bury(queue, raw, length, KEY_INTERRUPTED, INTERRUPTED_LIFESPAN, payload);
}

Settlement *settlement_hand_over(const char *queue, const char *raw, gsize length, const char *to_queue,
                                 const char *payload)
{
    Settlement *settlement = settlement_move(queue, raw, length, "push_to", key_queue(to_queue), payload);
    settlement->arguments[0] = g_strdup(to_queue);
    return settlement;
}

void settlement_free(Settlement *settlement)
{
    if (!settlement)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(settlement->arguments); i++)
        g_free(settlement->arguments[i]);
    g_free(settlement->payload);
    g_free(settlement->destination);
    g_free(settlement);
}

const char *settlement_queue(const Settlement *settlement)
{
    return settlement->queue;
}

const char *settlement_raw(const Settlement *settlement, gsize *length)
{
    *length = settlement->length;
    return settlement->bytes;
}

static void add_bytes(SettlementWords *words, const char *bytes, gsize length)
{
    words->words[words->count] = bytes;
    words->lengths[words->count++] = length;
}

static void add(SettlementWords *words, const char *word)
{
    add_bytes(words, word, strlen(word));
}

/* -1: search from the tail, where the jobs are that were taken first. */
static void add_lrem(const Settlement *settlement, const char *working_list, SettlementWords *words)
{
    add(words, "LREM");
    add(words, working_list);
    add(words, "-1");
    add_bytes(words, settlement->bytes, settlement->length);
}

static void add_settle(const Settlement *settlement, const char *working_list, SettlementWords *words)
{
    gboolean names_queue = g_str_equal(settlement->verb, "push_to");

    add(words, "EVALSHA");
    add(words, settlement_script_sha1());
    add(words, names_queue ? "3" : "2");
    add(words, working_list);
    add(words, settlement->destination);
    if (names_queue)
        add(words, KEY_QUEUES);
    add_bytes(words, settlement->bytes, settlement->length);
    add(words, settlement->verb);
    if (settlement->payload)
        add(words, settlement->payload);
    else
        add_bytes(words, settlement->bytes, settlement->length);
    for (guint i = 0; i < G_N_ELEMENTS(settlement->arguments) && settlement->arguments[i]; i++)
        add(words, settlement->arguments[i]);
}

void settlement_words(const Settlement *settlement, const char *working_list, SettlementWords *words)
{
    words->count = 0;
    if (settlement->verb)
        add_settle(settlement, working_list, words);
    else
        add_lrem(settlement, working_list, words);
}

RedisCommand *settlement_command(const Settlement *settlement, const char *identity)
{
    g_autofree char *working_list = key_working_list(settlement->queue, identity);
    SettlementWords words;
    settlement_words(settlement, working_list, &words);

    RedisCommand *command = redis_command_new(words.words[0], NULL);
    for (int i = 1; i < words.count; i++)
        redis_command_add_bytes(command, words.words[i], words.lengths[i]);
    return command;
}
