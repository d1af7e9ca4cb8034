#include "protocol/fetch.h"
#include "protocol/keys.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#include <signal.h>
#include <stdlib.h>

#define IDENTITY "host:1:0a1b2c3d4e5f"
#define PATIENCE 20.0 /* seconds until a spec that waits in vain fails */

static PrivateRedis *server;

/* A fetcher, its loop, and what it has delivered. */
typedef struct Worker {
    struct ev_loop *loop;
    FetchQueue queues[3];
    FetchOptions options;
    Fetch *fetch;
    GPtrArray *jobs;       /* texts, in the order of delivery */
    GPtrArray *from;       /* the queue of each */
    gboolean acknowledges; /* each job as it arrives */
    ev_timer tick;
} Worker;

static void on_deliver(const char *queue, const char *raw, gsize length, gpointer user_data)
{
    Worker *worker = user_data;
    g_ptr_array_add(worker->jobs, g_strndup(raw, length));
    g_ptr_array_add(worker->from, g_strdup(queue));
    if (worker->acknowledges)
        fetch_settle(worker->fetch, settlement_acknowledge(queue, raw, length));
}

static void on_tick(G_GNUC_UNUSED struct ev_loop *loop, G_GNUC_UNUSED ev_timer *timer,
                    G_GNUC_UNUSED int events)
{
}

static Worker *worker_new(const RedisSettings *settings, guint n_queues, gboolean strict)
{
    Worker *worker = g_new0(Worker, 1);
    worker->loop = ev_loop_new(EVFLAG_AUTO);
    ev_timer_init(&worker->tick, on_tick, 0.005, 0.005);
    ev_timer_start(worker->loop, &worker->tick);
    worker->jobs = g_ptr_array_new_with_free_func(g_free);
    worker->from = g_ptr_array_new_with_free_func(g_free);
    memcpy(worker->queues, (FetchQueue[]){{"a", 1}, {"b", 1}, {"c", 1}}, sizeof worker->queues);
    worker->options = (FetchOptions){.loop = worker->loop,
                                     .redis = settings,
                                     .identity = IDENTITY,
                                     .queues = worker->queues,
                                     .n_queues = n_queues,
                                     .strict = strict,
                                     .deliver = on_deliver,
                                     .user_data = worker};
    worker->fetch = fetch_new(&worker->options);
    return worker;
}

static Worker *start_worker(guint n_queues)
{
    return worker_new(private_redis_settings(server), n_queues, TRUE);
}

static void worker_free(Worker *worker)
{
    fetch_free(worker->fetch);
    ev_loop_destroy(worker->loop);
    g_ptr_array_unref(worker->jobs);
    g_ptr_array_unref(worker->from);
    g_free(worker);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Worker, worker_free)

/* Runs the loop until `condition` holds. */
#define RUN_UNTIL(worker, condition)                                                                         \
    do {                                                                                                     \
        gint64 deadline = g_get_monotonic_time() + (gint64)(PATIENCE * G_USEC_PER_SEC);                      \
        while (!(condition)) {                                                                               \
            if (g_get_monotonic_time() > deadline)                                                           \
                fail_msg("waited in vain for %s", #condition);                                               \
            ev_run((worker)->loop, EVRUN_ONCE);                                                              \
        }                                                                                                    \
    } while (0)

static void run_for(Worker *worker, double seconds)
{
    gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    while (g_get_monotonic_time() < end)
        ev_run(worker->loop, EVRUN_ONCE);
}

static gint64 length_of(const char *key)
{
    return private_redis_integer(server, "LLEN", key, NULL);
}

static gint64 working(const char *queue)
{
    g_autofree char *key = key_working_list(queue, IDENTITY);
    return length_of(key);
}

static gint64 blocked_clients(void)
{
    g_autofree char *info = private_redis_text(server, "INFO", "clients", NULL);
    return g_ascii_strtoll(strstr(info, "blocked_clients:") + strlen("blocked_clients:"), NULL, 10);
}

/* job1, job2, ... */
static void push_jobs(const char *queue, guint n)
{
    g_autofree char *key = key_queue(queue), *count = g_strdup_printf("%u", n);
    g_autoptr(redisReply) reply = private_redis_command(
        server, "EVAL", "for i = 1, ARGV[1] do redis.call('LPUSH', KEYS[1], 'job' .. i) end", "1", key, count,
        NULL);
}

static void push(const char *queue, const char *job)
{
    g_autofree char *key = key_queue(queue);
    private_redis_integer(server, "LPUSH", key, job, NULL);
}

static const char *job(const Worker *worker, guint index)
{
    assert_true(index < worker->jobs->len);
    return worker->jobs->pdata[index];
}

/* The jobs are job1, job2, ..., each once, in this order. */
static void assert_all_in_order(const Worker *worker, guint n)
{
    assert_int_equal(worker->jobs->len, n);
    for (guint i = 0; i < n; i++) {
        g_autofree char *expected = g_strdup_printf("job%u", i + 1);
        assert_string_equal(job(worker, i), expected);
    }
}

static void assert_each_once(const Worker *worker, guint n)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < worker->jobs->len; i++)
        if (!g_hash_table_add(seen, worker->jobs->pdata[i]))
            fail_msg("%s was delivered twice", job(worker, i));
    assert_int_equal(g_hash_table_size(seen), n);
}

