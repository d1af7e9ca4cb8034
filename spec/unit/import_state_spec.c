/* The life of an import as the project's rows show it: project, import data, import state. */
#include "importers/gitlab/import_state.h"

#include "importers/gitlab/credentials.h"
#include "importers/gitlab/import_data.h"
#include "protocol/error_class.h"
#include "spec/support/private_gitlab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SETTINGS                                                                                             \
    "{\"optional_stages\":{\"attachments_import\":false,\"collaborators_import\":true},"                     \
    "\"timeout_strategy\":\"optimistic\",\"pagination_limit\":50}"
#define ASYNC_JID  "async-import/project-import-state/"
#define QUEUE      "queue:default"
#define STATUS_SQL "SELECT status, jid, last_error, checksums FROM project_mirror_data"

static const WorkerClass CLASSES[] = {
    {.name = "Projects::ImportExport::ImportCompletionNotificationWorker", .retry = 3},
    {0},
};

typedef struct Fixture {
    WorkerRegistry *registry;
    Session *session;
    gint64 project_id;
} Fixture;

static gint64 create_project(const char *namespace_path, const char *settings)
{
    g_autofree char *encrypted = NULL, *iv = NULL, *salt = NULL;
    const Configuration *configuration = private_gitlab_configuration();
    assert_true(credentials_encrypt((const char *const *)configuration->db_key_base, "ghp_token", &encrypted,
                                    &iv, &salt, NULL));
    return private_gitlab_integer("SELECT spec.create_project('%s', 'rocket', 'acme/rocket', "
                                  "'https://user:pw@github.com/acme/rocket.git', '%s',"
                                  " '%s', '%s', '%s')",
                                  namespace_path, settings, encrypted, iv, salt);
}

static int set_up(void **state)
{
    static const WorkerClass *const tables[] = {CLASSES};
    private_gitlab_reset();
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->registry = worker_registry_new(tables, 1);
    fixture->session = session_new(private_gitlab_configuration(), fixture->registry, NULL, NULL);
    fixture->project_id = create_project("imports", SETTINGS);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    session_free(fixture->session);
    worker_registry_free(fixture->registry);
    g_free(fixture);
    return 0;
}

static Project *project_of(const Fixture *fixture)
{
    Project *project;
    assert_true(project_find(fixture->session, fixture->project_id, &project, NULL));
    assert_non_null(project);
    return project;
}

static void set_state(const char *status, const char *jid)
{
    g_autofree char *sql =
        g_strdup_printf("UPDATE project_mirror_data SET status = '%s', jid = '%s'", status, jid);
    g_autofree char *output = private_gitlab_sql(sql);
}

static char *async_jid(const Fixture *fixture)
{
    return g_strdup_printf(ASYNC_JID "%" G_GINT64_FORMAT, fixture->project_id);
}

static void a_project_is_read_with_its_root_namespace(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Project) project = project_of(fixture);
    assert_string_equal(project->full_path, "imports/rocket");
    assert_string_equal(project->import_source, "acme/rocket");
    assert_string_equal(project->import_url, "https://github.com/acme/rocket.git");
    assert_string_equal(project->root_namespace_path, "imports");
    assert_false(project->root_is_user_namespace);
    assert_int_equal(project->root_owner_id, 0);
    assert_int_equal(project->root_namespace_id, project->namespace_id);
    assert_true(project->hashed_storage);
    assert_int_equal(project->organization_id, 1);
    assert_int_equal(project->import_state_id, private_gitlab_integer("SELECT id FROM project_mirror_data"));
    g_autoptr(Project) same = NULL;
    assert_true(project_find_by_full_path(fixture->session, "Imports/Rocket", &same, NULL));
    assert_int_equal(same->id, project->id);
}

static void a_personal_project_has_an_owner(void **state)
{
    Fixture *fixture = *state;
    fixture->project_id = create_project("root", "{}");
    g_autoptr(Project) project = project_of(fixture);
    assert_true(project->root_is_user_namespace);
    assert_int_equal(project->root_owner_id,
                     private_gitlab_integer("SELECT id FROM users WHERE username = 'root'"));
}

static void no_project_is_no_error(void **state)
{
    const Fixture *fixture = *state;
    Project *project;
    assert_true(project_find(fixture->session, 4711, &project, NULL));
    assert_null(project);
}

