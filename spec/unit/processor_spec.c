#include "worker/processor.h"

#include "protocol/json.h"
#include "protocol/log.h"
#include "protocol/worker_router.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

#define QUEUE    "work"
#define FALLBACK "default"

static PrivateRedis *server;
static WorkerRegistry *registry;
static Manager *manager;
static Processor *processor;
static WorkOptions work;
static Configuration configuration;
static ProcessorOptions options;
static gint stopping;
static guint exhausted;

/* --- classes --- */

/* What a handler sees. */
static char *seen;

static gboolean perform_see(Session *session, const Job *job, G_GNUC_UNUSED GError **error)
{
    g_free(seen);
    g_autofree char *args = json_dump(job->args);
    seen = g_strdup_printf("%s %s %s", session->worker->name, session->job->jid, args);
    return TRUE;
}

static gboolean perform_fail(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job, GError **error)
{
    g_set_error_literal(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "no luck");
    return FALSE;
}

static gboolean perform_hand_over(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                                  GError **error)
{
    g_set_error_literal(error, JOB_ERROR, JOB_ERROR_HAND_OVER, "for Ruby");
    return FALSE;
}

static gboolean perform_interrupted(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                                    GError **error)
{
    g_set_error_literal(error, JOB_ERROR, JOB_ERROR_INTERRUPTED, "stopping");
    return FALSE;
}

/* The batches so far, by their jobs' second arguments: "abc de ". */
static GString *batches;

/* A job whose second argument is "fail" fails, "stop" is interrupted, "ruby" handed over. */
static void perform_batch(Session *session, BatchJob *jobs, guint n_jobs)
{
    assert_null(session->job);
    assert_true(session->worker->perform_batch == perform_batch);
    for (guint i = 0; i < n_jobs; i++) {
        const char *text = json_string_value(json_array_get(jobs[i].job->args, 1));
        session_begin_job(session, jobs[i].job);
        g_string_append(batches, text);
        if (g_str_equal(text, "fail"))
            perform_fail(session, jobs[i].job, &jobs[i].error);
        if (g_str_equal(text, "stop"))
            perform_interrupted(session, jobs[i].job, &jobs[i].error);
        if (g_str_equal(text, "ruby"))
            perform_hand_over(session, jobs[i].job, &jobs[i].error);
    }
    g_string_append_c(batches, ' ');
}

/* The same for one: "[a]". A job whose argument is "term" stops the process; "slow" takes its time. */
static gboolean perform_alone(Session *session, const Job *job, G_GNUC_UNUSED GError **error)
{
    const char *text = json_string_value(json_array_get(job->args, 1));
    assert_ptr_equal(session->job, job);
    g_string_append_printf(batches, "[%s]", text);
    if (g_str_equal(text, "term"))
        g_atomic_int_set(&stopping, 1);
    if (g_str_equal(text, "slow"))
        g_usleep(G_USEC_PER_SEC / 4);
    return TRUE;
}

static void count_exhausted(Session *session, const Job *job, const GError *last_error)
{
    assert_ptr_equal(session->job, job);
    assert_string_equal(last_error->message, "no luck");
    exhausted++;
}

/* The cookie at the time of perform: "1" while it is there. */
static gboolean perform_look_at_cookie(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                                       G_GNUC_UNUSED GError **error)
{
    g_free(seen);
    seen = g_strdup_printf("%d",
                           (int)private_redis_integer(server, "EXISTS", "resque:gitlab:k:cookie:v2", NULL));
    return TRUE;
}

#define CLASS(class_name, function, ...)                                                                     \
    {                                                                                                        \
        .name = (class_name), .retry = 25, .dead = TRUE, .perform = (function), __VA_ARGS__                  \
    }

static const WorkerClass CLASSES[] = {
    CLASS("See", perform_see),
    CLASS("Fail", perform_fail, .retries_exhausted = count_exhausted),
    CLASS("HandOver", perform_hand_over),
    CLASS("Interrupted", perform_interrupted),
    CLASS("UntilExecuting", perform_look_at_cookie),
    CLASS("UntilExecuted", perform_look_at_cookie, .deduplicate = DEDUPLICATE_UNTIL_EXECUTED,
          .reschedule_once = TRUE),
    CLASS("Batch", perform_alone, .perform_batch = perform_batch, .retries_exhausted = count_exhausted),
    CLASS("Download", perform_alone, .perform_batch = perform_batch, .downloads = TRUE),
    CLASS("OnlyRuby", NULL),
    {.name = NULL},
};

