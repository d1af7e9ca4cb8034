#include "protocol/job_payload.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"

static const WorkerClass stage = {.name = "Gitlab::GithubImport::Stage::ImportNotesWorker",
                                  .queue_namespace = "github_importer",
                                  .feature_category = "importers",
                                  .retry = 5,
                                  .max_interruptions = 20};

static json_t *payload_of(const WorkerClass *worker, const Job *parent, guint expiration)
{
    g_autoptr(json_t) args = json_pack("[i]", 42);
    return job_payload_new(&(NewJob){.worker = worker,
                                     .parent = parent,
                                     .args = args,
                                     .queue = "default",
                                     .jid = "91e8673347d4dc84fbad5319",
                                     .status_expiration = expiration,
                                     .created_at = 1732199999.0});
}

static void carries_class_options_and_the_parents_context(G_GNUC_UNUSED void **state)
{
    const char *raw = "{\"class\":\"Gitlab::GithubImport::AdvanceStageWorker\",\"args\":[],\"retry_count\":3,"
                      "\"correlation_id\":\"01JD7ZC5P3T9\",\"meta.caller_id\":\"POST /import\","
                      "\"meta.root_caller_id\":\"POST /root\",\"meta.feature_category\":\"other\","
                      "\"meta.user_id\":1,\"meta.organization_id\":1}";
    g_autoptr(Job) parent = job_parse(raw, strlen(raw), "default", NULL);
    g_autoptr(json_t) payload = payload_of(&stage, parent, 1800);
    assert_text(json_dump(payload),
                "{\"retry\":5,\"queue\":\"default\",\"version\":0,\"dead\":false,"
                "\"queue_namespace\":\"github_importer\",\"status_expiration\":1800,"
                "\"max_retries_after_interruption\":20,\"args\":[42],"
                "\"class\":\"Gitlab::GithubImport::Stage::ImportNotesWorker\","
                "\"jid\":\"91e8673347d4dc84fbad5319\",\"created_at\":1732199999.0,"
                "\"meta.caller_id\":\"Gitlab::GithubImport::AdvanceStageWorker\","
                "\"meta.root_caller_id\":\"POST /root\",\"meta.feature_category\":\"importers\","
                "\"meta.user_id\":1,\"meta.organization_id\":1,\"correlation_id\":\"01JD7ZC5P3T9\","
                "\"worker_data_consistency\":\"always\",\"size_limiter\":\"validated\"}");
}

static void the_root_caller_is_the_first_of_the_chain(G_GNUC_UNUSED void **state)
{
    const char *raw = "{\"class\":\"Parent\",\"args\":[],\"meta.caller_id\":\"POST /import\"}";
    g_autoptr(Job) parent = job_parse(raw, strlen(raw), "default", NULL);
    g_autoptr(json_t) payload = payload_of(&stage, parent, 0);
    assert_string_equal(json_string_field(payload, "meta.root_caller_id"), "POST /import");
    assert_string_equal(json_string_field(payload, "meta.caller_id"), "Parent");
    assert_null(json_object_get(payload, "status_expiration"));
}

static void without_a_parent_the_correlation_id_is_new(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) first = payload_of(&stage, NULL, 0), second = payload_of(&stage, NULL, 0);
    const char *id = json_string_field(first, "correlation_id");
    assert_true(g_regex_match_simple("^[0-9a-f]{32}$", id, 0, 0));
    assert_string_not_equal(id, json_string_field(second, "correlation_id"));
    assert_null(json_object_get(first, "meta.caller_id"));
}

static void retry_is_written_as_ruby_writes_it(G_GNUC_UNUSED void **state)
{
    const WorkerClass off = {.name = "A", .retry = WORKER_RETRY_OFF, .dead = TRUE};
    const WorkerClass standard = {.name = "B", .retry = WORKER_RETRY_DEFAULT};
    g_autoptr(json_t) never = payload_of(&off, NULL, 0), usual = payload_of(&standard, NULL, 0);
    assert_true(json_is_false(json_object_get(never, "retry")));
    assert_null(json_object_get(never, "dead"));
    assert_true(json_is_true(json_object_get(usual, "retry")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_class_options_and_the_parents_context),
        cmocka_unit_test(the_root_caller_is_the_first_of_the_chain),
        cmocka_unit_test(without_a_parent_the_correlation_id_is_new),
        cmocka_unit_test(retry_is_written_as_ruby_writes_it),
    };
    return cmocka_run_group_tests_name("job_payload", tests, NULL, NULL);
}