static void import_data_has_token_and_settings(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(ImportData) data = NULL;
    assert_true(import_data_find(fixture->session, fixture->project_id, &data, NULL));
    assert_string_equal(data->token, "ghp_token");
    assert_int_equal(data->pagination_limit, 50);
    assert_true(data->optimistic);
    assert_true(data->collaborators_import);
    assert_false(data->attachments_import);
    assert_false(data->extended_events);
}

static void import_data_tells_of_extended_events(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *output =
        private_gitlab_sql("UPDATE project_import_data SET data = '{\"extended_events\":true}'");
    g_autoptr(ImportData) data = NULL;
    assert_true(import_data_find(fixture->session, fixture->project_id, &data, NULL));
    assert_true(data->extended_events);
}

static void import_data_without_settings_has_gitlabs_defaults(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *output =
        private_gitlab_sql("UPDATE project_import_data SET data = NULL, encrypted_credentials = NULL");
    g_autoptr(ImportData) data = NULL;
    assert_true(import_data_find(fixture->session, fixture->project_id, &data, NULL));
    assert_null(data->token);
    assert_int_equal(data->pagination_limit, 100);
    assert_string_equal(data->timeout_strategy, "pessimistic");
    assert_false(data->optimistic || data->collaborators_import || data->attachments_import);
}

static void no_import_data_is_no_error_but_a_wrong_key_is(void **state)
{
    const Fixture *fixture = *state;
    ImportData *data;
    g_autoptr(GError) error = NULL;
    g_autofree char *damaged =
        private_gitlab_sql("UPDATE project_import_data SET encrypted_credentials_salt = '_AAAA'");
    assert_false(import_data_find(fixture->session, fixture->project_id, &data, &error));
    assert_true(g_error_matches(error, IMPORT_DATA_ERROR, IMPORT_DATA_ERROR_KEY));
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM project_import_data");
    assert_true(import_data_find(fixture->session, fixture->project_id, &data, NULL));
    assert_null(data);
}

static void starts_only_when_scheduled(void **state)
{
    const Fixture *fixture = *state;
    gboolean started;
    assert_true(import_state_start(fixture->session, fixture->project_id, &started, NULL));
    assert_true(started);
    assert_true(import_state_start(fixture->session, fixture->project_id, &started, NULL));
    assert_false(started);
    g_autoptr(ImportState) found = NULL;
    assert_true(import_state_find(fixture->session, fixture->project_id, &found, NULL));
    assert_string_equal(found->status, "started");
    assert_null(found->jid);
    assert_false(import_state_completed(found));
    assert_false(import_state_completed(NULL));
}

static void the_async_jid_replaces_only_the_own_jid(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *jid = async_jid(fixture);
    g_autofree char *key = g_strconcat("gitlab-sidekiq-status:", jid, NULL);
    set_state("started", "somebody-elses");
    assert_true(import_state_set_async_jid(fixture->session, fixture->project_id, "own", NULL));
    assert_sql("SELECT jid FROM project_mirror_data", "somebody-elses");
    set_state("started", "own");
    assert_true(import_state_set_async_jid(fixture->session, fixture->project_id, "own", NULL));
    assert_sql("SELECT jid FROM project_mirror_data", jid);
    assert_ttl(key, 86400);
}

static gpointer write_jid_late(G_GNUC_UNUSED gpointer data)
{
    g_usleep(150000);
    set_state("started", "own");
    return NULL;
}

static void the_async_jid_waits_for_the_pushers_jid(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *jid = async_jid(fixture);
    g_autofree char *started =
        private_gitlab_sql("UPDATE project_mirror_data SET status = 'started', jid = NULL");
    GThread *pusher = g_thread_new("pusher", write_jid_late, NULL);
    assert_true(import_state_set_async_jid(fixture->session, fixture->project_id, "own", NULL));
    g_thread_join(pusher);
    assert_true(import_state_set_async_jid(fixture->session, fixture->project_id, "own", NULL));
    assert_sql("SELECT jid FROM project_mirror_data", jid);
}

static void without_any_jid_the_async_jid_is_written_at_last(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *jid = async_jid(fixture);
    g_autofree char *started =
        private_gitlab_sql("UPDATE project_mirror_data SET status = 'started', jid = NULL");
    assert_true(import_state_set_async_jid(fixture->session, fixture->project_id, "own", NULL));
    assert_sql("SELECT jid FROM project_mirror_data", jid);
}

