/* Stage::FinishImportWorker: every effect of Project#after_import and of the state's transition, once,
 * however often the job is executed. The project's repository is the spec's own. */
#include "importers/git/branch_names.h"
#include "importers/git/default_branch.h"
#include "importers/git/prohibited_references.h"
#include "importers/git/repository.h"
#include "importers/registry.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"
#include "spec/support/object_import.h"

#define CLASS "Gitlab::GithubImport::Stage::FinishImportWorker"
#define CACHE "cache:gitlab:"

/* Settings of default branches. */
#define LEVEL(level) "[{\"access_level\":" #level "}]"
#define PROTECTION(push, merge, forced)                                                                      \
    "{\"allowed_to_push\":" push ",\"allowed_to_merge\":" merge ",\"allow_force_push\":" forced "}"

static struct {
    const char *default_branch; /* NULL: there is no repository */
    gboolean fails;             /* when it is asked for the default branch */
    guint prohibited_removed;
} git;

gboolean __wrap_git_default_branch(Session *session, const Project *project, char **branch, GError **error);
gboolean __wrap_git_default_branch(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Project *project,
                                   char **branch, GError **error)
{
    *branch = git.fails ? NULL : g_strdup(git.default_branch);
    if (git.fails)
        g_set_error_literal(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE, "no storage");
    return !git.fails;
}

GPtrArray *__wrap_git_branch_names(Session *session, const Project *project, GError **error);
GPtrArray *__wrap_git_branch_names(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Project *project,
                                   G_GNUC_UNUSED GError **error)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; git.default_branch && i < 1500; i++)
        g_ptr_array_add(names, g_strdup_printf("topic/%u", i));
    return names;
}

gboolean __wrap_git_remove_prohibited_references(Session *session, const Project *project, GError **error);
gboolean __wrap_git_remove_prohibited_references(G_GNUC_UNUSED Session *session,
                                                 G_GNUC_UNUSED const Project *project,
                                                 G_GNUC_UNUSED GError **error)
{
    git.prohibited_removed++;
    return TRUE;
}

typedef struct Finish {
    WorkerRegistry *registry;
    Schema *schema;
    Session *session;
    gint64 project_id;
} Finish;

static int set_up(void **state)
{
    Finish *finish = g_new0(Finish, 1);
    const WorkerClass *tables[] = {importers_registry};
    log_configure(-1, LOG_FATAL);
    git.default_branch = "main";
    git.prohibited_removed = 0;
    git.fails = FALSE;
    private_gitlab_reset();
    private_gitlab_configuration()->receipts = TRUE;
    finish->registry = worker_registry_new(tables, 1);
    finish->project_id = object_import_create_project("{}");
    finish->session = session_new(private_gitlab_configuration(), finish->registry, NULL, NULL);
    assert_true(receipts_install(session_database(finish->session), NULL));
    finish->schema = schema_read(session_database(finish->session), NULL);
    finish->session->schema = finish->schema;
    *state = finish;
    return 0;
}

static int tear_down(void **state)
{
    Finish *finish = *state;
    g_autofree char *dropped =
        private_gitlab_sql("SET client_min_messages = error; DROP SCHEMA IF EXISTS hubferry CASCADE");
    session_free(finish->session);
    schema_free(finish->schema);
    worker_registry_free(finish->registry);
    g_free(finish);
    return 0;
}

/* NULL: it went well. (transfer full) */
static GError *perform_job(const Finish *finish)
{
    GError *error = NULL;
    g_autofree char *raw = g_strdup_printf(
        "{\"class\":\"" CLASS "\",\"args\":[%" G_GINT64_FORMAT "],\"jid\":\"0123456789abcdef01234567\","
        "\"queue\":\"github_importer\",\"retry\":6,\"correlation_id\":\"spec\"}",
        finish->project_id);
    g_autoptr(Job) job = job_parse(raw, strlen(raw), "github_importer", &error);
    assert_no_error(error);
    finish->session->worker = worker_registry_find(finish->registry, CLASS);
    session_begin_job(finish->session, job);
    finish_import_perform(finish->session, job, &error);
    session_end_job(finish->session);
    return error;
}

static void perform(const Finish *finish)
{
    g_autoptr(GError) error = perform_job(finish);
    assert_no_error(error);
}

