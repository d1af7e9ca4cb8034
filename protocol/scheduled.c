#include "protocol/scheduled.h"

#include "protocol/client.h"
#include "protocol/json.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "protocol/lua_scripts.h"
#include "protocol/redis_script.h"
#include "protocol/ruby_float.h"
#include "protocol/sidekiq_status.h"

#define SLICE               100   /* members per round trip */
#define PASSED_OVER_MAX     10000 /* members of one set, in one round, that are not ours */
#define INTERVAL_DEFAULT    5.0   /* seconds */
#define INITIAL_WAIT        10.0
#define SMALL_CLUSTER       10 /* processes */
#define REPORTED_MEMORY_MAX 1000

static RedisScript move_due_script = REDIS_SCRIPT(lua_move_due);

/* One round through one set. */
typedef struct Round {
    const ScheduledOptions *options;
    const char *set;
    char now[RUBY_FLOAT_SIZE];
    guint passed_over;
    guint moved;
} Round;

/* Whether this member has not been reported before. */
static gboolean is_news(const redisReply *member)
{
    static GMutex mutex;
    static GHashTable *reported;
    g_autofree char *digest =
        g_compute_checksum_for_data(G_CHECKSUM_SHA1, (const guchar *)member->str, member->len);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&mutex);
    if (!reported)
        reported = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (g_hash_table_size(reported) >= REPORTED_MEMORY_MAX)
        g_hash_table_remove_all(reported);
    return g_hash_table_add(reported, g_steal_pointer(&digest));
}

static void report_unreadable(const Round *round, const redisReply *member, const char *reason)
{
    if (is_news(member))
        log_warn("a due job cannot be read and is left where it is", "{s:s, s:s}", "set", round->set,
                 "reason", reason);
}

/* NULL: not one of ours. */
static json_t *read_own(const Round *round, const redisReply *member)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) payload = json_parse(member->str, member->len, &error);
    const char *class_name = json_string_field(payload, "class");
    if (!class_name) {
        report_unreadable(round, member, error ? error->message : "no job");
        return NULL;
    }
    const WorkerClass *worker = worker_registry_find(round->options->registry, class_name);
    return round->options->all || (worker && worker->perform) ? g_steal_pointer(&payload) : NULL;
}

/* Before the push: later it could come after the job's end. */
static gboolean renew_status(const Round *round, const json_t *payload, GError **error)
{
    const char *jid = json_string_field(payload, "jid");
    gint64 seconds = json_integer_field(payload, "status_expiration", 0);
    if (!jid || seconds <= 0 || seconds > G_MAXINT32)
        return TRUE;
    return sidekiq_status_set(round->options->queues_metadata, jid, (guint)seconds, error);
}

static gboolean move(Round *round, const redisReply *member, const json_t *payload, GError **error)
{
    if (!renew_status(round, payload, error))
        return FALSE;
    const char *payload_queue = json_string_field(payload, "queue");
    const char *queue = payload_queue ? payload_queue : "default";
    g_autofree char *key = key_queue(queue), *text = client_requeue_text(payload, queue);

    RedisCommand *keys = redis_command_new(round->set, key, KEY_QUEUES, NULL);
    RedisCommand *args = redis_command_new(queue, text, NULL);
    redis_command_add_bytes(args, member->str, member->len);
    g_autoptr(redisReply) reply =
        redis_script_run(&move_due_script, round->options->queues, keys, args, error);
    if (!reply)
        return FALSE;
    round->moved += reply->integer == 1;
    return TRUE;
}

static gboolean move_own(Round *round, const redisReply *members, GError **error)
{
    for (gsize i = 0; i < members->elements; i++) {
        const redisReply *member = members->element[i];
        g_autoptr(json_t) payload = read_own(round, member);
        if (!payload)
            round->passed_over++;
        else if (!move(round, member, payload, error))
            return FALSE;
    }
    return TRUE;
}

/* The lowest due members behind those that were passed over. */
static redisReply *read_slice(const Round *round, GError **error)
{
    g_autofree char *offset = g_strdup_printf("%u", round->passed_over);
    return redis_call(round->options->queues, error, "ZRANGE", round->set, "-inf", round->now, "BYSCORE",
                      "LIMIT", offset, G_STRINGIFY(SLICE), NULL);
}

static gboolean enqueue_due(Round *round, GError **error)
{
    gsize read;
    do {
        g_autoptr(redisReply) slice = read_slice(round, error);
        if (!slice || !move_own(round, slice, error))
            return FALSE;
        read = slice->elements;
    } while (read == SLICE && round->passed_over < PASSED_OVER_MAX);
    return TRUE;
}

gboolean scheduled_enqueue_due(const ScheduledOptions *options, guint *moved, GError **error)
{
    static const char *const SETS[] = {KEY_RETRY, KEY_SCHEDULE};
    guint total = 0;
    gboolean done = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(SETS) && done; i++) {
        Round round = {.options = options, .set = SETS[i]};
        ruby_float_format(round.now, job_now());
        done = enqueue_due(&round, error);
        total += round.moved;
    }
    if (moved)
        *moved = total;
    return done;
}

double scheduled_poll_interval(guint n_processes, double average_interval)
{
    guint processes = MAX(n_processes, 1);
    double average = average_interval > 0 ? average_interval : INTERVAL_DEFAULT * processes;
    return processes < SMALL_CLUSTER ? average * g_random_double_range(0.5, 1.5)
                                     : average * g_random_double();
}

double scheduled_initial_wait(double average_interval)
{
    return (average_interval > 0 ? 0 : INITIAL_WAIT) + g_random_double_range(0, 5);
}