static void refreshing_renews_the_status_key(void **state)
{
    const Fixture *fixture = *state;
    gboolean alive;
    set_state("scheduled", "own");
    assert_true(import_state_refresh_jid(fixture->session, fixture->project_id, &alive, NULL));
    assert_false(alive);
    assert_redis("0", "EXISTS", "gitlab-sidekiq-status:own");
    set_state("started", "own");
    assert_true(import_state_refresh_jid(fixture->session, fixture->project_id, &alive, NULL));
    assert_true(alive);
    assert_ttl("gitlab-sidekiq-status:own", 86400);
}

static void finishing_clears_what_the_import_needed(void **state)
{
    const Fixture *fixture = *state;
    gboolean finished;
    g_autoptr(Project) project = project_of(fixture);
    g_autoptr(json_t) checksums = json_pack("{s:{s:i}, s:{}}", "fetched", "issue", 3, "imported");
    set_state("started", "own");
    assert_true(import_state_refresh_jid(fixture->session, fixture->project_id, NULL, NULL));
    assert_true(import_state_finish(fixture->session, project, checksums, &finished, NULL));
    assert_true(finished);
    assert_sql(STATUS_SQL, "finished|||{\"fetched\": {\"issue\": 3}, \"imported\": {}}");
    assert_sql("SELECT count(*) FROM project_import_data", "0");
    assert_redis("0", "EXISTS", "gitlab-sidekiq-status:own");
    assert_true(import_state_finish(fixture->session, project, checksums, &finished, NULL));
    assert_false(finished);
}

static void finishing_is_refused_unless_started(void **state)
{
    const Fixture *fixture = *state;
    gboolean finished = TRUE;
    g_autoptr(Project) project = project_of(fixture);
    g_autoptr(json_t) checksums = json_object();
    set_state("canceled", "own");
    assert_true(import_state_finish(fixture->session, project, checksums, &finished, NULL));
    assert_false(finished);
    assert_sql(STATUS_SQL, "canceled|own||{}");
    assert_sql("SELECT count(*) FROM project_import_data", "1");
}

static void failing_keeps_the_jid_and_masks_credentials(void **state)
{
    const Fixture *fixture = *state;
    set_state("started", "own");
    assert_true(
        import_state_fail(fixture->session, fixture->project_id, "no https://tok:pw@github.com/x", NULL));
    assert_sql(STATUS_SQL,
               "failed|own|no https://*****:*****@github.com/x|{\"fetched\": {}, \"imported\": {}}");
    assert_sql("SELECT count(*) FROM project_import_data", "0");
    g_autofree char *pushed = private_gitlab_redis("LRANGE", QUEUE, "0", "-1", NULL);
    g_autofree char *args = g_strdup_printf("\"args\":[%" G_GINT64_FORMAT
                                            ",{\"user_mapping_enabled\":true,\"notify_group_owners\":false,"
                                            "\"safe_import_url\":\"https://github.com/acme/rocket.git\"}]",
                                            fixture->project_id);
    assert_non_null(strstr(pushed, args));
}

static void failing_a_completed_import_only_notes_the_error(void **state)
{
    const Fixture *fixture = *state;
    set_state("finished", "");
    assert_true(import_state_fail(fixture->session, fixture->project_id, "late", NULL));
    assert_sql(STATUS_SQL, "finished||late|{}");
    assert_sql("SELECT count(*) FROM project_import_data", "1");
    assert_redis("0", "LLEN", QUEUE);
}

static void changes_of_the_state_reach_the_import_page(void **state)
{
    const Fixture *fixture = *state;
    gboolean started;
    assert_true(import_state_start(fixture->session, fixture->project_id, &started, NULL));
    assert_ttl("etag:/import/github/realtime_changes.json", 1200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_project_is_read_with_its_root_namespace),
        TEST(a_personal_project_has_an_owner),
        TEST(no_project_is_no_error),
        TEST(import_data_has_token_and_settings),
        TEST(import_data_tells_of_extended_events),
        TEST(import_data_without_settings_has_gitlabs_defaults),
        TEST(no_import_data_is_no_error_but_a_wrong_key_is),
        TEST(starts_only_when_scheduled),
        TEST(the_async_jid_replaces_only_the_own_jid),
        TEST(the_async_jid_waits_for_the_pushers_jid),
        TEST(without_any_jid_the_async_jid_is_written_at_last),
        TEST(refreshing_renews_the_status_key),
        TEST(finishing_clears_what_the_import_needed),
        TEST(finishing_is_refused_unless_started),
        TEST(failing_keeps_the_jid_and_masks_credentials),
        TEST(failing_a_completed_import_only_notes_the_error),
        TEST(changes_of_the_state_reach_the_import_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