/* "CLASS ARGS" of all jobs that wait for Ruby, in the order in which they were pushed. (transfer full) */
static char *pushed_jobs(const Finish *finish)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, finish->project_id);
    g_autofree char *list = private_gitlab_redis("LRANGE", "queue:default", "0", "-1", NULL);
    g_auto(GStrv) payloads = g_strsplit(list, "\n", -1);
    g_autoptr(GString) jobs = g_string_new(NULL);
    for (guint i = g_strv_length(payloads); i-- > 0;) {
        g_autoptr(json_t) job = json_parse(payloads[i], strlen(payloads[i]), NULL);
        g_autofree char *args = json_dump(json_object_get(job, "args"));
        g_auto(GStrv) without_id = g_strsplit(args, id, 2);
        g_autofree char *text = g_strjoinv("ID", without_id);
        g_string_append_printf(jobs, "%s %s\n", json_string_field(job, "class"), text);
    }
    return g_string_free(g_steal_pointer(&jobs), FALSE);
}

static void set_instance_protection(const char *settings)
{
    g_autofree char *sql = g_strdup_printf(
        "UPDATE application_settings SET default_branch_protection_defaults = '%s'", settings);
    g_autofree char *changed = private_gitlab_sql(sql);
}

/* "NAME PUSH MERGE FORCE" of each rule. */
static void assert_rules(const char *expected)
{
    assert_sql("SELECT name, l.access_level, m.access_level, allow_force_push FROM protected_branches b"
               " LEFT JOIN protected_branch_push_access_levels l ON l.protected_branch_id = b.id"
               " LEFT JOIN protected_branch_merge_access_levels m ON m.protected_branch_id = b.id"
               " ORDER BY b.id",
               expected);
}

/* --- the import's end --- */

static void the_import_has_finished(void **state)
{
    g_autofree char *set = private_gitlab_sql("UPDATE project_mirror_data SET jid = 'async-import/7'");
    g_autofree char *alive = private_gitlab_redis("SET", "gitlab-sidekiq-status:async-import/7", "1", NULL);
    perform(*state);
    assert_sql("SELECT status, jid, checksums FROM project_mirror_data",
               "finished||{\"fetched\": {}, \"imported\": {}}");
    assert_sql("SELECT count(*) FROM project_import_data", "0");
    assert_redis("0", "EXISTS", "gitlab-sidekiq-status:async-import/7");
}

static void an_error_of_an_earlier_import_is_forgotten(void **state)
{
    g_autofree char *set = private_gitlab_sql("UPDATE project_mirror_data SET last_error = 'refused'");
    perform(*state);
    assert_sql("SELECT last_error IS NULL FROM project_mirror_data", "t");
}

#define JOBS                                                                                                 \
    "DetectRepositoryLanguagesWorker [ID]\n"                                                                 \
    "ProjectCacheWorker [ID,[],[\"repository_size\",\"wiki_size\"]]\n"                                       \
    "AuthorizedProjectUpdate::ProjectRecalculateWorker [ID]\n"                                               \
    "ProjectCacheWorker [ID,[],[\"commit_count\"]]\n"                                                        \
    "%s"                                                                                                     \
    "ProjectCacheWorker [ID]\n"                                                                              \
    "Projects::AfterImportWorker [ID]\n"                                                                     \
    "Projects::ImportExport::ImportCompletionNotificationWorker [ID,{\"user_mapping_enabled\":true,"         \
    "\"notify_group_owners\":true,\"safe_import_url\":\"https://github.com/acme/rocket.git\"}]\n"

static void assert_jobs(const Finish *finish, const char *others)
{
    g_autofree char *expected = g_strdup_printf(JOBS, others);
    g_autofree char *jobs = pushed_jobs(finish);
    assert_string_equal(jobs, expected);
}

static void jobs_for_ruby_are_pushed(void **state)
{
    perform(*state);
    assert_jobs(*state, "");
}

static void a_job_that_is_executed_again_pushes_nothing_again(void **state)
{
    perform(*state);
    perform(*state);
    assert_jobs(*state, "");
    assert_rules("main|40|40|f");
}

static void a_job_that_fails_half_way_goes_on_where_it_was(void **state)
{
    git.fails = TRUE;
    g_autoptr(GError) error = perform_job(*state);
    assert_true(g_error_matches(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE));
    assert_sql("SELECT status FROM project_mirror_data", "started");
    git.fails = FALSE;
    perform(*state);
    assert_sql("SELECT status FROM project_mirror_data", "finished");
    assert_jobs(*state, "");
}

