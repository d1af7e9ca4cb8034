/* The stage of LFS objects: what it schedules, and which failures it survives. The download list, and what
 * begins and ends the stage, are the spec's own. */
#include "importers/git/repository.h"
#include "importers/github/error.h"
#include "importers/http/exchange.h"
#include "importers/lfs/lfs_download_list.h"
#include "importers/lfs/lfs_error.h"
#include "importers/objects/lfs_object.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"
#include "spec/support/object_import.h"

#define QUEUE "queue:default"

static struct {
    Project *project;
    const char *const *batches; /* of the download list, JSON; ended by NULL */
    GError *failure;            /* after them; or NULL */
    char *next;                 /* "WAITERS STAGE" once the stage has advanced */
} now;

gboolean __wrap_stage_perform(Session *session, const Job *job, StageImport import, GError **error);
gboolean __wrap_stage_perform(Session *session, G_GNUC_UNUSED const Job *job, StageImport import,
                              GError **error)
{
    ImportData data = {0};
    Stage stage = {.session = session, .project = now.project, .data = &data};
    return import(&stage, error);
}

gboolean __wrap_stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error);
gboolean __wrap_stage_advance_to(G_GNUC_UNUSED Stage *stage, json_t *waiters, const char *next_stage,
                                 G_GNUC_UNUSED GError **error)
{
    g_autoptr(json_t) owned = waiters;
    const char *waiter = json_object_iter_key(json_object_iter(owned));
    assert_int_equal(json_object_size(owned), 1);
    g_free(now.next);
    now.next = g_strdup_printf("%d %s", (int)json_integer_field(owned, waiter, -1), next_stage);
    return TRUE;
}

gboolean __wrap_lfs_download_list(Stage *stage, ObjectSink take, gpointer data, GError **error);
gboolean __wrap_lfs_download_list(G_GNUC_UNUSED Stage *stage, ObjectSink take, gpointer data, GError **error)
{
    for (const char *const *batch = now.batches; batch && *batch; batch++) {
        g_autoptr(json_t) objects = json_loads(*batch, 0, NULL);
        if (!take(data, objects, error))
            return FALSE;
    }
    if (now.failure)
        g_propagate_error(error, g_steal_pointer(&now.failure));
    return *error == NULL;
}

static int set_up_group(void **state)
{
    ObjectImport *import =
        object_import_new("Gitlab::GithubImport::ImportLfsObjectWorker", &lfs_object_importer, NULL, "{}");
    now.project = import->project;
    *state = import;
    return 0;
}

static int set_up(G_GNUC_UNUSED void **state)
{
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM import_failures");
    g_autofree char *flushed = private_gitlab_redis("FLUSHALL", NULL);
    now.batches = NULL;
    g_clear_error(&now.failure);
    g_clear_pointer(&now.next, g_free);
    return 0;
}

static int tear_down(G_GNUC_UNUSED void **state)
{
    return set_up(state);
}

static gboolean perform(const ObjectImport *import, GError **error)
{
    return import_lfs_objects_perform(import->session, NULL, error);
}

static void assert_performed(const ObjectImport *import, const char *next)
{
    g_autoptr(GError) error = NULL;
    perform(import, &error);
    assert_no_error(error);
    assert_string_equal(now.next, next);
}

#define OBJECT(oid)                                                                                          \
    "{\"oid\":\"" oid "\",\"link\":\"https://h/" oid "\",\"size\":1,\"headers\":{\"X\":\"y\"}}"

/* --- what is scheduled --- */

static void without_objects_the_import_finishes(void **state)
{
    assert_performed(*state, "0 finish");
    assert_redis("0", "EXISTS", "queue:default");
}

static void every_object_becomes_a_job(void **state)
{
    const char *const batches[] = {"[" OBJECT("a") "," OBJECT("b") "]", "[]", "[" OBJECT("c") "]", NULL};
    now.batches = batches;
    assert_performed(*state, "3 finish");
    assert_redis("3", "LLEN", QUEUE);
    g_autofree char *first = private_gitlab_redis("LINDEX", QUEUE, "-1", NULL);
    assert_non_null(strstr(first, "Gitlab::GithubImport::ImportLfsObjectWorker"));
    assert_non_null(strstr(first, OBJECT("a")));
}

static void they_are_counted_as_fetched(void **state)
{
    const char *const batches[] = {"[" OBJECT("a") "," OBJECT("b") "]", NULL};
    now.batches = batches;
    assert_performed(*state, "2 finish");
    g_autofree char *key = object_import_key(*state, "github-importer/object-counter", "fetched/lfs_object");
    assert_redis("2", "GET", key);
}

