#include "protocol/client.h"
#include "protocol/duplicate_jobs.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_redis.h"

static const WorkerClass classes[] = {
    {.name = "Gitlab::GithubImport::ImportIssueWorker", .queue_namespace = "github_importer", .retry = 5},
    {.name = "StatusWorker", .retry = WORKER_RETRY_DEFAULT, .status_expiration = 3600},
    {.name = "IdempotentWorker", .retry = 5, .idempotent = TRUE},
    {.name = "ReschedulingWorker",
     .idempotent = TRUE,
     .deduplicate = DEDUPLICATE_UNTIL_EXECUTED,
     .reschedule_once = TRUE,
     .deduplicate_ttl = 60},
    {.name = NULL},
};
static const WorkerClass *const plain = &classes[0], *const with_status = &classes[1],
                                *const idempotent = &classes[2], *const rescheduling = &classes[3];

static PrivateRedis *server;
static Redis *queues, *metadata;
static WorkerRouter *router;
static WorkerRegistry *registry;
static Job *parent;
static json_t *args;
static Client client;

static int start(G_GNUC_UNUSED void **state)
{
    const char *raw = "{\"class\":\"Gitlab::GithubImport::ImportIssueWorker\",\"args\":[],"
                      "\"jid\":\"parentjid\",\"correlation_id\":\"c1\"}";
    server = private_redis_start(NULL, NULL);
    queues = private_redis_connect(server);
    metadata = private_redis_connect(server);
    router = worker_router_new(NULL, NULL);
    registry = worker_registry_new((const WorkerClass *[]){classes}, 1);
    parent = job_parse(raw, strlen(raw), "importing", NULL);
    args = json_pack("[i, {s:s}]", 42, "title", "a/b");
    return 0;
}

static int stop(G_GNUC_UNUSED void **state)
{
    json_decref(args);
    job_free(parent);
    worker_registry_free(registry);
    worker_router_free(router);
    redis_free(metadata);
    redis_free(queues);
    return 0;
}

static int reset(G_GNUC_UNUSED void **state)
{
    private_redis_flush(server);
    client = (Client){.queues = queues,
                      .queues_metadata = metadata,
                      .router = router,
                      .registry = registry,
                      .parent = parent};
    return 0;
}

static char *push(const Push *what)
{
    g_autoptr(GError) error = NULL;
    char *jid = NULL;
    assert_true(client_push(&client, what, &jid, &error));
    assert_no_error(error);
    return jid;
}

static json_t *first_of(const char *queue)
{
    g_autofree char *key = g_strconcat("queue:", queue, NULL);
    g_autofree char *text = private_redis_text(server, "LINDEX", key, "0", NULL);
    assert_non_null(text);
    return json_parse(text, strlen(text), NULL);
}

static gint64 length_of(const char *queue)
{
    g_autofree char *key = g_strconcat("queue:", queue, NULL);
    return private_redis_integer(server, "LLEN", key, NULL);
}

static void a_push_arrives_in_its_queue(G_GNUC_UNUSED void **state)
{
    g_autofree char *jid = push(&(Push){.worker = plain, .args = args});
    g_autoptr(json_t) payload = first_of("importing");
    assert_string_equal(json_string_field(payload, "jid"), jid);
    assert_string_equal(json_string_field(payload, "class"), plain->name);
    assert_string_equal(json_string_field(payload, "correlation_id"), "c1");
    assert_text(json_dump(json_object_get(payload, "args")), "[42,{\"title\":\"a/b\"}]");
    assert_true(json_is_real(json_object_get(payload, "created_at")));
    assert_true(json_is_real(json_object_get(payload, "enqueued_at")));
    assert_null(json_object_get(payload, "idempotency_key"));
    assert_int_equal(private_redis_integer(server, "SISMEMBER", "queues", "importing", NULL), 1);
    assert_int_equal(private_redis_integer(server, "DBSIZE", NULL), 2);
}