/* The number of the fetcher's connection whose name ends with `suffix`. (transfer full) */
static char *client_id(const char *suffix)
{
    g_autofree char *list = private_redis_text(server, "CLIENT", "LIST", NULL);
    g_autofree char *name = g_strconcat("name=" IDENTITY, suffix, " ", NULL);
    g_auto(GStrv) lines = g_strsplit(list, "\n", -1);
    for (char **line = lines; *line; line++)
        if (strstr(*line, name))
            return g_strndup(*line + strlen("id="), strcspn(*line + strlen("id="), " "));
    fail_msg("no connection %s", name);
    return NULL;
}

static int prepare(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    g_autoptr(redisReply) scripts = private_redis_command(server, "SCRIPT", "FLUSH", NULL);
    return 0;
}

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(2, LOG_ERROR);
    server = private_redis_start("--appendonly", "yes", "--appendfsync", "always", NULL);
    return 0;
}

static void waiting_jobs_are_moved_in_order(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 5);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 10);
    RUN_UNTIL(worker, worker->jobs->len == 5);
    assert_all_in_order(worker, 5);
    assert_string_equal(worker->from->pdata[0], "a");
    assert_int_equal(length_of("queue:a"), 0);
    g_autofree char *key = key_working_list("a", IDENTITY);
    g_autofree char *oldest = private_redis_text(server, "LINDEX", key, "-1", NULL);
    assert_string_equal(oldest, "job1");
    assert_int_equal(working("a"), 5);
}

static void a_push_wakes_an_idle_worker(G_GNUC_UNUSED void **state)
{
    g_autoptr(Worker) worker = start_worker(2);
    fetch_grant(worker->fetch, 10);
    RUN_UNTIL(worker, blocked_clients() == 2);
    push("b", "woken\xff{");
    RUN_UNTIL(worker, worker->jobs->len == 1);
    assert_string_equal(job(worker, 0), "woken\xff{");
    assert_string_equal(worker->from->pdata[0], "b");
    assert_int_equal(working("b"), 1);
    RUN_UNTIL(worker, blocked_clients() == 2);
}

static void never_more_than_was_granted(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 10);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 3);
    RUN_UNTIL(worker, worker->jobs->len == 3);
    run_for(worker, 0.05);
    assert_int_equal(worker->jobs->len, 3);
    assert_int_equal(length_of("queue:a"), 7);
    fetch_grant(worker->fetch, 2);
    RUN_UNTIL(worker, worker->jobs->len == 5);
    run_for(worker, 0.05);
    assert_int_equal(worker->jobs->len, 5);
    assert_int_equal(working("a"), 5);
}

static void without_capacity_nothing_is_watched(G_GNUC_UNUSED void **state)
{
    g_autoptr(Worker) worker = start_worker(2);
    fetch_grant(worker->fetch, 1);
    RUN_UNTIL(worker, blocked_clients() == 2);
    fetch_grant(worker->fetch, 0);
    RUN_UNTIL(worker, blocked_clients() == 0);
    push("a", "for others");
    run_for(worker, 0.05);
    assert_int_equal(length_of("queue:a"), 1);
    fetch_grant(worker->fetch, 1);
    RUN_UNTIL(worker, worker->jobs->len == 1);
}