static void an_object_that_is_listed_twice_is_scheduled_once(void **state)
{
    const char *const batches[] = {"[" OBJECT("a") "," OBJECT("a") "]", "[" OBJECT("a") "]", NULL};
    now.batches = batches;
    assert_performed(*state, "1 finish");
    assert_redis("1", "LLEN", QUEUE);
}

static void a_stage_that_is_performed_again_schedules_the_rest(void **state)
{
    const char *const some[] = {"[" OBJECT("a") "]", NULL};
    const char *const all[] = {"[" OBJECT("a") "," OBJECT("b") "]", NULL};
    g_autoptr(GError) error = NULL;
    now.batches = some;
    now.failure = g_error_new_literal(LFS_ERROR, LFS_ERROR_LIST, "half of it");
    assert_false(perform(*state, &error));
    now.batches = all;
    assert_performed(*state, "2 finish");
    assert_redis("2", "LLEN", QUEUE);
}

/* --- failures --- */

/* The import goes on, and the failure is recorded. */
static void assert_survived(const ObjectImport *import, GError *failure, const char *exception)
{
    const char *const batches[] = {"[" OBJECT("a") "]", NULL};
    g_autofree char *expected =
        g_strdup_printf("Gitlab::GithubImport::Importer::LfsObjectImporter|%s|broken", exception);
    set_up(NULL);
    now.batches = batches;
    now.failure = failure;
    assert_performed(import, "1 finish");
    assert_sql("SELECT source, exception_class, exception_message FROM import_failures", expected);
}

static void without_the_network_or_the_repository_the_import_goes_on(void **state)
{
    assert_survived(*state, g_error_new_literal(HTTP_ERROR, HTTP_ERROR_TIMEOUT, "broken"),
                    "Net::ReadTimeout");
    assert_survived(*state, g_error_new_literal(HTTP_ERROR, HTTP_ERROR_BLOCKED_URL, "broken"),
                    "Gitlab::HTTP_V2::BlockedUrlError");
    assert_survived(*state, g_error_new_literal(GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH, "broken"),
                    "Gitlab::Git::CommandError");
}

static void assert_fails(const ObjectImport *import, GError *failure, const char *failures)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) expected = g_error_copy(failure);
    set_up(NULL);
    now.failure = failure;
    assert_false(perform(import, &error));
    assert_error(error, expected->domain, expected->code);
    assert_null(now.next);
    assert_sql("SELECT count(*) FROM import_failures", failures);
}

static void a_list_that_is_refused_fails_the_stage(void **state)
{
    assert_fails(*state, g_error_new_literal(LFS_ERROR, LFS_ERROR_LIST, "no"), "1");
    assert_sql("SELECT source, exception_class FROM import_failures",
               "Gitlab::GithubImport::Importer::LfsObjectsImporter|"
               "Projects::LfsPointers::LfsObjectDownloadListService::LfsObjectDownloadListError");
}

static void a_database_that_fails_fails_the_stage(void **state)
{
    assert_fails(*state, g_error_new_literal(DATABASE_ERROR, DATABASE_ERROR_STATEMENT, "no"), "1");
}

static void a_server_that_wants_a_pause_is_no_failure(void **state)
{
    GError *limit = NULL;
    github_set_rate_limit_error(&limit, 120, "Rate Limit exceeded");
    assert_fails(*state, limit, "0");
}

static void a_process_that_stops_is_no_failure(void **state)
{
    assert_fails(*state, g_error_new_literal(JOB_ERROR, JOB_ERROR_INTERRUPTED, "stopping"), "0");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_objects_the_import_finishes),
        TEST(every_object_becomes_a_job),
        TEST(they_are_counted_as_fetched),
        TEST(an_object_that_is_listed_twice_is_scheduled_once),
        TEST(a_stage_that_is_performed_again_schedules_the_rest),
        TEST(without_the_network_or_the_repository_the_import_goes_on),
        TEST(a_list_that_is_refused_fails_the_stage),
        TEST(a_database_that_fails_fails_the_stage),
        TEST(a_server_that_wants_a_pause_is_no_failure),
        TEST(a_process_that_stops_is_no_failure),
    };
    log_configure(-1, LOG_FATAL);
    return cmocka_run_group_tests_name("import_lfs_objects", tests, set_up_group, object_import_tear_down);
}