static void a_push_may_name_its_queue(G_GNUC_UNUSED void **state)
{
    g_autofree char *jid = push(&(Push){.worker = plain, .args = args, .queue = "special"});
    assert_int_equal(length_of("special"), 1);
}

static void a_later_push_goes_to_the_schedule(G_GNUC_UNUSED void **state)
{
    double at = (double)(gint64)job_now() + 300;
    g_autofree char *jid = push(&(Push){.worker = plain, .args = args, .at = at});
    g_autofree char *expected = g_strdup_printf("\"scheduled_at\":%.1f", at);
    g_autoptr(redisReply) entry =
        private_redis_command(server, "ZRANGE", "schedule", "0", "0", "WITHSCORES", NULL);
    assert_non_null(strstr(entry->element[0]->str, expected));
    assert_null(strstr(entry->element[0]->str, "enqueued_at"));
    assert_true(g_ascii_strtod(entry->element[1]->str, NULL) == at);
    assert_int_equal(private_redis_integer(server, "EXISTS", "queues", NULL), 0);
}

static void a_time_that_has_passed_means_now(G_GNUC_UNUSED void **state)
{
    g_autofree char *jid = push(&(Push){.worker = plain, .args = args, .at = job_now() - 1});
    assert_int_equal(length_of("importing"), 1);
}

static void status_keys_are_set_where_declared_or_asked_for(G_GNUC_UNUSED void **state)
{
    g_autofree char *declared = push(&(Push){.worker = with_status, .args = args});
    g_autofree char *asked = push(&(Push){.worker = plain, .args = args, .with_status = TRUE});
    g_autofree char *none = push(&(Push){.worker = plain, .args = args});
    g_autofree char *declared_key = g_strconcat("gitlab-sidekiq-status:", declared, NULL);
    g_autofree char *asked_key = g_strconcat("gitlab-sidekiq-status:", asked, NULL);
    g_autofree char *none_key = g_strconcat("gitlab-sidekiq-status:", none, NULL);
    assert_in_range(private_redis_integer(server, "TTL", declared_key, NULL), 3590, 3600);
    assert_in_range(private_redis_integer(server, "TTL", asked_key, NULL), 1790, 1800);
    assert_int_equal(private_redis_integer(server, "EXISTS", none_key, NULL), 0);
    g_autoptr(json_t) payload = first_of("default");
    assert_int_equal(json_integer_field(payload, "status_expiration", 0), 3600);
}

static void once_means_once_for_each_parent(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) other = json_pack("[i]", 43);
    gboolean pushed;
    assert_true(client_pushed(&client, with_status, args, &pushed, NULL) && !pushed);
    g_autofree char *first = push(&(Push){.worker = with_status, .args = args, .once = TRUE});
    g_autofree char *again = push(&(Push){.worker = with_status, .args = args, .once = TRUE});
    g_autofree char *others = push(&(Push){.worker = with_status, .args = other, .once = TRUE});
    assert_non_null(first);
    assert_null(again);
    assert_non_null(others);
    assert_int_equal(length_of("default"), 2);
    assert_true(client_pushed(&client, with_status, args, &pushed, NULL) && pushed);
    assert_in_range(private_redis_integer(server, "TTL", "hubferry:pushed:parentjid", NULL), 604790, 604800);

    /* The push that was not made has left no status key. */
    g_autoptr(redisReply) keys = private_redis_command(server, "KEYS", "gitlab-sidekiq-status:*", NULL);
    assert_int_equal(keys->elements, 2);
}

static void once_holds_for_the_schedule_too(G_GNUC_UNUSED void **state)
{
    double at = job_now() + 300;
    for (int i = 0; i < 2; i++) {
        g_autofree char *jid = push(&(Push){.worker = plain, .args = args, .at = at, .once = TRUE});
    }
    assert_int_equal(private_redis_integer(server, "ZCARD", "schedule", NULL), 1);
    assert_int_equal(private_redis_integer(server, "EXISTS", "queues", NULL), 0);
}