static void a_canceled_import_stays_as_it_is(void **state)
{
    g_autofree char *canceled = private_gitlab_sql("UPDATE project_mirror_data SET status = 'canceled'");
    perform(*state);
    assert_sql("SELECT status FROM project_mirror_data", "canceled");
    assert_redis("0", "LLEN", "queue:default");
    assert_rules("");
    assert_int_equal(git.prohibited_removed, 0);
}

static void internal_ids_are_deleted_but_those_of_issues(void **state)
{
    const Finish *finish = *state;
    private_gitlab_integer("INSERT INTO internal_ids (project_id, usage, last_value)"
                           " VALUES (%" G_GINT64_FORMAT ", 1, 12) RETURNING id",
                           finish->project_id);
    private_gitlab_integer("INSERT INTO internal_ids (namespace_id, usage, last_value)"
                           " SELECT project_namespace_id, 0, 14 FROM projects RETURNING id");
    perform(finish);
    assert_sql("SELECT usage, last_value FROM internal_ids", "0|14");
}

/* --- the repository --- */

static void prohibited_refs_are_removed(void **state)
{
    perform(*state);
    assert_int_equal(git.prohibited_removed, 1);
}

static void set_key(const Finish *finish, const char *before_id, const char *after_id)
{
    g_autofree char *key =
        g_strdup_printf("%s%" G_GINT64_FORMAT "%s", before_id, finish->project_id, after_id);
    g_autofree char *set = private_gitlab_redis("SET", key, "stale", NULL);
}

static void assert_no_key_is_left(void)
{
    assert_redis("", "KEYS", "*imports/rocket*");
}

static void caches_of_the_repository_and_the_wiki_are_forgotten(void **state)
{
    static const char *const methods[] = {"exists?", "root_ref",    "branch_names",  "has_visible_content?",
                                          "size",    "readme_path", "license_gitaly"};
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *key = g_strconcat(CACHE, methods[i], ":imports/rocket:", NULL);
        set_key(*state, key, "");
    }
    set_key(*state, CACHE "branch_names:imports/rocket:", ":set");
    set_key(*state, CACHE "tag_names:imports/rocket:", ":set");
    set_key(*state, "branch_names:imports/rocket:", ":set");
    set_key(*state, "merged_branch_names:imports/rocket:", ":hash");
    set_key(*state, CACHE "exists?:imports/rocket.wiki:", "");
    set_key(*state, CACHE "branch_names:imports/rocket.wiki:", ":set");
    perform(*state);
    assert_no_key_is_left();
}

static void caches_of_every_branch_are_forgotten(void **state)
{
    set_key(*state, CACHE "diverging_commit_counts_topic/0:imports/rocket:", "");
    set_key(*state, CACHE "commit_count_topic/1499:imports/rocket:", "");
    perform(*state);
    assert_no_key_is_left();
}

static void caches_of_other_projects_stay(void **state)
{
    g_autofree char *set = private_gitlab_redis("SET", CACHE "exists?:imports/other:1", "1", NULL);
    perform(*state);
    assert_redis("1", "EXISTS", CACHE "exists?:imports/other:1");
}

static void counts_of_open_issues_and_merge_requests_are_forgotten(void **state)
{
    set_key(*state, CACHE "projects/count_service/1/", "/public_open_issues_count");
    set_key(*state, CACHE "projects/count_service/1/", "/total_open_issues_count");
    set_key(*state, CACHE "projects/count_service/1/", "/open_merge_requests_count");
    set_key(*state, CACHE "projects/count_service/1/", "/forks_count");
    perform(*state);
    g_autofree char *left = private_gitlab_redis("KEYS", CACHE "projects/*", NULL);
    assert_true(g_str_has_suffix(left, "/forks_count"));
    assert_null(strchr(left, '\n'));
}

static void a_repository_of_a_pool_joins_it(void **state)
{
    g_autofree char *pool = private_gitlab_sql(
        "SET session_replication_role = replica; UPDATE projects SET pool_repository_id = 7");
    perform(*state);
    assert_jobs(*state, "ObjectPool::JoinWorker [7,ID]\n");
}

static void html_of_the_description_is_made_anew(void **state)
{
    g_autofree char *set = private_gitlab_sql(
        "UPDATE projects SET description = '#1', description_html = '#1', cached_markdown_version = 9");
    perform(*state);
    assert_sql("SELECT description, description_html, cached_markdown_version FROM projects", "#1||");
}