static void what_arrives_beyond_the_capacity_goes_back(G_GNUC_UNUSED void **state)
{
    g_autoptr(Worker) worker = start_worker(2);
    fetch_grant(worker->fetch, 1);
    RUN_UNTIL(worker, blocked_clients() == 2);
    g_autoptr(redisReply) reply = private_redis_command(
        server, "EVAL", "for i = 1, 2 do for q = 1, 2 do redis.call('LPUSH', KEYS[q], KEYS[q] .. i) end end",
        "2", "queue:a", "queue:b", NULL);
    RUN_UNTIL(worker, length_of("queue:a") + length_of("queue:b") == 3);
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0 && working("a") + working("b") == 1);
    assert_int_equal(worker->jobs->len, 1);
    worker->acknowledges = TRUE;
    fetch_grant(worker->fetch, 3);
    RUN_UNTIL(worker, worker->jobs->len == 4);
    assert_each_once(worker, 4);
    for (const char *const *name = (const char *const[]){"a", "b", NULL}; *name; name++) {
        guint seen = 0;
        for (guint i = 0; i < 4; i++)
            if (g_str_equal(worker->from->pdata[i], *name)) {
                g_autofree char *expected = g_strdup_printf("queue:%s%u", *name, ++seen);
                assert_string_equal(job(worker, i), expected);
            }
    }
}

static void strict_queues_are_emptied_one_after_the_other(G_GNUC_UNUSED void **state)
{
    push_jobs("c", 2);
    push_jobs("b", 2);
    push_jobs("a", 2);
    g_autoptr(Worker) worker = start_worker(3);
    fetch_grant(worker->fetch, 5);
    RUN_UNTIL(worker, worker->jobs->len == 5);
    const char *const expected[] = {"a", "a", "b", "b", "c"};
    for (guint i = 0; i < 5; i++)
        assert_string_equal(worker->from->pdata[i], expected[i]);
    assert_int_equal(length_of("queue:c"), 1);
}

static void weighted_queues_are_all_emptied(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 300);
    push_jobs("b", 300);
    g_autoptr(Worker) worker = worker_new(private_redis_settings(server), 3, FALSE);
    worker->queues[0].weight = 3;
    worker->acknowledges = TRUE;
    gboolean other_first = FALSE;
    for (guint i = 0; i < 600; i++) {
        fetch_grant(worker->fetch, 1);
        RUN_UNTIL(worker, worker->jobs->len == i + 1);
        other_first = other_first || (i < 100 && g_str_equal(worker->from->pdata[i], "b"));
    }
    assert_true(other_first);
    assert_int_equal(length_of("queue:a") + length_of("queue:b"), 0);
}

static void settlements_are_carried_out(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 4);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 4);
    RUN_UNTIL(worker, worker->jobs->len == 4);
    fetch_settle(worker->fetch, settlement_acknowledge("a", "job1", 4));
    fetch_settle(worker->fetch, settlement_retry("a", "job2", 4, 1, "later"));
    fetch_settle(worker->fetch, settlement_dead("a", "job3", 4, NULL));
    assert_int_equal(fetch_unsettled(worker->fetch), 3);
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0);
    assert_int_equal(working("a"), 1);
    assert_int_equal(private_redis_integer(server, "ZCARD", "retry", NULL), 1);
    assert_int_equal(private_redis_integer(server, "ZCARD", "dead", NULL), 1);
}

static void forgotten_scripts_are_loaded_again(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 4);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 2);
    RUN_UNTIL(worker, worker->jobs->len == 2);
    prepare(NULL);
    push_jobs("a", 4);
    g_autofree char *key = key_working_list("a", IDENTITY);
    private_redis_integer(server, "LPUSH", key, "job1", "job2", NULL);
    fetch_settle(worker->fetch, settlement_retry("a", "job1", 4, 1, "later"));
    fetch_settle(worker->fetch, settlement_retry("a", "job2", 4, 2, "later still"));
    fetch_grant(worker->fetch, 4);
    RUN_UNTIL(worker, worker->jobs->len == 6 && fetch_unsettled(worker->fetch) == 0);
    assert_int_equal(private_redis_integer(server, "ZCARD", "retry", NULL), 2);
    assert_int_equal(working("a"), 4);
}