static void duplicates_of_idempotent_classes_are_dropped(G_GNUC_UNUSED void **state)
{
    g_autofree char *first = push(&(Push){.worker = idempotent, .args = args});
    g_autofree char *second = push(&(Push){.worker = idempotent, .args = args});
    assert_non_null(first);
    assert_null(second);
    assert_int_equal(length_of("default"), 1);
    g_autoptr(json_t) payload = first_of("default");
    g_autofree char *key = duplicate_jobs_idempotency_key(idempotent->name, args, "default");
    assert_string_equal(json_string_field(payload, "idempotency_key"), key);
    g_autofree char *cookie = duplicate_jobs_cookie_key(key);
    assert_in_range(private_redis_integer(server, "TTL", cookie, NULL), 590, 600);
}

static void scheduled_jobs_are_not_deduplicated(G_GNUC_UNUSED void **state)
{
    for (int i = 0; i < 2; i++) {
        g_autofree char *jid = push(&(Push){.worker = idempotent, .args = args, .at = job_now() + 300});
        assert_non_null(jid);
    }
    assert_int_equal(private_redis_integer(server, "ZCARD", "schedule", NULL), 2);
}

static void a_dropped_duplicate_leaves_the_reschedule_signal(G_GNUC_UNUSED void **state)
{
    g_autofree char *key = duplicate_jobs_idempotency_key(rescheduling->name, args, "default");
    g_autofree char *signal = g_strconcat(key, ":checking_duplicate", NULL);
    g_autofree char *first = push(&(Push){.worker = rescheduling, .args = args});
    assert_int_equal(private_redis_integer(server, "EXISTS", signal, NULL), 0);
    g_autofree char *second = push(&(Push){.worker = rescheduling, .args = args});
    assert_null(second);
    assert_in_range(private_redis_integer(server, "TTL", signal, NULL), 50, 60);
}

static void the_rescheduled_run_says_so_and_leaves_no_signal(G_GNUC_UNUSED void **state)
{
    g_autofree char *jid = push(&(Push){.worker = rescheduling, .args = args, .rescheduled_once = TRUE});
    g_autoptr(json_t) payload = first_of("default");
    assert_true(json_true_field(payload, "rescheduled_once"));
    g_autoptr(redisReply) signals = private_redis_command(server, "KEYS", "*:checking_duplicate", NULL);
    assert_int_equal(signals->elements, 0);
}

static json_t *many_args(int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("[i]", i));
    return list;
}

static void bulk_pushes_keep_the_order(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) list = many_args(2500);
    assert_true(client_push_bulk(&client, plain, list, NULL, NULL, &error));
    assert_int_equal(length_of("importing"), 2500);
    g_autofree char *oldest = private_redis_text(server, "LINDEX", "queue:importing", "-1", NULL);
    g_autofree char *newest = private_redis_text(server, "LINDEX", "queue:importing", "0", NULL);
    assert_non_null(strstr(oldest, "\"args\":[0]"));
    assert_non_null(strstr(newest, "\"args\":[2499]"));
}

static void bulk_pushes_may_have_a_time_each(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) list = many_args(1001);
    g_autofree double *at = g_new(double, 1001);
    for (int i = 0; i < 1001; i++)
        at[i] = 2000000000.0 + i;
    assert_true(client_push_bulk(&client, plain, list, NULL, at, NULL));
    assert_int_equal(private_redis_integer(server, "ZCARD", "schedule", NULL), 1001);
    g_autoptr(redisReply) last =
        private_redis_command(server, "ZRANGE", "schedule", "-1", "-1", "WITHSCORES", NULL);
    assert_non_null(strstr(last->element[0]->str, "\"scheduled_at\":2000001000.0"));
    assert_string_equal(last->element[1]->str, "2000001000");
}

