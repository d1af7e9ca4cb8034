#include "worker/commands/sequential_import.h"

#include "protocol/autoptr_jansson.h"
#include "spec/support/cmocka_glib.h"

static gboolean perform(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                        G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static const WorkerClass classes[] = {
    {.name = "Gitlab::GithubImport::Stage::ImportNotesWorker",
     .queue_namespace = "github_importer",
     .perform = perform},
    {.name = "RepositoryImportWorker", .perform = perform},
    {.name = "ProjectCacheWorker"},
    {.name = "Projects::AfterImportWorker"},
    {NULL},
};
static const WorkerClass *const tables[] = {classes};

static void assert_route(const WorkerRouter *router, const WorkerClass *worker, const char *queue)
{
    assert_text(worker_router_queue(router, worker, &classes[0], "hubferry:import:7"), queue);
}

static void own_classes_stay_and_others_go_where_gitlab_routes_them(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) rules =
        json_pack("[[s, s], [s, s]]", "worker_name=ProjectCacheWorker", "cache", "*", "default");
    g_autoptr(WorkerRouter) gitlabs = worker_router_new(rules, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *queue = sequential_import_queue(7);
    Configuration configuration = {.router = gitlabs, .fallback_queue = (char *)"default"};
    g_autoptr(WorkerRouter) router =
        sequential_import_router(&configuration, tables, G_N_ELEMENTS(tables), queue, &error);
    assert_no_error(error);
    assert_string_equal(queue, "hubferry:import:7");
    assert_route(router, &classes[0], queue);
    assert_route(router, &classes[1], queue);
    assert_route(router, &classes[2], "cache");
    assert_route(router, &classes[3], "default");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_classes_stay_and_others_go_where_gitlab_routes_them),
    };
    return cmocka_run_group_tests_name("sequential_import", tests, NULL, NULL);
}