/* Time will not cure it: the others go on, and the job waits in the working list for the next process. */
static void a_refused_settlement_holds_up_nobody(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 2);
    g_autoptr(redisReply) wrong = private_redis_command(server, "SET", "retry", "not a sorted set", NULL);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 2);
    RUN_UNTIL(worker, worker->jobs->len == 2);
    log_configure(2, LOG_FATAL);
    fetch_settle(worker->fetch, settlement_retry("a", "job1", 4, 1, "later"));
    fetch_settle(worker->fetch, settlement_acknowledge("a", "job2", 4));
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0);
    log_configure(2, LOG_ERROR);
    g_autofree char *key = key_working_list("a", IDENTITY);
    assert_int_equal(working("a"), 1);
    assert_text(private_redis_text(server, "LINDEX", key, "0", NULL), "job1");
}

static void many_jobs_are_drained(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 20000);
    g_autoptr(Worker) worker = start_worker(2);
    worker->acknowledges = TRUE;
    while (worker->jobs->len < 20000) {
        guint before = worker->jobs->len;
        fetch_grant(worker->fetch, 700);
        RUN_UNTIL(worker, worker->jobs->len > before);
    }
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0);
    assert_all_in_order(worker, 20000);
    assert_int_equal(working("a"), 0);
}

static void quiet_takes_nothing_more_and_jobs_go_back_in_order(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 6);
    g_autoptr(Worker) worker = start_worker(2);
    fetch_grant(worker->fetch, 4);
    RUN_UNTIL(worker, worker->jobs->len == 4);
    fetch_quiet(worker->fetch);
    for (guint i = 4; i > 0; i--)
        fetch_settle(worker->fetch, settlement_requeue("a", job(worker, i - 1), 4, TRUE));
    RUN_UNTIL(worker, fetch_finished(worker->fetch));
    assert_int_equal(blocked_clients(), 0);
    assert_int_equal(working("a"), 0);
    g_autoptr(redisReply) queue = private_redis_command(server, "LRANGE", "queue:a", "0", "-1", NULL);
    assert_int_equal(queue->elements, 6);
    for (guint i = 0; i < 6; i++) {
        g_autofree char *expected = g_strdup_printf("job%u", 6 - i);
        assert_string_equal(queue->element[i]->str, expected);
    }
}

static void quiet_ends_the_watches(G_GNUC_UNUSED void **state)
{
    g_autoptr(Worker) worker = start_worker(3);
    fetch_grant(worker->fetch, 4);
    RUN_UNTIL(worker, blocked_clients() == 3);
    fetch_quiet(worker->fetch);
    RUN_UNTIL(worker, fetch_finished(worker->fetch));
    assert_int_equal(blocked_clients(), 0);
    push("a", "for others");
    run_for(worker, 0.05);
    assert_int_equal(length_of("queue:a"), 1);
}

/* Both in one read of the server: it moves the job for the waiting BLMOVE and closes that connection before
 * it has written the answer. */
static void a_job_whose_arrival_was_lost_is_found(G_GNUC_UNUSED void **state)
{
    g_autoptr(Worker) worker = start_worker(2);
    fetch_grant(worker->fetch, 10);
    RUN_UNTIL(worker, blocked_clients() == 2);
    g_autofree char *watch = client_id(":watch:a");
    g_autoptr(Redis) other = private_redis_connect(server);
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, redis_command_new("LPUSH", "queue:a", "lost", NULL));
    g_ptr_array_add(commands, redis_command_new("CLIENT", "KILL", "ID", watch, NULL));
    g_autoptr(GPtrArray) replies = redis_pipeline(other, commands, NULL);
    assert_non_null(replies);
    assert_int_equal(working("a"), 1);

    RUN_UNTIL(worker, worker->jobs->len == 1);
    assert_string_equal(job(worker, 0), "lost");
    RUN_UNTIL(worker, blocked_clients() == 2);
    assert_int_equal(worker->jobs->len, 1);
}

/* The server wakes up with a command of the fetcher and the order to close its connection both waiting. */
static gpointer resume_server(gpointer data)
{
    g_usleep(200000);
    kill(GPOINTER_TO_INT(data), SIGCONT);
    return NULL;
}

static void lose_answer_of_commands(Worker *worker)
{
    g_autofree char *info = private_redis_text(server, "INFO", "server", NULL);
    g_autofree char *commands = client_id(":fetch");
    int pid = atoi(strstr(info, "process_id:") + strlen("process_id:"));
    g_autoptr(Redis) other = private_redis_connect(server);
    g_autoptr(redisReply) ping = redis_call(other, NULL, "PING", NULL);
    g_usleep(20000); /* the server waits for events again */

    kill(pid, SIGSTOP);
    run_for(worker, 0.05); /* the fetcher writes its commands */
    g_autoptr(GThread) thread = g_thread_new("resume", resume_server, GINT_TO_POINTER(pid));
    g_autoptr(redisReply) killed = redis_call(other, NULL, "CLIENT", "KILL", "ID", commands, NULL);
    assert_non_null(killed);
    g_thread_join(g_steal_pointer(&thread));
}