/* --- set up --- */

static void ignore_wake(G_GNUC_UNUSED gpointer user_data)
{
}

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    server = private_redis_start(NULL, NULL);
    const WorkerClass *const tables[] = {CLASSES};
    registry = worker_registry_new(tables, 1);
    return 0;
}

static int stop_server(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    g_free(seen);
    return 0;
}

static int open_processor(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    exhausted = 0;
    g_atomic_int_set(&stopping, 0);
    const FetchQueue queue = {.name = QUEUE, .weight = 1};
    work = (WorkOptions){.queues = g_array_new(FALSE, FALSE, sizeof(FetchQueue))};
    g_array_append_val(work.queues, queue);
    configuration = (Configuration){
        .fallback_queue = (char *)FALLBACK,
        .router = worker_router_new(NULL, NULL),
    };
    for (RedisStore store = 0; store < REDIS_STORES; store++)
        configuration.redis[store] = (RedisSettings *)private_redis_settings(server);
    manager = manager_new(1, ignore_wake, NULL);
    batches = g_string_new(NULL);
    options = (ProcessorOptions){
        .manager = manager,
        .work = &work,
        .configuration = &configuration,
        .registry = registry,
        .stopping = &stopping,
    };
    processor = processor_new(&options, 0);
    return 0;
}

static int close_processor(G_GNUC_UNUSED void **state)
{
    processor_free(processor);
    manager_free(manager);
    g_string_free(batches, TRUE);
    worker_router_free(configuration.router);
    g_array_unref(work.queues);
    return 0;
}

/* The executor's first job and what it takes to go with it. Array of Outcome, valid until the next call. */
static GArray *process_waiting(void)
{
    manager_hand_over(manager);
    processor_process(processor, manager_next(manager, 0));
    return manager_collect(manager, FALSE);
}

/* The outcome of one job. */
static Outcome process(const char *raw)
{
    manager_deliver(manager, QUEUE, raw, strlen(raw));
    GArray *outcomes = process_waiting();
    assert_int_equal(outcomes->len, 1);
    return g_array_index(outcomes, Outcome, 0);
}

/* The words of the settlement's command, without script and keys' count. */
static char *settlement_text(const Outcome *outcome)
{
    SettlementWords words;
    settlement_words(outcome->settlement, "working", &words);
    GString *text = g_string_new(NULL);
    for (int i = 0; i < words.count; i++) {
        g_string_append_len(text, words.words[i], (gssize)words.lengths[i]);
        g_string_append_c(text, ' ');
    }
    return g_string_free(text, FALSE);
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

/* One job; the settlement has `part`, and the counters are as told. */
static void assert_settled(const char *raw, const char *part, gboolean processed, gboolean failed)
{
    Outcome outcome = process(raw);
    g_autofree char *text = settlement_text(&outcome);
    assert_contains(text, part);
    assert_int_equal(outcome.processed, processed);
    assert_int_equal(outcome.failed, failed);
    outcome_clear(&outcome);
}

/* --- tests --- */

static void performs_with_its_session_and_acknowledges(G_GNUC_UNUSED void **state)
{
    Outcome outcome = process("{\"class\":\"See\",\"args\":[1,\"a\"],\"jid\":\"j1\"}");
    g_autofree char *text = settlement_text(&outcome);
    assert_string_equal(seen, "See j1 [1,\"a\"]");
    assert_contains(text, "LREM working");
    assert_string_equal(outcome.status_key, "gitlab-sidekiq-status:j1");
    assert_true(outcome.processed && !outcome.failed);
    outcome_clear(&outcome);
}

static void a_job_without_jid_has_no_status_key(G_GNUC_UNUSED void **state)
{
    Outcome outcome = process("{\"class\":\"See\",\"args\":[]}");
    assert_null(outcome.status_key);
    outcome_clear(&outcome);
}

static void malformed_payloads_are_dead_and_not_counted(G_GNUC_UNUSED void **state)
{
    assert_settled("not json", " dead not json bury not json ", FALSE, FALSE);
    assert_settled("{\"class\":\"See\"}", " dead ", FALSE, FALSE);
}

static void what_only_ruby_reads_is_handed_over_as_it_is(G_GNUC_UNUSED void **state)
{
    const char *raw = "{\"class\":\"See\",\"args\":[123456789012345678901234567890]}";
    g_autofree char *expected = g_strdup_printf(" queue:default queues %s push_to %s default ", raw, raw);
    assert_settled(raw, expected, FALSE, FALSE);
}

static void failures_are_retried(G_GNUC_UNUSED void **state)
{
    const char *raw = "{\"class\":\"Fail\",\"args\":[],\"retry\":2}";
    assert_settled(raw, " retry ", TRUE, TRUE);
    assert_settled(raw, "\"error_message\":\"no luck\",\"error_class\":\"ArgumentError\"", TRUE, TRUE);
    assert_int_equal(exhausted, 0);
}

static void exhausted_jobs_die_after_their_hook(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Fail\",\"args\":[],\"retry\":2,\"retry_count\":1}", " dead ", TRUE, TRUE);
    assert_int_equal(exhausted, 1);
}

