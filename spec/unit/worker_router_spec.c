#include "protocol/json.h"
#include "protocol/worker_router.h"
#include "spec/support/cmocka_glib.h"

static const WorkerClass issue = {.name = "Gitlab::GithubImport::ImportIssueWorker",
                                  .queue_namespace = "github_importer",
                                  .feature_category = "importers",
                                  .external_dependencies = TRUE};
static const WorkerClass note = {.name = "Gitlab::GithubImport::ImportNoteWorker",
                                 .queue_namespace = "github_importer",
                                 .feature_category = "importers"};
static const WorkerClass refresh = {.name = "Gitlab::Import::RefreshImportJidWorker",
                                    .feature_category = "importers"};

static WorkerRouter *router_of(const char *rules)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) json = rules ? json_parse(rules, strlen(rules), NULL) : NULL;
    WorkerRouter *router = worker_router_new(json, &error);
    assert_no_error(error);
    return router;
}

static void assert_routes(const char *rules, const WorkerClass *worker, const char *expected)
{
    g_autoptr(WorkerRouter) router = router_of(rules);
    assert_text(worker_router_queue(router, worker, NULL, NULL), expected);
}

static void the_first_match_wins(G_GNUC_UNUSED void **state)
{
    const char *rules = "[[\"queue_namespace=github_importer\",\"github_importer\"],[\"*\",\"default\"]]";
    assert_routes(rules, &issue, "github_importer");
    assert_routes(rules, &refresh, "default");
}

static void no_queue_and_no_match_mean_the_generated_name(G_GNUC_UNUSED void **state)
{
    assert_routes("[[\"*\",null]]", &issue, "github_importer:github_import_import_issue");
    assert_routes("[[\"*\",\"\"]]", &refresh, "import_refresh_import_jid");
    assert_routes("[[\"urgency=high\",\"x\"]]", &refresh, "import_refresh_import_jid");
    assert_routes("[[\"\",\"x\"]]", &refresh, "import_refresh_import_jid");
}

static void terms_are_joined(G_GNUC_UNUSED void **state)
{
    const char *both =
        "[[\"feature_category=importers&has_external_dependencies=true\",\"hit\"],[\"*\",\"miss\"]]";
    assert_routes(both, &issue, "hit");
    assert_routes(both, &note, "miss");
    const char *either =
        "[[\"worker_name=Gitlab::GithubImport::ImportNoteWorker|queue_namespace!=github_importer\",\"hit\"],"
        "[\"*\",\"miss\"]]";
    assert_routes(either, &note, "hit");
    assert_routes(either, &refresh, "hit");
    assert_routes(either, &issue, "miss");
}

static void a_term_lists_values(G_GNUC_UNUSED void **state)
{
    const char *rules =
        "[[\"name=default,github_importer:github_import_import_note\",\"hit\"],[\"*\",\"miss\"]]";
    assert_routes(rules, &note, "hit");
    assert_routes(rules, &issue, "miss");
}

static void undeclared_attributes_have_gitlabs_defaults(G_GNUC_UNUSED void **state)
{
    assert_routes("[[\"urgency=low&resource_boundary=unknown&tags!=needs_own_queue\",\"hit\"]]", &note,
                  "hit");
}

static void a_third_element_is_the_shard(G_GNUC_UNUSED void **state)
{
    assert_routes("[[\"*\",\"default\",\"main\"]]", &note, "default");
}

static void without_rules_relatives_stay_together(G_GNUC_UNUSED void **state)
{
    g_autoptr(WorkerRouter) router = router_of(NULL);
    assert_text(worker_router_queue(router, &note, &issue, "importing"), "importing");
    assert_text(worker_router_queue(router, &refresh, &issue, "importing"), "default");
    assert_text(worker_router_queue(router, &note, &refresh, "importing"), "default");
    assert_text(worker_router_queue(router, &note, NULL, NULL), "default");
}

static void wrong_rules_are_refused(G_GNUC_UNUSED void **state)
{
    static const char *const wrong[] = {
        "{}",
        "[\"*\"]",
        "[[\"*\"]]",
        "[[\"*\",7]]",
        "[[\"colour=red\",\"q\"]]",
        "[[\"urgency\",\"q\"]]",
        "[[\"urgency=high & tags=x\",\"q\"]]",
    };
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) rules = json_parse(wrong[i], strlen(wrong[i]), NULL);
        assert_null(worker_router_new(rules, &error));
        assert_error(error, WORKER_ROUTER_ERROR, WORKER_ROUTER_ERROR_RULE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_match_wins),
        cmocka_unit_test(no_queue_and_no_match_mean_the_generated_name),
        cmocka_unit_test(terms_are_joined),
        cmocka_unit_test(a_term_lists_values),
        cmocka_unit_test(undeclared_attributes_have_gitlabs_defaults),
        cmocka_unit_test(a_third_element_is_the_shard),
        cmocka_unit_test(without_rules_relatives_stay_together),
        cmocka_unit_test(wrong_rules_are_refused),
    };
    return cmocka_run_group_tests_name("worker_router", tests, NULL, NULL);
}