static void jobs_whose_batch_was_lost_are_found(G_GNUC_UNUSED void **state)
{
    g_autoptr(Worker) worker = start_worker(1);
    RUN_UNTIL(worker, fetch_connected(worker->fetch));
    run_for(worker, 0.05);
    push_jobs("a", 300);
    fetch_grant(worker->fetch, 200);
    lose_answer_of_commands(worker);
    RUN_UNTIL(worker, worker->jobs->len == 200);
    run_for(worker, 0.1);
    assert_all_in_order(worker, 200);
    assert_int_equal(working("a"), 200);
    assert_int_equal(length_of("queue:a"), 100);
}

static void settlements_whose_answer_was_lost_have_one_effect(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 100);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 100);
    RUN_UNTIL(worker, worker->jobs->len == 100);
    for (guint i = 0; i < 100; i++)
        fetch_settle(worker->fetch,
                     settlement_push_back("a", job(worker, i), strlen(job(worker, i)), "again"));
    lose_answer_of_commands(worker);
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0);
    run_for(worker, 0.1);
    assert_int_equal(worker->jobs->len, 100);
    assert_int_equal(length_of("queue:a"), 100);
    assert_int_equal(working("a"), 0);
}

/* Each job is delivered once, because everything that the server had done was on its disk. */
static void nothing_is_lost_with_the_server(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 3000);
    g_autoptr(Worker) worker = start_worker(2);
    worker->acknowledges = TRUE;
    guint kills = 0;
    while (worker->jobs->len < 3000) {
        guint before = worker->jobs->len;
        fetch_grant(worker->fetch, 100);
        if (before >= 500 * (kills + 1)) {
            ev_run(worker->loop, EVRUN_NOWAIT);
            private_redis_kill(server);
            run_for(worker, 0.02);
            private_redis_restart(server);
            kills++;
        }
        RUN_UNTIL(worker, worker->jobs->len > before);
    }
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0);
    assert_true(kills >= 3);
    run_for(worker, 0.1);
    assert_each_once(worker, 3000);
    assert_int_equal(length_of("queue:a"), 0);
    assert_int_equal(working("a"), 0);
}

static void equal_jobs_are_different_jobs(G_GNUC_UNUSED void **state)
{
    for (int i = 0; i < 3; i++)
        push("a", "same");
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 2);
    RUN_UNTIL(worker, worker->jobs->len == 2);
    g_autofree char *key = key_working_list("a", IDENTITY);
    private_redis_integer(server, "LPUSH", key, "same", NULL); /* as if moved while the answer was lost */
    fetch_grant(worker->fetch, 1);
    RUN_UNTIL(worker, worker->jobs->len == 3);
    fetch_grant(worker->fetch, 5);
    g_autofree char *commands = client_id(":fetch");
    private_redis_integer(server, "CLIENT", "KILL", "ID", commands, NULL);
    RUN_UNTIL(worker, worker->jobs->len == 4);
    run_for(worker, 0.1);
    assert_int_equal(worker->jobs->len, 4);
}

static void a_demoted_server_is_an_outage(G_GNUC_UNUSED void **state)
{
    push_jobs("a", 4);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 2);
    RUN_UNTIL(worker, worker->jobs->len == 2);
    g_autoptr(redisReply) demoted = private_redis_command(server, "REPLICAOF", "127.0.0.1", "1", NULL);
    fetch_settle(worker->fetch, settlement_acknowledge("a", "job1", 4));
    fetch_settle(worker->fetch, settlement_retry("a", "job2", 4, 1, "later"));
    fetch_grant(worker->fetch, 2);
    run_for(worker, 0.3);
    assert_int_equal(fetch_unsettled(worker->fetch), 2);
    g_autoptr(redisReply) promoted = private_redis_command(server, "REPLICAOF", "NO", "ONE", NULL);
    RUN_UNTIL(worker, fetch_unsettled(worker->fetch) == 0 && worker->jobs->len == 4);
    assert_each_once(worker, 4);
    assert_int_equal(working("a"), 2);
}