static void exhausted_jobs_that_want_no_dead_set_vanish(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Fail\",\"args\":[],\"retry\":0,\"dead\":false}", "LREM working", TRUE, TRUE);
    assert_int_equal(exhausted, 1);
}

static void failures_without_retry_vanish_without_the_hook(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Fail\",\"args\":[],\"retry\":false}", "LREM working", TRUE, TRUE);
    assert_int_equal(exhausted, 0);
}

static void corrupt_arguments_are_a_failure(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"See\",\"args\":[\"x\"],\"compressed\":true}", " retry ", TRUE, TRUE);
}

static void interrupted_jobs_go_back(G_GNUC_UNUSED void **state)
{
    assert_settled("{\"class\":\"Interrupted\",\"args\":[]}", "\"interrupted_count\":1", TRUE, TRUE);
    assert_settled("{\"class\":\"Interrupted\",\"args\":[],\"interrupted_count\":2}", " interrupted ", TRUE,
                   TRUE);
}

static void unknown_classes_follow_the_policy(G_GNUC_UNUSED void **state)
{
    const char *raw = "{\"class\":\"Unknown\",\"args\":[],\"queue\":\"work\"}";
    assert_settled(raw, "\"queue\":\"default\"", FALSE, FALSE);
    work.unknown = UNKNOWN_DEAD;
    assert_settled(raw, " dead ", FALSE, FALSE);
    work.unknown = UNKNOWN_FAIL;
    assert_settled(raw, "\"error_class\":\"NameError\"", TRUE, TRUE);
}

static void ruby_gets_its_classes_whatever_the_policy(G_GNUC_UNUSED void **state)
{
    work.unknown = UNKNOWN_DEAD;
    assert_settled("{\"class\":\"OnlyRuby\",\"args\":[]}", " queue:default ", FALSE, FALSE);
    assert_settled("{\"class\":\"HandOver\",\"args\":[]}", " queue:default ", FALSE, FALSE);
}

static void nothing_is_handed_over_to_a_queue_of_ours(G_GNUC_UNUSED void **state)
{
    close_processor(NULL);
    open_processor(NULL);
    configuration.fallback_queue = (char *)QUEUE;
    processor_free(processor);
    processor = processor_new(&options, 0);
    assert_settled("{\"class\":\"HandOver\",\"args\":[]}", " retry ", TRUE, TRUE);
    assert_settled("{\"class\":\"Unknown\",\"args\":[]}", " retry ", TRUE, TRUE);
}

static void set_cookie(void)
{
    redis_reply_free(private_redis_command(server, "SET", "resque:gitlab:k:cookie:v2", "x", NULL));
}

static void the_cookie_goes_when_the_strategy_says(G_GNUC_UNUSED void **state)
{
    set_cookie();
    assert_settled("{\"class\":\"UntilExecuting\",\"args\":[],\"idempotency_key\":\"k\"}", "LREM", TRUE,
                   FALSE);
    assert_string_equal(seen, "0");

    set_cookie();
    assert_settled("{\"class\":\"UntilExecuted\",\"args\":[],\"idempotency_key\":\"k\"}", "LREM", TRUE,
                   FALSE);
    assert_string_equal(seen, "1");
    assert_int_equal(private_redis_integer(server, "EXISTS", "resque:gitlab:k:cookie:v2", NULL), 0);
}