/* --- the default branch --- */

static void the_default_branch_is_protected(void **state)
{
    perform(*state);
    assert_rules("main|40|40|f");
    assert_sql("SELECT b.project_id = p.id, b.namespace_id, code_owner_approval_required,"
               " b.updated_at = p.updated_at FROM protected_branches b, projects p",
               "t||f|t");
}

static void a_repository_without_branches_has_nothing_to_protect(void **state)
{
    git.default_branch = NULL;
    perform(*state);
    assert_rules("");
    assert_sql("SELECT status FROM project_mirror_data", "finished");
}

static void levels_are_those_of_the_instance(void **state)
{
    set_instance_protection(PROTECTION(LEVEL(30), LEVEL(0), "true"));
    perform(*state);
    assert_rules("main|30|0|t");
}

static void nobody_comes_before_developers_and_they_before_maintainers(void **state)
{
    set_instance_protection(PROTECTION("[{\"access_level\":30},{\"access_level\":0}]",
                                       "[{\"access_level\":40},{\"access_level\":30}]", "false"));
    perform(*state);
    assert_rules("main|0|30|f");
}

static void a_list_without_any_of_them_leaves_administrators(void **state)
{
    set_instance_protection(PROTECTION(LEVEL(60), "[]", "false"));
    perform(*state);
    assert_rules("main|60|60|f");
}

static void the_group_has_the_first_word(void **state)
{
    set_instance_protection(PROTECTION(LEVEL(40), LEVEL(40), "false"));
    g_autofree char *set =
        private_gitlab_sql("UPDATE namespace_settings SET default_branch_protection_defaults = '" PROTECTION(
            LEVEL(30), LEVEL(30), "false") "' WHERE namespace_id = (SELECT namespace_id FROM projects)");
    perform(*state);
    assert_rules("main|30|30|f");
}

static void where_developers_may_do_everything_there_is_no_rule(void **state)
{
    set_instance_protection(PROTECTION(LEVEL(30), LEVEL(30), "true"));
    perform(*state);
    assert_rules("");
}

static void a_rule_of_the_import_or_with_a_wildcard_is_enough(void **state)
{
    const Finish *finish = *state;
    private_gitlab_integer("INSERT INTO protected_branches (project_id, name, allow_force_push, created_at,"
                           " updated_at) VALUES (%" G_GINT64_FORMAT
                           ", 'ma*', true, now(), now()) RETURNING id",
                           finish->project_id);
    perform(finish);
    assert_rules("ma*|||t");
}

static void ruby_asks_anew_which_branches_are_protected(void **state)
{
    set_key(*state, CACHE "protected_branch:project:", "");
    perform(*state);
    assert_redis("", "KEYS", CACHE "protected_branch:*");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_import_has_finished),
        TEST(an_error_of_an_earlier_import_is_forgotten),
        TEST(jobs_for_ruby_are_pushed),
        TEST(a_job_that_is_executed_again_pushes_nothing_again),
        TEST(a_job_that_fails_half_way_goes_on_where_it_was),
        TEST(a_canceled_import_stays_as_it_is),
        TEST(internal_ids_are_deleted_but_those_of_issues),
        TEST(prohibited_refs_are_removed),
        TEST(caches_of_the_repository_and_the_wiki_are_forgotten),
        TEST(caches_of_every_branch_are_forgotten),
        TEST(caches_of_other_projects_stay),
        TEST(counts_of_open_issues_and_merge_requests_are_forgotten),
        TEST(a_repository_of_a_pool_joins_it),
        TEST(html_of_the_description_is_made_anew),
        TEST(the_default_branch_is_protected),
        TEST(a_repository_without_branches_has_nothing_to_protect),
        TEST(levels_are_those_of_the_instance),
        TEST(nobody_comes_before_developers_and_they_before_maintainers),
        TEST(a_list_without_any_of_them_leaves_administrators),
        TEST(the_group_has_the_first_word),
        TEST(where_developers_may_do_everything_there_is_no_rule),
        TEST(a_rule_of_the_import_or_with_a_wildcard_is_enough),
        TEST(ruby_asks_anew_which_branches_are_protected),
    };
    return cmocka_run_group_tests_name("finish_import", tests, NULL, NULL);
}