static void bulk_pushes_may_have_a_jid_each(G_GNUC_UNUSED void **state)
{
    static const char *const jids[] = {"aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb"};
    g_autoptr(json_t) list = many_args(2);
    assert_true(client_push_bulk(&client, plain, list, jids, NULL, NULL));
    g_autofree char *first = private_redis_text(server, "LINDEX", "queue:importing", "-1", NULL);
    g_autofree char *second = private_redis_text(server, "LINDEX", "queue:importing", "0", NULL);
    assert_non_null(strstr(first, "\"jid\":\"aaaaaaaaaaaaaaaaaaaaaaaa\""));
    assert_non_null(strstr(second, "\"jid\":\"bbbbbbbbbbbbbbbbbbbbbbbb\""));
}

static void an_empty_bulk_push_does_nothing(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) list = json_array();
    assert_true(client_push_bulk(&client, plain, list, NULL, NULL, NULL));
    assert_int_equal(private_redis_integer(server, "DBSIZE", NULL), 0);
}

static void a_requeued_payload_keeps_what_it_has(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:[], s:s, s:i, s:f, s:i, s:s}", "class", "W", "args", "queue", "old", "retry", 5,
                  "enqueued_at", 1.5, "retry_count", 2, "custom", "kept");
    g_autofree char *text = client_requeue_text(payload, "new");
    g_autoptr(json_t) again = json_parse(text, strlen(text), NULL);
    assert_string_equal(json_string_field(again, "queue"), "new");
    assert_int_equal(json_integer_field(again, "retry", 0), 5);
    assert_int_equal(json_integer_field(again, "retry_count", 0), 2);
    assert_string_equal(json_string_field(again, "custom"), "kept");
    assert_true(job_time(again, "enqueued_at") > 1732199999);
    assert_string_equal(json_string_field(payload, "queue"), "old");
}

static void a_requeued_payload_gets_sidekiqs_defaults(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) payload = json_pack("{s:s, s:[], s:i}", "class", "W", "args", "at", 7);
    g_autofree char *text = client_requeue_text(payload, NULL);
    g_autoptr(json_t) again = json_parse(text, strlen(text), NULL);
    assert_string_equal(json_string_field(again, "queue"), "default");
    assert_true(json_true_field(again, "retry"));
    assert_null(json_object_get(again, "at"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_push_arrives_in_its_queue, reset),
        cmocka_unit_test_setup(a_push_may_name_its_queue, reset),
        cmocka_unit_test_setup(a_later_push_goes_to_the_schedule, reset),
        cmocka_unit_test_setup(a_time_that_has_passed_means_now, reset),
        cmocka_unit_test_setup(status_keys_are_set_where_declared_or_asked_for, reset),
        cmocka_unit_test_setup(once_means_once_for_each_parent, reset),
        cmocka_unit_test_setup(once_holds_for_the_schedule_too, reset),
        cmocka_unit_test_setup(duplicates_of_idempotent_classes_are_dropped, reset),
        cmocka_unit_test_setup(scheduled_jobs_are_not_deduplicated, reset),
        cmocka_unit_test_setup(a_dropped_duplicate_leaves_the_reschedule_signal, reset),
        cmocka_unit_test_setup(the_rescheduled_run_says_so_and_leaves_no_signal, reset),
        cmocka_unit_test_setup(bulk_pushes_keep_the_order, reset),
        cmocka_unit_test_setup(bulk_pushes_may_have_a_time_each, reset),
        cmocka_unit_test_setup(bulk_pushes_may_have_a_jid_each, reset),
        cmocka_unit_test_setup(an_empty_bulk_push_does_nothing, reset),
        cmocka_unit_test_setup(a_requeued_payload_keeps_what_it_has, reset),
        cmocka_unit_test_setup(a_requeued_payload_gets_sidekiqs_defaults, reset),
    };
    return cmocka_run_group_tests_name("client", tests, start, stop);
}