static void a_dropped_duplicate_is_made_up_for_by_one_more_run(G_GNUC_UNUSED void **state)
{
    redis_reply_free(private_redis_command(server, "SET", "k:checking_duplicate", "1", NULL));
    assert_settled("{\"class\":\"UntilExecuted\",\"args\":[7],\"jid\":\"j\",\"idempotency_key\":\"k\"}",
                   "LREM", TRUE, FALSE);
    g_autofree char *again = private_redis_text(server, "LINDEX", "queue:default", "0", NULL);
    assert_non_null(again);
    assert_contains(again, "\"args\":[7]");
    assert_contains(again, "\"rescheduled_once\":true");
}

static void a_job_is_not_started_when_redis_is_away_and_the_process_stops(G_GNUC_UNUSED void **state)
{
    private_redis_kill(server);
    g_atomic_int_set(&stopping, 1);
    g_clear_pointer(&seen, g_free);
    assert_settled("{\"class\":\"UntilExecuting\",\"args\":[],\"idempotency_key\":\"k\"}", " return ", FALSE,
                   FALSE);
    assert_null(seen);
    private_redis_restart(server);
}

static gpointer process_with_cookie(G_GNUC_UNUSED gpointer data)
{
    assert_settled("{\"class\":\"See\",\"args\":[],\"jid\":\"j\",\"idempotency_key\":\"k\"}", "LREM", TRUE,
                   FALSE);
    return NULL;
}

static void a_job_waits_for_redis_before_it_starts(G_GNUC_UNUSED void **state)
{
    g_clear_pointer(&seen, g_free);
    private_redis_kill(server);
    GThread *processing = g_thread_new("processing", process_with_cookie, NULL);
    g_usleep(200000);
    private_redis_restart(server);
    g_thread_join(processing);
    assert_string_equal(seen, "See j []");
}

/* --- batches --- */

static void deliver(const char *raw)
{
    manager_deliver(manager, QUEUE, raw, strlen(raw));
}

/* A job of project `project` whose jid and second argument are `text`; `more` goes on with the payload. */
static void deliver_batch_job(int project, const char *text, const char *more)
{
    g_autofree char *raw = g_strdup_printf(
        "{\"retry\":2,\"args\":[%d,\"%s\"],\"class\":\"Batch\",\"jid\":\"%s\"%s}", project, text, text, more);
    deliver(raw);
}

/* Outcomes in order; each settlement has the next of the parts. */
static void assert_all_settled(GArray *outcomes, const char *first, ...)
{
    va_list parts;
    guint n = 0;
    va_start(parts, first);
    for (const char *part = first; part; part = va_arg(parts, const char *), n++) {
        assert_true(n < outcomes->len);
        Outcome *outcome = &g_array_index(outcomes, Outcome, n);
        g_autofree char *text = settlement_text(outcome);
        assert_contains(text, part);
        outcome_clear(outcome);
    }
    va_end(parts);
    assert_int_equal(outcomes->len, n);
}

static void jobs_of_a_project_are_performed_together(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    deliver_batch_job(1, "b", "");
    deliver_batch_job(1, "c", "");
    GArray *outcomes = process_waiting();
    assert_string_equal(batches->str, "abc ");
    assert_string_equal(g_array_index(outcomes, Outcome, 1).status_key, "gitlab-sidekiq-status:b");
    assert_true(g_array_index(outcomes, Outcome, 2).processed);
    assert_false(g_array_index(outcomes, Outcome, 2).failed);
    assert_all_settled(outcomes, "LREM working", "LREM working", "LREM working", NULL);
}

static void each_project_has_a_batch_of_its_own(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    deliver_batch_job(2, "x", "");
    deliver_batch_job(1, "b", "");
    deliver_batch_job(3, "alone", "");
    deliver_batch_job(2, "y", "");
    assert_all_settled(process_waiting(), "\"jid\":\"a\"", "\"jid\":\"b\"", "\"jid\":\"x\"", "\"jid\":\"y\"",
                       "\"jid\":\"alone\"", NULL);
    assert_string_equal(batches->str, "ab xy [alone]");
}

static void a_job_that_waits_alone_is_performed_alone(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    assert_all_settled(process_waiting(), "LREM working", NULL);
    assert_string_equal(batches->str, "[a]");
}

static void deliver_download(const char *text)
{
    g_autofree char *raw = g_strdup_printf(
        "{\"retry\":2,\"args\":[1,\"%s\"],\"class\":\"Download\",\"jid\":\"%s\"}", text, text);
    deliver(raw);
}

static void clear_outcomes(GArray *outcomes)
{
    for (guint i = 0; i < outcomes->len; i++)
        outcome_clear(&g_array_index(outcomes, Outcome, i));
}