static void logs_in_and_selects_the_database(G_GNUC_UNUSED void **state)
{
    g_autoptr(redisReply) user =
        private_redis_command(server, "ACL", "SETUSER", "worker", "on", ">s3cret", "~*", "&*", "+@all", NULL);
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_clear_pointer(&settings->host, g_free);
    settings->path = g_strdup(private_redis_socket(server));
    settings->username = g_strdup("worker");
    settings->password = g_strdup("s3cret");
    settings->db = 3;
    g_autoptr(Redis) other = redis_new(settings);
    g_autoptr(redisReply) pushed = redis_call(other, NULL, "LPUSH", "queue:a", "job1", NULL);
    assert_non_null(pushed);
    g_autoptr(Worker) worker = worker_new(settings, 1, TRUE);
    fetch_grant(worker->fetch, 2);
    RUN_UNTIL(worker, worker->jobs->len == 1);
}

/* Without CLIENT, watches end by their timeout only. */
static void needs_no_administration_rights(G_GNUC_UNUSED void **state)
{
    g_autoptr(redisReply) user = private_redis_command(server, "ACL", "SETUSER", "narrow", "on", ">s3cret",
                                                       "~*", "&*", "+@all", "-@admin", "-client", NULL);
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_clear_pointer(&settings->host, g_free);
    settings->path = g_strdup(private_redis_socket(server));
    settings->username = g_strdup("narrow");
    settings->password = g_strdup("s3cret");
    g_autoptr(Worker) worker = worker_new(settings, 2, TRUE);
    fetch_grant(worker->fetch, 1);
    RUN_UNTIL(worker, blocked_clients() == 2);
    push("b", "one");
    RUN_UNTIL(worker, worker->jobs->len == 1);
    push("a", "two");
    RUN_UNTIL(worker, length_of("queue:a") == 1 && fetch_unsettled(worker->fetch) == 0);
    fetch_grant(worker->fetch, 1);
    RUN_UNTIL(worker, worker->jobs->len == 2);
}

static void a_missing_server_is_waited_for(G_GNUC_UNUSED void **state)
{
    private_redis_kill(server);
    g_autoptr(Worker) worker = start_worker(1);
    fetch_grant(worker->fetch, 1);
    run_for(worker, 0.3);
    assert_false(fetch_connected(worker->fetch));
    private_redis_restart(server);
    push("a", "job1");
    RUN_UNTIL(worker, worker->jobs->len == 1);
    assert_true(fetch_connected(worker->fetch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(waiting_jobs_are_moved_in_order, prepare),
        cmocka_unit_test_setup(a_push_wakes_an_idle_worker, prepare),
        cmocka_unit_test_setup(never_more_than_was_granted, prepare),
        cmocka_unit_test_setup(without_capacity_nothing_is_watched, prepare),
        cmocka_unit_test_setup(what_arrives_beyond_the_capacity_goes_back, prepare),
        cmocka_unit_test_setup(strict_queues_are_emptied_one_after_the_other, prepare),
        cmocka_unit_test_setup(weighted_queues_are_all_emptied, prepare),
        cmocka_unit_test_setup(settlements_are_carried_out, prepare),
        cmocka_unit_test_setup(forgotten_scripts_are_loaded_again, prepare),
        cmocka_unit_test_setup(a_refused_settlement_holds_up_nobody, prepare),
        cmocka_unit_test_setup(many_jobs_are_drained, prepare),
        cmocka_unit_test_setup(quiet_takes_nothing_more_and_jobs_go_back_in_order, prepare),
        cmocka_unit_test_setup(quiet_ends_the_watches, prepare),
        cmocka_unit_test_setup(a_job_whose_arrival_was_lost_is_found, prepare),
        cmocka_unit_test_setup(jobs_whose_batch_was_lost_are_found, prepare),
        cmocka_unit_test_setup(settlements_whose_answer_was_lost_have_one_effect, prepare),
        cmocka_unit_test_setup(nothing_is_lost_with_the_server, prepare),
        cmocka_unit_test_setup(equal_jobs_are_different_jobs, prepare),
        cmocka_unit_test_setup(a_demoted_server_is_an_outage, prepare),
        cmocka_unit_test_setup(logs_in_and_selects_the_database, prepare),
        cmocka_unit_test_setup(needs_no_administration_rights, prepare),
        cmocka_unit_test_setup(a_missing_server_is_waited_for, prepare),
    };
    return cmocka_run_group_tests_name("fetch", tests, start_server, NULL);
}