/* Others could begin them now: an executor that waits for a slow server would keep them waiting, too. */
static void downloads_are_not_taken_together_while_they_are_slow_or_nobody_knows(G_GNUC_UNUSED void **state)
{
    deliver_download("slow");
    deliver_download("a");
    deliver_download("b");
    clear_outcomes(process_waiting());
    assert_string_equal(batches->str, "[slow]");
    clear_outcomes(process_waiting());
    assert_string_equal(batches->str, "[slow][a]");
    assert_int_equal(manager_in_flight(manager), 1);
}

/* A job is quick in one of the attempts, however busy the machine is. */
static void quick_downloads_are_performed_together(G_GNUC_UNUSED void **state)
{
    while (!strstr(batches->str, "ab ")) {
        deliver_download("x");
        deliver_download("a");
        deliver_download("b");
        while (manager_in_flight(manager) > 0)
            clear_outcomes(process_waiting());
    }
}

static void a_batch_has_an_upper_bound(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < WORKER_BATCH_MAX + 1; i++)
        deliver_batch_job(1, "a", "");
    GArray *outcomes = process_waiting();
    assert_int_equal(outcomes->len, WORKER_BATCH_MAX);
    clear_outcomes(outcomes);
    assert_int_equal(batches->len, WORKER_BATCH_MAX + 1);
    assert_int_equal(manager_in_flight(manager), 1);
}

static void the_guilty_job_of_a_batch_fails_alone(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    deliver_batch_job(1, "fail", "");
    deliver_batch_job(1, "b", "");
    GArray *outcomes = process_waiting();
    assert_false(g_array_index(outcomes, Outcome, 0).failed);
    assert_true(g_array_index(outcomes, Outcome, 1).failed);
    assert_null(g_array_index(outcomes, Outcome, 1).status_key);
    assert_false(g_array_index(outcomes, Outcome, 2).failed);
    assert_all_settled(outcomes, "LREM working", "\"error_message\":\"no luck\"", "LREM working", NULL);
}

static void each_job_of_a_batch_has_its_own_fate(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "stop", "");
    deliver_batch_job(1, "ruby", "");
    deliver_batch_job(1, "fail", ",\"retry_count\":1");
    deliver_batch_job(1, "a", "");
    assert_all_settled(process_waiting(), "\"interrupted_count\":1", " queue:default ", " dead ",
                       "LREM working", NULL);
    assert_string_equal(batches->str, "stoprubyfaila ");
    assert_int_equal(exhausted, 1);
}

static void a_job_that_was_interrupted_before_is_performed_alone(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    deliver_batch_job(1, "killer", ",\"interrupted_count\":1");
    deliver_batch_job(1, "b", "");
    assert_all_settled(process_waiting(), "LREM working", "LREM working", NULL);
    assert_all_settled(process_waiting(), "\"jid\":\"killer\"", NULL);
    assert_string_equal(batches->str, "ab [killer]");
}

/* Their bytes say the batch's class somewhere. */
static void what_does_not_belong_to_the_batch_has_its_own_fate(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    deliver("{\"args\":[1,{\"class\":\"Batch\"}],\"class\":\"Unknown\"}");
    deliver("{\"args\":[1,{\"class\":\"Batch\"}],\"class\":\"See\",\"jid\":\"s\"}");
    deliver("{\"class\":\"Batch\" malformed");
    deliver("{\"class\":\"Batch\",\"args\":[1,12345678901234567890123]}");
    deliver("{\"class\":\"Batch\",\"args\":[\"x\"],\"compressed\":true,\"jid\":\"corrupt\"}");
    deliver_batch_job(1, "b", "");
    assert_all_settled(process_waiting(), "\"jid\":\"a\"", "\"jid\":\"b\"", "\"queue\":\"default\"",
                       "\"jid\":\"s\"", " dead ", " push_to ", " retry ", NULL);
    assert_string_equal(batches->str, "ab ");
    assert_string_equal(seen, "See s [1,{\"class\":\"Batch\"}]");
}

static void other_queues_jobs_are_left_to_others(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "a", "");
    const char *elsewhere = "{\"class\":\"Batch\",\"args\":[1,\"x\"],\"jid\":\"x\"}";
    manager_deliver(manager, "elsewhere", elsewhere, strlen(elsewhere));
    deliver_batch_job(1, "b", "");
    assert_all_settled(process_waiting(), "LREM working", "LREM working", NULL);
    assert_string_equal(batches->str, "ab ");
}

/* The first becomes foremost again. */
static void what_was_taken_but_not_started_goes_back_when_the_process_stops(G_GNUC_UNUSED void **state)
{
    deliver_batch_job(1, "term", "");
    deliver_batch_job(2, "x", "");
    deliver_batch_job(3, "y", "");
    deliver_batch_job(2, "z", "");
    GArray *outcomes = process_waiting();
    assert_false(g_array_index(outcomes, Outcome, 1).processed);
    assert_string_equal(batches->str, "[term]");
    assert_all_settled(outcomes, "LREM working", "\"jid\":\"z\"", "\"jid\":\"y\"", "\"jid\":\"x\"", NULL);
}

static void a_batch_goes_back_when_redis_is_away_and_the_process_stops(G_GNUC_UNUSED void **state)
{
    private_redis_kill(server);
    g_atomic_int_set(&stopping, 1);
    deliver_batch_job(1, "a", ",\"idempotency_key\":\"k\"");
    deliver_batch_job(1, "b", "");
    assert_all_settled(process_waiting(), " return ", " return ", NULL);
    assert_string_equal(batches->str, "");
    private_redis_restart(server);
}

static void the_cookies_of_a_batch_are_gone_before_it_starts(G_GNUC_UNUSED void **state)
{
    set_cookie();
    deliver_batch_job(1, "a", "");
    deliver_batch_job(1, "b", ",\"idempotency_key\":\"k\"");
    assert_all_settled(process_waiting(), "LREM working", "LREM working", NULL);
    assert_int_equal(private_redis_integer(server, "EXISTS", "resque:gitlab:k:cookie:v2", NULL), 0);
}

#define PROCESSOR_TEST(function) cmocka_unit_test_setup_teardown(function, open_processor, close_processor)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROCESSOR_TEST(performs_with_its_session_and_acknowledges),
        PROCESSOR_TEST(a_job_without_jid_has_no_status_key),
        PROCESSOR_TEST(malformed_payloads_are_dead_and_not_counted),
        PROCESSOR_TEST(what_only_ruby_reads_is_handed_over_as_it_is),
        PROCESSOR_TEST(failures_are_retried),
        PROCESSOR_TEST(exhausted_jobs_die_after_their_hook),
        PROCESSOR_TEST(exhausted_jobs_that_want_no_dead_set_vanish),
        PROCESSOR_TEST(failures_without_retry_vanish_without_the_hook),
        PROCESSOR_TEST(corrupt_arguments_are_a_failure),
        PROCESSOR_TEST(interrupted_jobs_go_back),
        PROCESSOR_TEST(unknown_classes_follow_the_policy),
        PROCESSOR_TEST(ruby_gets_its_classes_whatever_the_policy),
        PROCESSOR_TEST(nothing_is_handed_over_to_a_queue_of_ours),
        PROCESSOR_TEST(the_cookie_goes_when_the_strategy_says),
        PROCESSOR_TEST(a_dropped_duplicate_is_made_up_for_by_one_more_run),
        PROCESSOR_TEST(a_job_is_not_started_when_redis_is_away_and_the_process_stops),
        PROCESSOR_TEST(a_job_waits_for_redis_before_it_starts),
        PROCESSOR_TEST(jobs_of_a_project_are_performed_together),
        PROCESSOR_TEST(each_project_has_a_batch_of_its_own),
        PROCESSOR_TEST(a_job_that_waits_alone_is_performed_alone),
        PROCESSOR_TEST(downloads_are_not_taken_together_while_they_are_slow_or_nobody_knows),
        PROCESSOR_TEST(quick_downloads_are_performed_together),
        PROCESSOR_TEST(a_batch_has_an_upper_bound),
        PROCESSOR_TEST(the_guilty_job_of_a_batch_fails_alone),
        PROCESSOR_TEST(each_job_of_a_batch_has_its_own_fate),
        PROCESSOR_TEST(a_job_that_was_interrupted_before_is_performed_alone),
        PROCESSOR_TEST(what_does_not_belong_to_the_batch_has_its_own_fate),
        PROCESSOR_TEST(other_queues_jobs_are_left_to_others),
        PROCESSOR_TEST(what_was_taken_but_not_started_goes_back_when_the_process_stops),
        PROCESSOR_TEST(a_batch_goes_back_when_redis_is_away_and_the_process_stops),
        PROCESSOR_TEST(the_cookies_of_a_batch_are_gone_before_it_starts),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
